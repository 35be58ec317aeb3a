"""The store on PostgreSQL through asyncpg; driver errors leave here as ours."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec

from stonks.adapters.store.queries import load_queries
from stonks.model.errors import Conflict, Malformed, Refused, Unreachable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")

_UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # an idle connection that has just been told to go
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
)
_CONFLICT = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
)


@contextmanager
def translated(query: str) -> Iterator[None]:
    """Raise our errors for the driver's; what is a mistake in the statement itself passes as the bug it is."""
    try:
        yield
    except _UNREACHABLE as error:
        raise Unreachable(f"PostgreSQL: {query}: {error}") from error
    except _CONFLICT as error:
        raise Conflict(f"{query}: {error}") from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Refused(f"{query}: {error}") from error
    except asyncpg.DataError as error:
        raise Malformed(f"{query}: {error}") from error


class Session:
    """One connection, seen as a Reader and a Transaction."""

    def __init__(self, connection: "Connection") -> None:
        """Run queries on this connection, which someone else opened and will close."""
        self._connection = connection

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        """Return every row as ``shape``: a Struct by column names, anything else from the first column."""
        statement = load_queries()[query]
        with translated(query):
            records = await self._connection.fetch(statement.sql, *statement.arguments(query, parameters))
        return [_shaped(record, shape, query) for record in records]

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        statement = load_queries()[query]
        with translated(query):
            record = await self._connection.fetchrow(statement.sql, *statement.arguments(query, parameters))
        return None if record is None else _shaped(record, shape, query)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        statement = load_queries()[query]
        with translated(query):
            return await self._connection.fetchval(statement.sql, *statement.arguments(query, parameters))

    async def run(self, query: str, /, **parameters: object) -> int:
        """Run a statement and return how many rows it touched."""
        statement = load_queries()[query]
        with translated(query):
            tag = await self._connection.execute(statement.sql, *statement.arguments(query, parameters))
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


def _shaped(record: asyncpg.Record, shape: type[T], query: str) -> T:
    is_struct = issubclass(shape, msgspec.Struct)
    try:
        return msgspec.convert(dict(record) if is_struct else record[0], shape)
    except msgspec.ValidationError as error:
        raise Malformed(f"{query}: {error}") from error


class PostgresStore:
    """A pool of connections, seen as a Store."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Read and write through this pool."""
        self._pool = pool

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        """Return every row as ``shape``, in the query's order."""
        async with self._session(query) as session:
            return await session.rows(shape, query, **parameters)

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        async with self._session(query) as session:
            return await session.row(shape, query, **parameters)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        async with self._session(query) as session:
            return await session.value(query, **parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Open a transaction: committed at the end of the block, rolled back on an error."""
        async with self._session("transaction") as session:
            transaction = session._connection.transaction()  # noqa: SLF001 - the pool and its sessions are one thing
            with translated("begin"):
                await transaction.start()
            try:
                yield session
            except BaseException:
                with translated("rollback"):
                    await transaction.rollback()
                raise
            with translated("commit"):
                await transaction.commit()

    @asynccontextmanager
    async def _session(self, query: str) -> AsyncIterator[Session]:
        with translated(query):
            connection = await self._pool.acquire()
        try:
            yield Session(connection)
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def listen(self, channel: str, heard: Callable[..., None]) -> AsyncIterator[None]:
        """Call ``heard`` for every notification on a channel while the block runs."""
        async with self._pool.acquire() as connection:
            with translated(f"listen {channel}"):
                await connection.add_listener(channel, heard)
            try:
                yield
            finally:
                await connection.remove_listener(channel, heard)


async def _prepare(connection: "Connection") -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
        format="binary",
    )


async def _keep(_connection: "Connection") -> None:
    """Reset nothing: no query here changes its session, and the driver's reset is a round trip for each use."""


@asynccontextmanager
async def open_store(url: str, *, connections: int = 12) -> AsyncIterator[PostgresStore]:
    """Open a pool on a ``postgresql://`` URL; every connection speaks jsonb as plain values.

    Raises:
        Unreachable: no server answers there.
    """
    with translated("connect"):
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            statement_cache_size=1024,
            init=_prepare,
            reset=_keep,
            server_settings={"application_name": "stonks", "timezone": "UTC", "jit": "off"},
        )
    try:
        yield PostgresStore(pool)
    finally:
        await pool.close()
