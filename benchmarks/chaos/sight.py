"""How the campaign looks into both servers, over lines that are opened anew after every outage."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from benchmarks.chaos.journal import Fault, InHand
from stonks.model.job import QUEUES

_BLINDING = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, RedisError)
_PATIENCE = 5.0
_FLUSH = """
local taken, busy = {}, false
for i = 1, #KEYS, 3 do
  for _, text in ipairs(redis.call('HVALS', KEYS[i])) do taken[#taken + 1] = text; busy = true end
  for _, text in ipairs(redis.call('LRANGE', KEYS[i + 1], 0, -1)) do taken[#taken + 1] = text end
  for _, text in ipairs(redis.call('ZRANGE', KEYS[i + 2], 0, -1)) do taken[#taken + 1] = text end
  taken[#taken + 1] = ''
end
if not busy then return false end
redis.call('FLUSHALL')
return taken
"""
"""Forget everything, but only while something is in hand; what was there, queue by queue."""


class Blind(Exception):
    """Raised when a server does not answer now."""


class Sight:
    """One line to PostgreSQL and one to Valkey."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        """Look at these servers; nothing is opened yet."""
        self._database_url = database_url
        self._client = Redis.from_url(redis_url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()

    async def sql(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Return a query's rows.

        Raises:
            Blind: PostgreSQL does not answer.
        """
        async with self._line() as connection:
            return list(await connection.fetch(query, *arguments, timeout=60))

    async def script(self, text: str) -> None:
        """Run several statements.

        Raises:
            Blind: PostgreSQL does not answer.
        """
        async with self._line() as connection:
            await connection.execute(text)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._lock:
            try:
                if self._connection is None:
                    self._connection = await asyncpg.connect(self._database_url, timeout=_PATIENCE)
                yield self._connection
            except _BLINDING as error:
                connection, self._connection = self._connection, None
                if connection is not None:
                    connection.terminate()
                raise Blind(str(error)) from error

    async def redis(self, *command: str | int) -> Any:  # noqa: ANN401 - the command's answer
        """Return a command's answer.

        Raises:
            Blind: Valkey does not answer.
        """
        try:
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call] # redis-py's
        except _BLINDING as error:
            raise Blind(str(error)) from error

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()
        if self._connection is not None:
            with suppress(*_BLINDING):
                await self._connection.close()

    async def in_hand(self, queues: Iterable[str] = QUEUES) -> set[InHand]:
        """Return the jobs under a lease."""
        return {
            job
            for queue in queues
            for text in await self.redis("HVALS", f"stonks:inflight:{queue}")
            if (job := _read(queue, text)) is not None
        }

    async def is_suspect(self, queues: Iterable[str], crashes: int) -> bool:
        """Return whether a job, in hand or next in line, may not be interrupted once more."""
        for queue in queues:
            texts = await self.redis("LRANGE", f"stonks:queue:{queue}", 0, 9)
            if any((job := _read(queue, text)) and job.crashes >= crashes for text in texts):
                return True
        return any(job.crashes >= crashes for job in await self.in_hand(queues))

    async def flush(self) -> set[InHand] | None:
        """Wipe Valkey while jobs are in hand and return all that it knew; None when there were none."""
        keys = [f"stonks:{kind}:{queue}" for queue in QUEUES for kind in ("inflight", "queue", "delayed")]
        taken: list[bytes] | None = await self.redis("EVAL", _FLUSH, len(keys), *keys)
        if not taken:
            return None
        jobs: set[InHand] = set()
        queues = iter(QUEUES)
        queue = next(queues)
        for text in taken:
            if text:
                jobs |= {job for job in [_read(queue, text)] if job is not None}
            else:
                queue = next(queues, "")
        return jobs

    async def is_drained(self, fault: Fault) -> bool:
        """Return whether all that a fault interrupted is done, and what was in hand settled."""
        ids = [job.id for job in fault.jobs]
        if ids:
            rows = await self.sql("SELECT job_id FROM jobs WHERE job_id = ANY($1) AND done_at IS NULL", ids)
            if rows or await self._locked(sorted(fault.jobs)):
                return False
        if fault.turn is not None:
            stage, instant = fault.turn
            return bool(await self.sql("SELECT FROM poll_turns WHERE stage = $1 AND polled_at >= $2", stage, instant))
        return True

    async def leftovers(self) -> list[str]:
        """Return the keys that still speak of jobs: of a lease, of a place in a queue, or a presence lock."""
        kinds = ("inflight:{}", "leases:{}", "queue:{}*", "delayed:{}", "dedupe:{}:*")
        found = [await self.redis("KEYS", "stonks:" + kind.format(queue)) for kind in kinds for queue in QUEUES]
        return sorted(key.decode() for keys in found for key in keys)

    async def _locked(self, jobs: Sequence[InHand]) -> bool:
        locks = await self.redis("MGET", *(f"stonks:dedupe:{job.queue}:{job.subject}" for job in jobs))
        pairs = zip(jobs, locks, strict=True)
        return any(lock is not None and lock.decode().removesuffix("+") == job.id for job, lock in pairs)


def _read(queue: str, text: bytes) -> InHand | None:
    """Return a job as its queue keeps it, or None for one that nobody wrote down."""
    try:
        known = json.loads(text)["_q"]
    except (ValueError, KeyError, TypeError):
        return None
    return InHand(queue, known["id"], known["s"], known["c"]) if "s" in known else None
