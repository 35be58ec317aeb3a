"""The store on PostgreSQL through asyncpg; driver errors leave here as ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec

from stonks.adapters.store.connection import (
    CONNECTING,
    PATIENCE,
    STATEMENTS,
    Connection,
    Driver,
    bound_transactions,
    keep_alive,
    patient,
)
from stonks.adapters.store.queries import load_queries
from stonks.adapters.store.translation import connecting, translated
from stonks.model.errors import Malformed, Server, Unreachable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Proxy = PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")

_PULSE = 10.0  # seconds of silence after which whoever listens makes sure that he is connected


class Session:
    """One connection, seen as a Reader and a Transaction."""

    def __init__(self, connection: "Proxy") -> None:
        """Run queries on this connection, which someone else opened and will close."""
        self._connection = connection
        self.failed = False
        """Whether the server did not answer, or not as a server should: nothing more is to be asked here."""

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        """Return every row as ``shape``: a Struct by column names, anything else from the first column."""
        statement = load_queries()[query]
        with self._asking(query):
            records = await self._connection.fetch(statement.sql, *statement.arguments(query, parameters))
        return [_shaped(record, shape, query) for record in records]

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        statement = load_queries()[query]
        with self._asking(query):
            record = await self._connection.fetchrow(statement.sql, *statement.arguments(query, parameters))
        return None if record is None else _shaped(record, shape, query)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        statement = load_queries()[query]
        with self._asking(query):
            return await self._connection.fetchval(statement.sql, *statement.arguments(query, parameters))

    async def run(self, query: str, /, **parameters: object) -> int:
        """Run a statement and return how many rows it touched."""
        statement = load_queries()[query]
        with self._asking(query):
            tag = await self._connection.execute(statement.sql, *statement.arguments(query, parameters))
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit at the end of the block, or roll back on an error."""
        with self._asking("begin"):
            transaction = self._connection.transaction()
            await transaction.start()
        try:
            yield
        except BaseException:
            if not self.failed:  # where it has, the server rolls back by itself
                with suppress(Unreachable), self._asking("rollback"):
                    await transaction.rollback()
            raise
        with self._asking("commit"):
            await transaction.commit()

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """Hear the payloads of a channel's notifications while the block runs."""
        heard: asyncio.Queue[str | None] = asyncio.Queue()

        def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            heard.put_nowait(str(payload))

        def end(_connection: object) -> None:
            heard.put_nowait(None)

        with self._asking(f"listen {channel}"):
            self._connection.add_termination_listener(end)
            await self._connection.add_listener(channel, hear)
        try:
            yield self._heard(channel, heard)
        finally:
            if not self.failed:
                with suppress(Unreachable), self._asking("unlisten"):
                    self._connection.remove_termination_listener(end)
                    await self._connection.remove_listener(channel, hear)

    async def _heard(self, channel: str, heard: "asyncio.Queue[str | None]") -> AsyncIterator[str]:
        while True:
            try:
                payload = await asyncio.wait_for(heard.get(), _PULSE)
            except TimeoutError:
                with self._asking(f"listen {channel}"):
                    await self._connection.execute("SELECT 1")
                continue
            if payload is None:
                self.failed = True
                raise Unreachable(f"PostgreSQL: listen {channel}: the connection is gone", Server.POSTGRESQL)
            yield payload

    @contextmanager
    def _asking(self, query: str) -> Iterator[None]:
        try:
            with translated(query, self._alive):
                yield
        except Unreachable:
            self.failed = True
            raise

    def _alive(self) -> bool:
        try:
            return not self._connection.is_closed()
        except asyncpg.InterfaceError:  # the pool has noticed its end before us
            return False


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
        async with self.session(query) as session:
            return await session.rows(shape, query, **parameters)

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        async with self.session(query) as session:
            return await session.row(shape, query, **parameters)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        async with self.session(query) as session:
            return await session.value(query, **parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Open a transaction: committed at the end of the block, rolled back on an error."""
        async with self.session("transaction") as session, session.transaction():
            yield session

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """Hear the payloads of a channel's notifications while the block runs; their end is Unreachable."""
        async with self.session(f"listen {channel}") as session, session.listen(channel) as heard:
            yield heard

    @asynccontextmanager
    async def session(self, query: str) -> AsyncIterator[Session]:
        """Lend a connection; when it fails the idle ones, which are no better, are replaced before their next use."""
        with translated(query):
            connection = await self._pool.acquire()
        session = Session(connection)
        try:
            yield session
        finally:
            if session.failed:
                with suppress(asyncpg.InterfaceError):  # the pool has it back already
                    connection.terminate()
                await self._pool.expire_connections()
            await self._pool.release(connection)


async def _prepare(connection: Driver, *, patience: float) -> None:
    keep_alive(connection)
    await bound_transactions(connection, patience)
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
        format="binary",
    )


async def _keep(_connection: Driver) -> None:
    """Reset nothing: no query here changes its session, and the driver's reset is a round trip for each use."""


@asynccontextmanager
async def open_store(url: str, *, connections: int = 12, patience: float = PATIENCE) -> AsyncIterator[PostgresStore]:
    """Open a pool on a ``postgresql://`` URL; every connection speaks jsonb as plain values.

    Args:
        url: where the server is, and which database.
        connections: how many are opened at most.
        patience: seconds without an answer to a statement until its connection counts as dead; and, for the server,
            without a statement until a transaction does.

    Raises:
        SettingError: the URL is wrong.
        Unreachable: no server answers there.
    """
    pool = asyncpg.create_pool(
        url,
        min_size=0,  # with a floor the driver would look for a lost server by itself, and log what it finds
        max_size=connections,
        connection_class=Connection,
        timeout=CONNECTING,
        command_timeout=patience,
        statement_cache_size=STATEMENTS,
        server_settings=patient(patience),
        init=partial(_prepare, patience=patience),
        reset=_keep,
    )
    with connecting():
        await pool
        await pool.release(await pool.acquire())
    try:
        yield PostgresStore(pool)
    finally:
        await pool.close()
