import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import pytest_asyncio

from stonks.adapters.store import open_store
from stonks.adapters.store.connection import bound_transactions, patient
from stonks.adapters.store.postgres import PostgresStore
from stonks.adapters.store.translation import translated
from stonks.model.errors import Conflict, Malformed, Refused, Server, SettingError, Unreachable
from stonks.supervisor import Supervisor
from tests.fakes.line import Line

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
    connection = await asyncpg.connect(database_url)

    async with store.listen("stonks_clock") as heard:
        for payload in ("tick", "tock"):
            await connection.execute("SELECT pg_notify('stonks_clock', $1)", payload)
        said = [await asyncio.wait_for(anext(heard), timeout=5) for _ in range(2)]
    await connection.close()

    assert said == ["tick", "tock"]


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        async with open_store(f"postgresql://nobody@/none?host={tmp_path}"):
            pass


async def test_a_url_that_names_no_database_or_makes_no_sense_is_the_users_mistake(database_url: str) -> None:
    for url in (re.sub(r"/\w+\?", "/nowhere?", database_url), "postgresql://here:what/x"):
        with pytest.raises(SettingError, match="STONKS_DATABASE_URL"):
            async with open_store(url):
                pass


# ------------------------------------------------------------------------------------------------ outages


@pytest_asyncio.fixture
async def line(servers: Supervisor) -> AsyncIterator[Line]:
    """A line to PostgreSQL."""
    async with Line.to(socket_of(servers)) as line:
        yield line


def socket_of(servers: Supervisor) -> Path:
    directory = parse_qs(urlsplit(str(servers.database_url)).query)["host"][0]
    return Path(directory) / ".s.PGSQL.5432"


def along(line: Line, database_url: str) -> str:
    """The same database at the end of a line."""
    return f"postgresql://stonks@127.0.0.1:{line.port}{urlsplit(database_url).path}"


async def sleep(store: PostgresStore, count: int) -> None:
    """Use so many connections at a time."""
    await asyncio.gather(*(hold(store) for _ in range(count)))


async def hold(store: PostgresStore) -> None:
    async with store.transaction() as transaction:
        await transaction.value("read_system.ping")
        await asyncio.sleep(0.05)


async def test_a_server_that_falls_silent_is_unreachable_and_takes_every_idle_connection_along(
    line: Line, database_url: str
) -> None:
    async with open_store(along(line, database_url), connections=5, patience=0.3) as store:
        await sleep(store, 5)
        line.cut()
        with pytest.raises(Unreachable, match="no answer in time") as silence:
            await store.value("read_system.ping")
        line.mend()

        await sleep(store, 5)

    assert silence.value.server is Server.POSTGRESQL


async def test_a_transaction_on_a_line_that_is_cut_ends_unreachable_and_writes_nothing(
    line: Line, database_url: str
) -> None:
    async with open_store(along(line, database_url), patience=0.3) as store:

        async def interrupted() -> None:
            async with store.transaction() as transaction:
                await transaction.run("replay.polled", stage="trading", now=NOW)
                line.cut()

        with pytest.raises(Unreachable):
            await interrupted()
        line.mend()

        assert await store.value("replay.polled_at", stage="trading") is None


async def test_a_cancelled_transaction_stays_cancelled_when_its_server_is_gone(line: Line, database_url: str) -> None:
    async with open_store(along(line, database_url), patience=0.3) as store:
        started = asyncio.Event()

        async def wait() -> None:
            async with store.transaction():
                started.set()
                await asyncio.Event().wait()

        waiting = asyncio.create_task(wait())
        await started.wait()
        line.cut()
        waiting.cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_client_that_vanished_before_it_ran_what_it_prepared_keeps_no_lock(
    database_url: str,
) -> None:
    gone = await asyncpg.connect(database_url, server_settings=patient(0.1))
    await bound_transactions(gone, 0.1)
    await gone.execute("BEGIN; LOCK TABLE jobs")
    await gone.prepare("SELECT count(*) FROM jobs")

    here = await asyncpg.connect(database_url)
    await here.execute("BEGIN; LOCK TABLE jobs", timeout=20)

    await here.close()
    gone.terminate()


async def test_leaving_a_store_does_not_wait_for_a_server_that_fell_silent(line: Line, database_url: str) -> None:
    async with asyncio.timeout(10), open_store(along(line, database_url)) as store:
        await sleep(store, 3)
        line.cut()


