"""One place to measure: a private Valkey and PostgreSQL, and programs started, watched and killed on them."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Self

import asyncpg
from redis.asyncio import Redis

from peers.environments import Peer
from stonks.adapters.store import migrate
from stonks.supervisor import Supervisor

_PATIENCE = 300  # seconds until a program that says nothing counts as stuck


class Program:
    """A running program of a contender; what it says are lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process, errors: IO[bytes]) -> None:
        """Talk to a process whose complaints go to this file.

        Raises:
            RuntimeError: it was started without pipes.
        """
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("a program that cannot be talked to")
        self._process = process
        self._said, self._told = process.stdout, process.stdin
        self._errors = errors

    async def says(self) -> dict[str, Any]:
        """Return the next thing it says.

        Raises:
            RuntimeError: it ended instead; its complaints are in the message.
        """
        async with asyncio.timeout(_PATIENCE):
            line = await self._said.readline()
        if not line:
            self._errors.seek(0)
            raise RuntimeError(self._errors.read().decode(errors="replace")[-3000:])
        said: dict[str, Any] = json.loads(line)
        return said

    async def told(self, line: str) -> dict[str, Any]:
        """Tell it a line and return what it says next."""
        self._told.write(line.encode() + b"\n")
        return await self.says()

    async def ended(self) -> None:
        """Wait for its end."""
        await self._process.wait()

    async def kill(self) -> None:
        """Send SIGKILL to it and to all that it started."""
        for pid in tree(self._process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                """It went with its parent."""
        await self._process.wait()


def tree(pid: int) -> list[int]:
    """Return a process and everything below it."""
    try:
        children = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except FileNotFoundError:
        return [pid]
    return [pid, *(below for family in children for child in family for below in tree(int(child)))]


class Bench:
    """The servers, and how each contender's programs are started on them."""

    def __init__(
        self, servers: Supervisor, database: "asyncpg.Connection[asyncpg.Record]", pythons: Mapping[str, Path]
    ) -> None:
        """Use these servers, a connection to their database, and an interpreter for each contender's name."""
        self._redis_url, self._database_url = str(servers.redis_url), str(servers.database_url)
        self._server = servers.pids["Valkey"]
        self._database = database
        self._pythons = pythons

    @classmethod
    @asynccontextmanager
    async def open(cls, pythons: Mapping[str, Path]) -> AsyncIterator[Self]:
        """Run the servers while inside, as durable as ``stonks up`` runs them."""
        with TemporaryDirectory() as directory:
            async with Supervisor.start(Path(directory), postgres=True, valkey=True) as servers:
                await migrate(str(servers.database_url))
                database = await asyncpg.connect(str(servers.database_url))
                try:
                    yield cls(servers, database, pythons)
                finally:
                    await database.close()

    @asynccontextmanager
    async def running(self, peer: Peer, *arguments: object) -> AsyncIterator[Program]:
        """Run a contender's program while inside; then kill it with all its children."""
        url = self._redis_url.partition("?")[0] if not peer.database else f"{self._redis_url} {self._database_url}"
        with TemporaryFile() as errors:
            process = await asyncio.create_subprocess_exec(
                *(str(self._pythons[peer.name]), "-B", str(peer.program), url, *(str(each) for each in arguments)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
            program = Program(process, errors)
            try:
                yield program
            finally:
                await program.kill()

    async def enqueue(self, peer: Peer, count: int, **options: object) -> dict[str, Any]:
        """Have jobs enqueued and return what that took; options are the program's."""
        flags = [word for name, value in options.items() for word in (f"--{name}", value)]
        async with self.running(peer, "enqueue", count, *flags) as program:
            said = await program.says()
            await program.ended()
        return said

    async def drain(self, peer: Peer, concurrency: int, count: int) -> dict[str, Any]:
        """Have one worker do jobs that are there already, and return what the last nine tenths took."""
        async with self.running(peer, "work", concurrency, count, max(count // 10, 1), self._server) as program:
            await program.says()
            return await program.says()

    async def delays(self, peer: Peer, count: int, every: float) -> list[float]:
        """Return the seconds from enqueue to start of jobs that come to an idle worker one by one, sorted."""
        warm = 5
        async with self.running(peer, "work", 1, count + warm, warm, self._server) as program:
            await self.enqueue(peer, warm)
            await program.says()
            await self.enqueue(peer, count, **{"every": every, "from": warm})
            said = await program.says()
        return [delay / 1e9 for delay in said["delays"]]

    async def clear(self) -> None:
        """Forget every job."""
        async with Redis.from_url(self._redis_url) as client:
            await client.flushall()
        await self.query("TRUNCATE jobs")

    async def query(self, sql: str) -> list[asyncpg.Record]:
        """Ask the database."""
        return await self._database.fetch(sql)

    async def servers(self) -> str:
        """Return what the servers are."""
        async with Redis.from_url(self._redis_url) as client:
            facts = await client.info("server")
        version = await self.query("SHOW server_version")
        return f"Valkey {facts.get('valkey_version', facts['redis_version'])}, PostgreSQL {version[0][0]}"
