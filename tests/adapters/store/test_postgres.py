import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from stonks.adapters.store import open_store
from stonks.adapters.store.postgres import PostgresStore, translated
from stonks.model.errors import Conflict, Malformed, Refused, Unreachable

NOW = datetime(2025, 4, 1, tzinfo=UTC)


async def test_a_failed_block_leaves_nothing_behind(store: PostgresStore) -> None:
    async def interrupted() -> None:
        async with store.transaction() as transaction:
            await transaction.run("replay.polled", stage="trading", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await interrupted()

    assert await store.value("replay.polled_at", stage="trading") is None


async def test_a_finished_block_stays(store: PostgresStore) -> None:
    async with store.transaction() as transaction:
        touched = await transaction.run("replay.polled", stage="trading", now=NOW)

    assert touched == 1
    assert await store.value("replay.polled_at", stage="trading") == NOW


async def test_a_notification_is_heard_once(store: PostgresStore, database_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async with store.listen("stonks_clock", lambda *event: heard.put_nowait(event[3])):
        connection = await asyncpg.connect(database_url)
        await connection.execute("SELECT pg_notify('stonks_clock', 'tick')")
        await connection.close()
        assert await asyncio.wait_for(heard.get(), timeout=5) == "tick"

    assert heard.empty()


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        async with open_store(f"postgresql://nobody@/none?host={tmp_path}"):
            pass


@pytest.mark.parametrize(
    ("driver", "ours"),
    [
        (asyncpg.DeadlockDetectedError("x"), Conflict),
        (asyncpg.UniqueViolationError("x"), Conflict),
        (asyncpg.CheckViolationError("x"), Refused),
        (asyncpg.InvalidTextRepresentationError("x"), Malformed),
        (asyncpg.DiskFullError("x"), Unreachable),
        (asyncpg.ReadOnlySQLTransactionError("x"), Unreachable),
        (ConnectionResetError("x"), Unreachable),
    ],
)
def test_a_driver_error_leaves_as_one_of_ours(driver: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours), translated("noun.verb"):
        raise driver
