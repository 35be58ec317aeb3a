"""What is loaded before it is used: nothing heavy, so that a worker starts at once."""

import subprocess
import sys

HEAVY = {"boto3", "duckdb", "exchange_calendars", "pandas", "polars", "pyarrow", "trafilatura"}

IMPORT_ALL = """
import importlib, pkgutil, sys
import stonks
for module in pkgutil.walk_packages(stonks.__path__, "stonks."):
    if module.name != "stonks.__main__":
        importlib.import_module(module.name)
print(*(name for name in sys.modules if "." not in name))
"""


def test_importing_every_module_loads_no_heavy_package() -> None:
    run = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert HEAVY & set(run.stdout.split()) == set()


def test_the_command_lists_its_verbs_without_opening_the_pipeline() -> None:
    code = "import sys, stonks.cli; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert loaded & {"asyncpg", "redis", "litestar", "numpy", "stonks.app"} == set()
