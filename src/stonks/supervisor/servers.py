"""The embedded default: the servers nobody gave a URL for, alive exactly as long as we are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from stonks.supervisor.child import Child
from stonks.supervisor.directory import discard_empty, held, is_held, private, socket_directory
from stonks.supervisor.identity import server_identity
from stonks.supervisor.postgres import postgres_url, start_postgres
from stonks.supervisor.valkey import start_valkey, valkey_url


@dataclass
class Supervisor:
    """The servers that run: their URLs (None where one was not asked for) and their process ids by name.

    `died` is done when a server ends on its own; its result is a sentence with the end of that server's log.
    """

    database_url: str | None = None
    redis_url: str | None = None
    pids: dict[str, int] = field(default_factory=dict)
    died: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

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
            directory = stack.enter_context(held(data_dir))
            logs, run = private(directory / "log"), socket_directory(directory)
            stack.callback(discard_empty, run)
            identity = server_identity()
            identity.own(directory, run)
            servers = cls()
            if postgres:
                child, servers.database_url = await start_postgres(
                    directory, run, logs / "postgres.log", identity, durable=durable
                )
                servers._watch(child, stack)
            if valkey:
                child, servers.redis_url = await start_valkey(
                    directory, run, logs / "valkey.log", identity, durable=durable
                )
                servers._watch(child, stack)
            yield servers

    @classmethod
    def running(cls, data_dir: Path) -> Self | None:
        """Return the servers that another process runs on a directory, or None where nobody holds it."""
        directory = data_dir.resolve()
        if not is_held(directory):
            return None
        run = socket_directory(directory)
        return cls(database_url=postgres_url(run), redis_url=valkey_url(run))

    def _watch(self, child: Child, stack: AsyncExitStack) -> None:
        self.pids[child.name] = child.pid
        watch = asyncio.create_task(self._mourn(child))

        async def stop() -> None:
            watch.cancel()
            await child.stop()

        stack.push_async_callback(stop)

    async def _mourn(self, child: Child) -> None:
        await child.exit_code()
        if not self.died.done():
            self.died.set_result(child.obituary())
