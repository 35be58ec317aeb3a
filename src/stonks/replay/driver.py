"""Moves the virtual clock: one stage after another, one instant after another, and only when all is drained."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from stonks.ports.queue import Queue
from stonks.ports.stage import Stage
from stonks.ports.store import Store
from stonks.replay.clock import FINISHED, ReplayClock
from stonks.replay.instants import Instant
from stonks.replay.outage import sat_out
from stonks.replay.summary import Count

_SHORTEST, _LONGEST = 0.005, 0.02  # seconds between looks at the queues, where no process of ours says it is done


class Driver:
    """Plays a replay from where its clock stands to its end, through every outage of its servers."""

    def __init__(self, clock: ReplayClock, store: Store, queue: Queue, stages: Sequence[Stage]) -> None:
        """Drive these stages, in pipeline order."""
        self._clock = clock
        self._store = store
        self._queue = queue
        self._stages = stages
        self.seconds: dict[str, float] = {stage.name: 0.0 for stage in stages}
        """Wall seconds each stage was open: where a replay's time goes."""

    async def play(
        self, instants: Sequence[Instant], *, days_per_second: float | None, progress: Callable[[Instant], None]
    ) -> None:
        """Run the pipeline at every instant in order; a speed makes virtual time last at least so long."""
        previous = self._clock.now()
        for instant in instants:
            due = time.monotonic() + _pause(previous, instant.at, days_per_second)
            await self._run_instant(instant)
            progress(instant)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            previous = instant.at
        await self._clock.move(previous, FINISHED)

    async def _run_instant(self, instant: Instant) -> None:
        waiting: set[str] | None = None
        for stage in self._stages:
            if stage.side_branch and not instant.ends_day:
                continue
            if waiting is None or stage.every is not None or waiting & stage.queues.keys():
                started = time.monotonic()
                waiting = await self._run_stage(stage, instant.at)
                self.seconds[stage.name] += time.monotonic() - started

    async def _run_stage(self, stage: Stage, at: datetime) -> set[str]:
        """Open a stage until its queues are drained; return the queues that then have work."""
        await self._clock.move(at, stage.name)
        if stage.every is not None:
            await self._clock.wait_polled(stage.name)
        if not stage.queues:
            return await self._waiting()
        pause = _SHORTEST
        while True:
            await self._clock.wait_drained(pause)
            if not stage.queues.keys() & await self._in_hand():
                waiting = await self._waiting()
                if not stage.queues.keys() & waiting:
                    return waiting
            pause = min(_LONGEST, pause * 1.5)

    async def _in_hand(self) -> set[str]:
        """Queues whose server still has a job, waiting, held or put aside."""
        depths = await sat_out("driver", self._queue.depths)
        return {depth.queue for depth in depths if depth.waiting or depth.in_flight or depth.delayed}

    async def _waiting(self) -> set[str]:
        """Queues with work that the ledger does not know as done."""
        return {row.name for row in await sat_out("driver", lambda: self._store.rows(Count, "replay.open_jobs"))}


def _pause(previous: datetime, at: datetime, days_per_second: float | None) -> float:
    if days_per_second is None:
        return 0.0
    return (at - previous) / timedelta(days=1) / days_per_second
