"""Keeps one server running: whoever kills it finds it back on the same socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

import structlog

from stonks.model.errors import Refused, Unreachable
from stonks.supervisor.child import Child

_A_WHILE = 1.0  # seconds of answering that show that a server can live
_ATTEMPTS = 5  # lives in a row, none of which lasted a while, after which it cannot
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0  # seconds between such lives
_log = structlog.get_logger()


class Guard:
    """One server and its successors."""

    def __init__(self, child: Child, start: Callable[[], Awaitable[Child]]) -> None:
        """Watch over a server that answers; ``start`` gives the next one, answering too."""
        self.child = child
        self._start = start
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    async def over(cls, start: Callable[[], Awaitable[Child]]) -> Self:
        """Start a server.

        Raises:
            Unreachable: it ended instead of answering.
        """
        return cls(await start(), start)

    def watch(self, gave_up: Callable[[str], None]) -> None:
        """Begin to put a successor in a dead server's place; ``gave_up`` is told why when none will live."""

        async def keep() -> None:
            gave_up(await self._keep())

        self._watch = asyncio.create_task(keep())

    async def stop(self) -> None:
        """End the watch, and then the server."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await self.child.stop()

    async def _keep(self) -> str:
        """Return why the last of several successors ended that lived no while."""
        short, end = 0, await self._end()
        while short < _ATTEMPTS:
            _log.error("server.died", server=self.child.name, end=end)
            began = time.monotonic()
            await asyncio.sleep(_pause(short))
            try:
                self.child = await self._start()
            except (Unreachable, Refused) as error:
                short, end = short + 1, str(error)
                continue
            back = time.monotonic()
            _log.warning("server.back", server=self.child.name, pid=self.child.pid, seconds=round(back - began, 2))
            end = await self._end()
            short = 0 if time.monotonic() - back >= _A_WHILE else short + 1
        return end

    async def _end(self) -> str:
        await self.child.exit_code()
        return self.child.obituary()


def _pause(short: int) -> float:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (short - 1)) if short else 0.0
