"""What is loaded before it is used: nothing heavy, so that a worker starts at once."""

import subprocess
import sys
from pathlib import Path

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


WORK = """
import asyncio, sys
from datetime import date
from stonks.adapters.lake import open_lake
from stonks.model.company import Company
from stonks.runtime.pool import ChildPool
from stonks.stages.extractor.worker import Extractor
from stonks.stages.parser.core.reader import packed, read
from stonks.stages.parser.worker import Parser
from tests.fakes.extractions import make_document

async def main():
    page = "<html><body><p>" + "Boeing delivered 45 jets in March, it said on Tuesday. " * 9 + "</p></body></html>"
    document = make_document(content_type="text/html")
    async with ChildPool.opened() as pool:
        await open_lake("file://" + sys.argv[1], pool).publish("fills", date(2025, 4, 9), [])
        universe = packed([Company(ticker="BA", name="Boeing")])
        found = await pool.run(read, document, page.encode(), universe)
    assert found.parsed.mentions, found
    print(*(name for name in sys.modules if "." not in name))

asyncio.run(main())
"""


def test_a_process_that_has_pages_read_and_facts_written_loads_what_that_needs_in_the_pool_alone(
    root: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WORK, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert run.stderr == ""
    assert (HEAVY | {"lxml", "resiliparse", "py3langid"}) & set(run.stdout.split()) == set()
