"""The stages as processes of their own, started one by one against the same servers."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from stonks.supervisor import Supervisor
from tests.system.debian import debian_servers
from tests.system.replaying import Span, Urls, empty_database, replayed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONCE = "scheduler ingestion extractor aggregation recommendation trading broker lake_publisher notifications".split()
STAGES = ["parser", "parser", *ONCE]
DAYS = ("2025-04-16", "2025-04-17")
SPAN = Span.of_days(*DAYS)
FACTS = {
    "documents": "SELECT id, status, status_reason, story_cluster_id FROM documents ORDER BY id",
    "signals": "SELECT id, direction, strength, confidence, novelty FROM signals ORDER BY id",
    "decisions": "SELECT id, verdict, primary_reason, quantity FROM trading_decisions ORDER BY id",
}


async def start(*arguments: str, environment: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stonks", *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )


async def facts(url: str) -> dict[str, list[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    try:
        return {name: await connection.fetch(query) for name, query in FACTS.items()}
    finally:
        await connection.close()


async def test_two_parsers_and_one_process_for_each_other_stage_finish_with_the_same_facts(
    servers: Supervisor, tmp_path: Path
) -> None:
    await compare(Urls.of(servers), Urls.of(servers), tmp_path)


@pytest.mark.external
async def test_on_debians_servers_the_facts_are_those_of_the_embedded_ones(servers: Supervisor, tmp_path: Path) -> None:
    with TemporaryDirectory() as directory:
        async with debian_servers(Path(directory)) as external:
            await compare(Urls.of(servers), external, tmp_path)


async def compare(here: Urls, there: Urls, directory: Path) -> None:
    """Replay in this process on some servers, in many on others, and find the same."""
    alone, together = await empty_database(here, "alone"), await empty_database(there, "together")
    async with replayed(alone, here.redis, directory / "alone", span=SPAN) as (_, summary):
        pass
    environment = {
        "PATH": "/usr/bin:/bin",
        "STONKS_DATABASE_URL": together,
        "STONKS_REDIS_URL": there.redis,
        "STONKS_DATA_DIR": str(directory / "together"),
    }

    digest = await played_by_processes(environment)

    assert digest == summary.digest
    assert await facts(together) == await facts(alone)


async def played_by_processes(environment: dict[str, str]) -> str:
    """Start a driver and a process a stage, wait for the driver, stop the rest; return the digest it prints."""
    span = ("--from", DAYS[0], "--to", DAYS[1], "--data", environment["STONKS_DATA_DIR"])
    driver = await start("replay", "--drive-only", "--exit", "--json", *span, environment=environment)
    workers = [await start("work", stage, environment=environment) for stage in STAGES]
    try:
        async with asyncio.timeout(120):
            printed, complaints = await driver.communicate()
    finally:
        for process in (driver, *workers):
            if process.returncode is None:
                process.terminate()
        ends = [(await worker.communicate(), worker.returncode) for worker in workers]
    assert driver.returncode == 0, complaints.decode()
    assert [code for _, code in ends] == [0] * len(STAGES), ends
    return str(json.loads(printed)["summary"]["digest"])
