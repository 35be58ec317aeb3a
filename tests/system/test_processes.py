"""The stages as processes of their own, started one by one against the same servers."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import asyncpg
import pytest

from stonks.supervisor import Supervisor
from tests.system.replaying import Span, empty_database, replayed

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
    alone, together = await empty_database(servers, "alone"), await empty_database(servers, "together")
    async with replayed(alone, str(servers.redis_url), tmp_path / "alone", span=SPAN) as (_, summary):
        pass
    environment = {
        "PATH": "/usr/bin:/bin",
        "STONKS_DATABASE_URL": together,
        "STONKS_REDIS_URL": str(servers.redis_url),
        "STONKS_DATA_DIR": str(tmp_path / "together"),
    }

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
        codes = [(await worker.communicate(), worker.returncode)[1] for worker in workers]

    assert driver.returncode == 0, complaints.decode()
    assert codes == [0] * len(STAGES)
    assert json.loads(printed)["summary"]["digest"] == summary.digest
    assert await facts(together) == await facts(alone)
