"""``stonks up --live``: the whole program as a process, against a web of this machine."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from aiohttp import ClientSession

from stonks.adapters.store import migrate
from stonks.app import open_app, open_live, open_servers
from stonks.model.errors import Refused
from stonks.runtime.clock import SystemClock
from stonks.settings import read_settings
from stonks.supervisor import Supervisor
from tests.fakes.outlets import HTML, OUTLETS, Story, accession
from tests.fakes.web import Site, open_site
from tests.system.replaying import Urls, empty_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE = 60
TALE = (
    "Apple Inc. raised its full-year guidance and increased its dividend by 10 percent after record quarterly results,"
    " the company said on Monday. Demand for the iPhone was stronger than expected in every region."
)
ENDED = "SELECT count(*) FROM documents WHERE status NOT IN ('stored', 'parsed')"
ROWS = (
    "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM signals) AS signals,"
    " (SELECT count(*) FROM document_intelligence) AS readings"
)


def recent_stories() -> list[Story]:
    at = SystemClock().now() - timedelta(hours=9)
    return [Story(f"story-{n}", f"Apple tells story {n}", at + timedelta(minutes=n)) for n in range(3)]


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        told = recent_stories()
        OUTLETS["edgar"].publish(site, told)
        OUTLETS["feed_the_fed"].publish(site, told)
        # Of its three filings the first two stand in a list that is older than what is asked for.
        filing = f"/Archives/edgar/data/320193/{accession(told[2]).replace('-', '')}/main.htm"
        site.answer(filing, f"<html><body><p>{TALE}</p></body></html>", headers=HTML)
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def environment(servers: Supervisor, site: Site, tmp_path: Path) -> dict[str, str]:
    urls = Urls.of(servers)
    url = await empty_database(urls, "live")
    await migrate(url)
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO companies (ticker, name, cik) VALUES ('AAPL', 'Apple Inc.', '0000320193')")
    await connection.close()
    return {
        "PATH": "/usr/bin:/bin",
        "STONKS_DATABASE_URL": url,
        "STONKS_REDIS_URL": urls.redis,
        "STONKS_DATA_DIR": str(tmp_path),
        "STONKS_API_PORT": "0",
        "STONKS_EDGAR_URL": site.base,
        "STONKS_EDGAR_DATA_URL": site.base,
        "STONKS_MACRO_FEEDS": json.dumps({"The Fed": f"{site.base}/feed.xml"}),
    }


async def start(*arguments: str, environment: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stonks", *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )


async def said(*arguments: str, environment: dict[str, str]) -> tuple[int, str, str]:
    """What a verb prints and complains of, and its exit code."""
    process = await start(*arguments, environment=environment)
    printed, complaints = await process.communicate()
    return process.returncode or 0, printed.decode(), complaints.decode()


@asynccontextmanager
async def up(environment: dict[str, str]) -> AsyncIterator[tuple[str, list[str]]]:
    """Run it live, give its address and what it said first, and stop it with SIGTERM."""
    process = await start("up", "--live", environment=environment)
    assert process.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while not lines or not lines[-1].startswith("dashboard"):
                line = (await process.stdout.readline()).decode().strip()
                assert line, await process.communicate()
                lines.append(line)
        yield lines[-1].split()[1], lines
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            _, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def wait_until(connection: "asyncpg.Connection[asyncpg.Record]", question: str, least: int) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while await connection.fetchval(question) < least:  # noqa: ASYNC110 - another process gets there
                await asyncio.sleep(0.2)
    except TimeoutError:
        documents = await connection.fetch("SELECT source, title, status, status_reason FROM documents")
        runs = await connection.fetch("SELECT source, started_at, ended_at, error FROM ingestion_runs")
        raise AssertionError([tuple(row) for row in (*documents, *runs)]) from None


async def ask(address: str, path: str) -> tuple[int, Any]:
    async with ClientSession() as session, session.get(f"{address}{path}") as response:
        return response.status, await response.json()


async def test_without_a_key_filings_and_macro_news_come_through_the_pipeline_once(
    environment: dict[str, str],
) -> None:
    environment["STONKS_EDGAR_CONTACT"] = "Test test@example.com"
    connection = await asyncpg.connect(environment["STONKS_DATABASE_URL"])
    try:
        async with up(environment) as (address, _):
            await wait_until(connection, ENDED, 4)
            await wait_until(connection, "SELECT count(*) FROM trend_windows", 1)
            first = await connection.fetchrow(ROWS)
            ends = await connection.fetch("SELECT source, status FROM documents GROUP BY 1, 2 ORDER BY 1, 2")
            ready, _ = await ask(address, "/readyz")
            _, shell = await ask(address, "/api/v1/ui-config")
        async with up(environment) as _:
            for name in ("edgar", "feed_the_fed"):
                assert (await said("sources", "run", name, environment=environment))[0] == 0
            await wait_until(
                connection,
                "SELECT count(*) FROM (SELECT source FROM ingestion_runs WHERE ended_at IS NOT NULL"
                " AND source <> 'web_scrape' GROUP BY source HAVING count(*) > 1) AS twice",
                2,
            )
            second = await connection.fetchrow(ROWS)
        money = await connection.fetchval("SELECT count(*) FROM orders")
    finally:
        await connection.close()

    assert ready == 200
    assert (shell["mode"], shell["replay"]) == ("PAPER", None)
    assert {tuple(row) for row in ends} <= {
        ("edgar", "extracted"),
        ("edgar", "rejected"),
        ("edgar", "duplicate"),
        ("feed_the_fed", "classified"),
    }
    assert first is not None
    assert first["documents"] == 4
    assert first["signals"] > 0
    assert second == first
    assert money == 0  # no source has brought a price, so that nothing can be bought


async def test_without_a_contact_edgar_is_stopped_with_the_sentence_that_says_why(
    environment: dict[str, str], site: Site
) -> None:
    connection = await asyncpg.connect(environment["STONKS_DATABASE_URL"])
    try:
        async with up(environment) as _:
            await wait_until(connection, ENDED, 3)
            _, printed, _ = await said("sources", "list", environment=environment)
    finally:
        await connection.close()

    assert "edgar  stopped" in printed
    assert "set STONKS_EDGAR_CONTACT to a name and an e-mail" in printed
    assert not [path for path in site.paths() if "edgar" in path or "submissions" in path]


async def test_a_test_of_a_source_stores_nothing(environment: dict[str, str]) -> None:
    code, printed, complaints = await said("sources", "test", "feed_the_fed", environment=environment)
    stopped, _, why = await said("sources", "test", "edgar", environment=environment)

    connection = await asyncpg.connect(environment["STONKS_DATABASE_URL"])
    try:
        stored = await connection.fetchval("SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM sources)")
    finally:
        await connection.close()
    assert code == 0, complaints
    assert "3 documents in 5 answers" in printed
    assert "Apple tells story 0" in printed
    assert (stored, list(Path(environment["STONKS_DATA_DIR"]).glob("objects/*"))) == (0, [])
    assert stopped == 1
    assert "STONKS_EDGAR_CONTACT" in why


async def test_a_replay_and_live_sources_do_not_share_a_database(servers: Supervisor, tmp_path: Path) -> None:
    urls = Urls.of(servers)
    for name, other in (("replayed", "live"), ("lived", "replay")):
        settings = read_settings(
            database_url=await empty_database(urls, name), redis_url=urls.redis, data_dir=tmp_path / name
        )
        live = settings.model_copy(update={"sources_url": "live:"})
        async with open_servers(settings) as running:
            async with open_app(settings, running) if other == "live" else open_live(live, running) as opened:
                assert len(await opened.ports.store.rows(str, "scheduler.tickers")) == (20 if other == "live" else 503)
            with pytest.raises(Refused, match=r"a data directory of its own \(--data\)"):
                async with open_live(live, running) if other == "live" else open_app(settings, running):
                    pass
