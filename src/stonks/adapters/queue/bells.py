"""Waiting for a job without taking one."""

import asyncio
from datetime import timedelta
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool

from stonks.adapters.queue.calls import command
from stonks.adapters.queue.line import Phone
from stonks.adapters.queue.wire import translated

_LISTENS = 5  # seconds one blocking command lasts; less than a connection's patience

Ring = asyncio.Future[list[Any]]


class Bells:
    """One listener a lane, however often and however shortly is waited: it goes on listening for who waits next."""

    def __init__(self, pool: ConnectionPool) -> None:
        """Listen over a connection a lane, opened as this pool would."""
        self._pool = pool
        self._phones: dict[str, Phone] = {}
        self._rings: dict[str, Ring] = {}

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when a lane has a job or the time is over.

        Raises:
            Unreachable: the server does not answer.
        """
        with translated("wait"):
            rings = [await self._ring(lane) for lane in (f"stonks:queue:{queue}", f"stonks:queue:{queue}:high")]
            rung, _ = await asyncio.wait(rings, timeout=at_most.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
            for ring in rung:
                (answer,) = ring.result()
                if isinstance(answer, hiredis.ReplyError):
                    raise answer

    def close(self) -> None:
        """Stop listening."""
        for phone in self._phones.values():
            phone.close()

    async def _ring(self, lane: str) -> Ring:
        if lane not in self._phones:
            self._phones[lane] = Phone(self._pool)
        line = await self._phones[lane].line()
        ring = self._rings.get(lane)
        if ring is None or ring.done():
            # Moving the head to the head changes nothing, blocks until there is one, and loses nothing if we die.
            ring = self._rings[lane] = line.ask(command("BLMOVE", lane, lane, "LEFT", "LEFT", _LISTENS), 1)
            ring.add_done_callback(_heard)
        return ring


def _heard(ring: Ring) -> None:
    """Have seen how it ended, though nobody may wait for it any more."""
    if not ring.cancelled():
        ring.exception()
