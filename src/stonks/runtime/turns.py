"""Runs a stage in a replay: at each instant first its poll, then its jobs until there are none."""

import asyncio
from datetime import datetime, timedelta
from random import Random

from stonks.model.errors import Refused
from stonks.ports.clock import Barrier
from stonks.runtime.loop import StageLoop
from stonks.runtime.outcome import Buried, Retried, Stalled, pause

_GLANCE = 0.02  # seconds between looks at an open stage's queues: for jobs put aside, or left by another process
_SECOND_LOOK = 0.25  # seconds between looks at a closed stage: a clock that lost its line may open it once more
_ATTEMPTS = 5


async def work_in_turns(loop: StageLoop, barrier: Barrier, stop: asyncio.Event, grace: timedelta) -> None:
    """Work whenever the barrier opens this stage, until told to stop.

    Raises:
        Refused: the stage cannot poll; the replay would not be what happened.
    """
    stopping = asyncio.create_task(stop.wait())
    turns = _Turns(loop, barrier, stopping)
    try:
        instant = await turns.next(None)
        while instant is not None:
            await turns.take(instant)
            instant = await turns.next(instant)
    except BaseException:
        grace = timedelta(0)
        raise
    finally:
        stopping.cancel()
        await loop.end(grace)


class _Turns:
    def __init__(self, loop: StageLoop, barrier: Barrier, stopping: "asyncio.Task[bool]") -> None:
        self._loop = loop
        self._name = loop.stage.name
        self._barrier = barrier
        self._stopping = stopping
        self._random = Random()

    async def next(self, after: datetime | None) -> datetime | None:
        """Return the instant of the next turn, or None when told to stop; meanwhile look after the last one."""
        coming = asyncio.ensure_future(self._barrier.wait_turn(self._name, after))
        try:
            while not self._stopping.done():
                still_open = after is not None and self._barrier.is_open(self._name)
                await asyncio.wait(
                    {coming, self._stopping},
                    timeout=_GLANCE if still_open else _SECOND_LOOK,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if coming.done():
                    return coming.result()
                await self._drain()
            return None
        finally:
            coming.cancel()

    async def take(self, instant: datetime) -> None:
        """Poll once for an instant, then do every job there is."""
        if self._loop.worker.poll is not None:
            await self._poll()
            await self._barrier.polled(self._name, instant)
        await self._drain()

    async def _poll(self) -> None:
        failures, stalls = 0, 0
        while not self._stopping.done():
            outcome = await self._loop.poll(failures + 1)
            match outcome:
                case Stalled():
                    # Not the worker's failure: the replay stands still until the server is back.
                    stalls += 1
                    await self._rest(pause(stalls, self._random))
                case Retried(delay) if failures + 1 < _ATTEMPTS:
                    failures += 1
                    await self._rest(delay)
                case Retried(_, reason, error) | Buried(reason, error):
                    raise Refused(f"{self._name} cannot poll: {reason}: {error}")
                case _:
                    return

    async def _rest(self, span: timedelta) -> None:
        await asyncio.wait({self._stopping}, timeout=span.total_seconds())

    async def _drain(self) -> None:
        while self._barrier.is_open(self._name) and not self._stopping.done():
            room = self._loop.free
            taken = await self._loop.turn()
            if self._loop.owes:
                continue
            if not taken and not self._loop.in_hand:
                self._barrier.drained(self._name)
                return
            # Settling several jobs at once is cheaper; a queue that gave less than asked has nothing more anyway.
            await self._put_down(to=self._loop.stage.concurrency // 2 if taken == room else 0)

    async def _put_down(self, to: int) -> None:
        """Return when no more than so many jobs are in hand."""
        while self._loop.in_hand > to and not self._stopping.done():
            await self._loop.news()
