"""Each import contract holds on the package as it is, and breaks when somebody breaks it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

VIOLATIONS = {
    "rungs": {"model/violation.py": "import stonks.ports\n"},
    "stages": {"stages/parser/violation.py": "import stonks.stages.extractor\n"},
    "adapters": {"adapters/queue/violation.py": "import stonks.adapters.store\n"},
    "composition": {"api/violation.py": "import stonks.stages.parser\n"},
    "pure": {"risk/violation.py": "import time\n"},
    "cycles": {
        "replay/violation.py": "import stonks.replay.other\n",
        "replay/other.py": "import stonks.replay.violation\n",
    },
}


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of the package that may be spoilt."""
    shutil.copytree(root / "src" / "stonks", tmp_path / "stonks", ignore=shutil.ignore_patterns("static", "tapes"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(copy: Path, contract: str) -> tuple[int, str]:
    """Exit code and words of import-linter on the copy."""
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    argv = [sys.executable, "-c", code, "--no-cache", "--no-logo", "--config", "pyproject.toml", "--contract", contract]
    run = subprocess.run(argv, cwd=copy, capture_output=True, text=True, check=False)
    return run.returncode, re.sub(r"\s+", " ", run.stdout)


def test_every_contract_has_its_violation(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["id"] for contract in settings["contracts"]} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_deliberate_violation_breaks_the_contract(copy: Path, contract: str) -> None:
    for name, text in VIOLATIONS[contract].items():
        file = copy / "stonks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    code, words = lint(copy, contract)
    assert code == 1
    assert "Contracts: 0 kept, 1 broken." in words
    assert "violation" in words


def test_a_package_on_no_rung_breaks_the_rungs(copy: Path) -> None:
    (copy / "stonks" / "violation").mkdir()
    (copy / "stonks" / "violation" / "__init__.py").touch()
    code, words = lint(copy, "rungs")
    assert code == 1
    assert "stonks.violation" in words


@pytest.mark.parametrize("pure", ["stages/parser/core.py", "model/violation.py"])
def test_a_core_that_reaches_input_through_another_module_is_not_pure(copy: Path, pure: str) -> None:
    (copy / "stonks" / "risk" / "other.py").write_text("import socket\n")
    (copy / "stonks" / pure).write_text("import stonks.risk.other\n")
    assert lint(copy, "pure")[0] == 1
