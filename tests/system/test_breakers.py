"""Breakers, the halt flag, the day's start and the account's best outlive whatever is killed or wiped (P9)."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from stonks.adapters.queue import open_queue
from stonks.adapters.store import migrate, open_store
from stonks.ports.store import Store
from stonks.supervisor import Supervisor
from tests.fakes.floor import TODAY, TradingFloor, three_stocks
from tests.fakes.rows import open_database
from tests.fakes.work import FakeWork
from tests.system.counting import clerk_on
from tests.system.replaying import Urls, empty_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
KEPT = {
    "breakers": "SELECT * FROM breakers ORDER BY scope, kind",
    "state": "SELECT account, state, reason, day, day_start_equity, high_water_mark FROM trading_state",
}
SHOWN = "stonks:trading:circuit_breaker:*"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fragile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    """Servers that no other test uses."""
    async with Supervisor.start(tmp_path_factory.mktemp("breakers"), postgres=True, valkey=True) as servers:
        yield servers


async def kept(database_url: str) -> dict[str, list[dict[str, Any]]]:
    async with open_database(database_url) as database:
        return {name: await database.rows(query) for name, query in KEPT.items()}


async def trip(store: Store, database_url: str) -> None:
    """Open breakers by a fall, a ticker's by hand, and halt the account."""
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        await floor.book(TODAY.opens_at)
        await database.rows("UPDATE trading_state SET high_water_mark = 120000, day_start_equity = 110000")
        await database.rows("UPDATE trading_state SET counted_cursor = 'none'")
        await floor.book(TODAY.opens_at + timedelta(seconds=30))
        row = {"scope": "ticker:JPM", "kind": "LOW_PROFIT", "state": "open", "opened_at": TODAY.opens_at}
        await database.insert("breakers", row | {"changed_at": TODAY.opens_at, "observed": -5.0, "limit_": 0.0})
        await database.rows("UPDATE trading_state SET state = 'halted', reason = 'a test'")


async def counting(database: str, redis: str, minutes: int) -> Process:
    """Start a process that counts, and return it once it has counted so often."""
    command = (sys.executable, "-m", "tests.system.counting", database, redis)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    for _ in range(minutes):
        assert await process.stdout.readline(), "it ended by itself"
    return process


async def kill(process: Process) -> None:
    process.kill()
    await process.communicate()


async def test_what_stops_trading_outlives_a_wiped_redis_and_kills_of_worker_and_server(fragile: Supervisor) -> None:
    urls = Urls.of(fragile)
    database = await empty_database(urls, "breakers")
    await migrate(database)
    async with open_store(database) as store:
        await trip(store, database)
    before = await kept(database)
    assert {row["kind"] for row in before["breakers"]} >= {"DAILY_LOSS", "DAILY_FLATTEN", "DRAWDOWN", "LOW_PROFIT"}
    assert before["state"][0]["state"] == "halted"

    async with Redis.from_url(urls.redis, decode_responses=True) as redis:
        worker = await counting(database, urls.redis, 3)
        await kill(worker)
        after_a_worker = await kept(database)
        await redis.flushall()
        wiped, after_a_wipe = await redis.keys(SHOWN), await kept(database)
        os.kill(fragile.pids["PostgreSQL"], signal.SIGKILL)
        after_a_server = await asked_again(database)
        async with open_store(database) as store, open_queue(urls.redis) as queue:
            work = FakeWork[None](store, None, TODAY.opens_at + timedelta(hours=3))
            await clerk_on(store, queue).poll(work)
        shown = {key: await redis.get(key) for key in await redis.keys(SHOWN)}

    assert after_a_worker == after_a_wipe == after_a_server == before
    assert wiped == []
    assert shown == {
        f"stonks:trading:circuit_breaker:{row['scope']}:{row['kind']}": row["state"] for row in before["breakers"]
    }
    assert await kept(database) == before


async def asked_again(database: str) -> dict[str, list[dict[str, Any]]]:
    """What is kept, once the server that was killed is back."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await kept(database)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.1)
