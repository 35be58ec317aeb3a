"""The embedded default: the servers nobody gave a URL for, alive exactly as long as we are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from stonks.model.errors import Unreachable
from stonks.supervisor.child import Child
from stonks.supervisor.directory import Place, discard_empty, held, is_held, socket_directory, unusable
from stonks.supervisor.guard import Guard
from stonks.supervisor.identity import server_identity
from stonks.supervisor.postgres import postgres_url, start_postgres
from stonks.supervisor.valkey import start_valkey, valkey_url


@dataclass
class Supervisor:
    """The servers that run: their URLs (None where one was not asked for). One that dies is started again.

    `died` is done when a server will not live any more; its result is a sentence with the end of that server's log.
    """

    database_url: str | None = None
    redis_url: str | None = None
    guards: list[Guard] = field(default_factory=list)
    died: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the servers that we run, by name."""
        return {guard.child.name: guard.child.pid for guard in self.guards}

    @classmethod
    @asynccontextmanager
    async def start(cls, data_dir: Path, *, postgres: bool, valkey: bool, durable: bool = True) -> AsyncIterator[Self]:
        """Run the servers asked for on a directory while inside; on leaving, Valkey stops first and PostgreSQL last.

        Args:
            data_dir: theirs alone; made when missing.
            postgres: whether to start PostgreSQL.
            valkey: whether to start Valkey.
            durable: False trades safety against power cuts for speed: for tests, and for replays that can be run again.

        Raises:
            DirectoryInUse: another supervisor works there.
            Refused: a program or a directory is not usable.
            Unreachable: a server ended instead of answering.
        """
        async with AsyncExitStack() as stack:
            place = Place(stack.enter_context(held(data_dir)), server_identity())
            run = _prepared(place)
            stack.callback(discard_empty, run)
            servers = cls()
            if postgres:
                await servers._guard(partial(start_postgres, place, durable=durable), stack)
                servers.database_url = postgres_url(run)
            if valkey:
                await servers._guard(partial(start_valkey, place, durable=durable), stack)
                servers.redis_url = valkey_url(run)
            yield servers

    @classmethod
    def running(cls, data_dir: Path) -> Self | None:
        """Return the servers that another process runs on a directory, or None where nobody holds it."""
        directory = data_dir.resolve()
        if not is_held(directory):
            return None
        run = socket_directory(directory)
        return cls(database_url=postgres_url(run), redis_url=valkey_url(run))

    @asynccontextmanager
    async def needed(self) -> AsyncIterator[None]:
        """Cancel the block when a server will not live any more.

        Raises:
            Unreachable: that is what happened, with the end of the server's log.
        """

        async def mourn() -> None:
            raise Unreachable(await self.died)

        async with asyncio.TaskGroup() as group:
            watch = group.create_task(mourn())
            try:
                yield
            finally:
                watch.cancel()

    async def _guard(self, start: Callable[[], Awaitable[Child]], stack: AsyncExitStack) -> None:
        guard = await Guard.over(start)
        stack.push_async_callback(guard.stop)
        guard.watch(self._gave_up)
        self.guards.append(guard)

    def _gave_up(self, end: str) -> None:
        if not self.died.done():
            self.died.set_result(end)


def _prepared(place: Place) -> Path:
    """Return the directory of a place's sockets, once it and the place are the servers'."""
    try:
        place.identity.own(place.directory)
        return place.sockets()
    except OSError as error:
        raise unusable(place.directory, error) from error
