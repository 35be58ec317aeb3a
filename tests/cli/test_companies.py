"""What ``stonks companies`` does and prints."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from stonks.cli.companies import companies_as_text
from stonks.model.company import Company
from tests.fakes.rows import Database, open_database

NOW = datetime(2025, 4, 1, tzinfo=UTC)
Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def stonks_companies(database_url: str, redis_url: str, tmp_path: Path) -> Command:
    urls = {"STONKS_DATABASE_URL": database_url, "STONKS_REDIS_URL": redis_url}
    environment = {"PATH": "/usr/bin:/bin", "STONKS_DATA_DIR": str(tmp_path), **urls}

    async def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "stonks", "companies", *arguments]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=STDOUT)
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    return run


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_the_sp500_is_followed_by_one_command_and_grows_by_one_more(stonks_companies: Command) -> None:
    imported = await stonks_companies("import")
    again = await stonks_companies("import")
    added = await stonks_companies("add", "shop", "--name", "Shopify", "--alias", "Shop Pay", "--cik", "1594805")
    changed = await stonks_companies("add", "BA", "--alias", "Boeing Defense", "--page", "https://example.com/news")
    listed = {one["ticker"]: one for one in json.loads((await stonks_companies("list", "--json"))[1])}

    assert imported == (0, "503 companies added, 0 brought up to date\n")
    assert again == (0, "0 companies added, 503 brought up to date\n")
    assert added == (0, "SHOP (Shopify) is followed\n")
    assert changed == (0, "BA (Boeing) is followed already; what is known of it was brought up to date\n")
    assert len(listed) == 504
    assert (listed["SHOP"]["cik"], listed["SHOP"]["aliases"]) == ("0001594805", ["Shop Pay"])
    assert listed["BA"]["aliases"][-1] == "Boeing Defense"
    assert (listed["BA"]["sector"], listed["BA"]["pages"]) == ("Industrials", ["https://example.com/news"])


async def test_a_company_of_the_sp500_needs_no_more_than_its_ticker(
    stonks_companies: Command, database: Database
) -> None:
    await stonks_companies("add", "GM")
    await stonks_companies("add", "F")

    rows = await database.rows("SELECT src, dst, relation FROM company_edges ORDER BY src")
    assert rows == [
        {"src": "F", "dst": "GM", "relation": "sub_industry"},
        {"src": "GM", "dst": "F", "relation": "sub_industry"},
    ]


async def test_a_file_of_relations_counts_once_and_only_for_those_who_are_followed(
    stonks_companies: Command, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "edges.csv"
    file.write_text("src,dst,relation\nF,BA,customer\n")
    for ticker in ("F", "BA"):
        await stonks_companies("add", ticker)

    printed = [await stonks_companies("edges", str(file)) for _ in range(2)]
    file.write_text("src,dst,relation\nF,ZZZ,customer\n")
    stranger = await stonks_companies("edges", str(file))

    assert printed == [(0, "2 relations added\n"), (0, "0 relations added\n")]
    assert stranger[0] != 0
    assert "ZZZ: not followed" in stranger[1]
    rows = await database.rows("SELECT src, dst, relation, source FROM company_edges ORDER BY src")
    assert [tuple(row.values()) for row in rows] == [("BA", "F", "supplier", "user"), ("F", "BA", "customer", "user")]


async def test_a_file_is_followed_as_it_is(stonks_companies: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("ticker,name,aliases\nshop,Shopify,Shop Pay|Shop\nBRK.B,Berkshire Hathaway,\n")

    assert await stonks_companies("import", str(file)) == (0, "2 companies added, 0 brought up to date\n")
    assert (await stonks_companies("list"))[1].splitlines()[2].split() == [
        "SHOP",
        "Shopify",
        "-",
        "Unknown",
        "Shop",
        "Pay,",
        "Shop",
    ]


async def test_what_cannot_be_followed_is_refused_in_a_sentence(
    stonks_companies: Command, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text("ticker,name\nBA,Boeing\nSHOP,")

    assert "give its name with --name" in (await stonks_companies("add", "SHOP"))[1]
    assert "line 3: SHOP has no name" in (await stonks_companies("import", str(tmp_path / "mine.csv")))[1]
    assert await database.value("SELECT count(*) FROM companies") == 0
    await database.insert(
        "replay_clock", {"tape": "april", "starts_at": NOW, "ends_at": NOW, "now": NOW, "stage": "waiting"}
    )

    code, printed = await stonks_companies("add", "BA")

    assert code == 1
    assert "this database holds a replay of april, which brings its own companies" in " ".join(printed.split())


def test_a_company_is_a_line_that_fits() -> None:
    company = Company(ticker="BA", name="Boeing\x1b[2J" + "g" * 40, sector="Industrials", aliases=("a" * 90,))

    head, line = companies_as_text([company]).splitlines()

    assert head.split() == ["ticker", "name", "CIK", "sector", "aliases"]
    assert len(line) == 100
    assert line.startswith("BA      Boeing\\x1b[2J")


def test_nobody_followed_is_said_so() -> None:
    assert companies_as_text([]) == "no company is followed: see stonks companies import"