async def test_a_connection_that_the_server_ends_between_two_statements_is_unreachable(
    store: PostgresStore, database_url: str
) -> None:
    async def ended() -> None:
        async with store.transaction() as transaction:
            await transaction.value("read_system.ping")
            await end_connections(database_url)
            await transaction.value("read_system.ping")

    with pytest.raises(Unreachable) as end:
        await ended()

    assert end.value.server is Server.POSTGRESQL
    assert await store.value("read_system.ping") is not None


async def end_connections(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await end_others(connection)
    await connection.close()


async def end_others(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have the server end every other connection to a database."""
    await connection.execute(
        """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    )


async def test_whoever_listens_is_told_that_the_connection_has_ended(store: PostgresStore, database_url: str) -> None:
    async with store.listen("stonks_clock") as heard:
        await end_connections(database_url)
        with pytest.raises(Unreachable):
            await asyncio.wait_for(anext(heard), timeout=5)


async def test_a_database_that_has_gone_read_only_is_unreachable_until_it_is_not(
    store: PostgresStore, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)

    async def switch(to: str) -> None:
        name = urlsplit(database_url).path[1:]
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {to}")
        await end_others(connection)

    async def write() -> None:
        async with store.transaction() as transaction:
            await transaction.run("replay.polled", stage="trading", now=NOW)

    await switch("on")
    with pytest.raises(Unreachable, match="read-only") as answer:
        await write()
    await switch("off")
    await write()
    await connection.close()

    assert answer.value.server is Server.POSTGRESQL


@pytest.mark.parametrize(
    ("driver", "ours"),
    [
        (asyncpg.DeadlockDetectedError("x"), Conflict),
        (asyncpg.UniqueViolationError("x"), Conflict),
        (asyncpg.CheckViolationError("x"), Refused),
        (asyncpg.InvalidTextRepresentationError("x"), Malformed),
        (asyncpg.DiskFullError("x"), Unreachable),
        (asyncpg.ReadOnlySQLTransactionError("x"), Unreachable),
        (asyncpg.CannotConnectNowError("x"), Unreachable),
        (asyncpg.TooManyConnectionsError("x"), Unreachable),
        (asyncpg.OutOfMemoryError("x"), Unreachable),
        (asyncpg.PostgresIOError("x"), Unreachable),
        (asyncpg.IdleInTransactionSessionTimeoutError("x"), Unreachable),
        (asyncpg.ConnectionDoesNotExistError("x"), Unreachable),
        (asyncpg.InterfaceError("pool is closing"), Unreachable),
        (asyncpg.QueryCanceledError("x"), Unreachable),
        (asyncpg.DataCorruptedError("x"), Unreachable),
        (asyncpg.InvalidCachedStatementError("x"), Conflict),
        (TimeoutError(), Unreachable),
        (ConnectionResetError("x"), Unreachable),
    ],
)
def test_a_driver_error_leaves_as_one_of_ours(driver: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours), translated("noun.verb"):
        raise driver


@pytest.mark.parametrize(
    "mistake",
    [asyncpg.UndefinedTableError("x"), asyncpg.PostgresSyntaxError("x"), asyncpg.InsufficientPrivilegeError("x")],
)
def test_our_own_mistakes_stay_bugs(mistake: Exception) -> None:
    with pytest.raises(type(mistake)), translated("noun.verb"):
        raise mistake


@pytest.mark.parametrize("error", [asyncpg.QueryCanceledError("x"), asyncpg.InternalServerError("x")])
def test_what_may_be_the_statements_own_fault_is_not_blamed_on_the_server(error: Exception) -> None:
    with pytest.raises(Unreachable) as answer, translated("noun.verb"):
        raise error

    assert answer.value.server is None


async def test_two_statements_at_once_on_one_connection_are_a_bug_of_ours(store: PostgresStore) -> None:
    async with store.transaction() as transaction:
        both = asyncio.gather(*(transaction.value("read_system.ping") for _ in range(2)), return_exceptions=True)
        answers = await both

    assert any(isinstance(answer, asyncpg.InterfaceError) for answer in answers)


async def test_a_parameter_that_cannot_be_sent_is_malformed(store: PostgresStore) -> None:
    with pytest.raises(Malformed):
        await store.value("replay.polled_at", stage=7)
