"""Wakes idle stages for what no list tells them: a job put aside that may be due, a lease that has run out."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from stonks.model.errors import Server, Transient
from stonks.ports.queue import Depth
from stonks.runtime.loop import StageLoop
from stonks.runtime.outcome import pause
from stonks.runtime.process import Process

_NOW = timedelta(0)
_log = structlog.get_logger()


async def look_out(loops: Sequence[StageLoop], process: Process, every: timedelta) -> None:
    """Look at all queues until the process ends, with one question for all stages, however idle they are.

    Looks at least so often, and at the moment when a lease runs out that nobody keeps.
    """
    failures = 0
    while not process.stop.is_set():
        depths: Sequence[Depth] = ()
        try:
            with process.health.asking(Server.REDIS):
                depths = await process.ports.queue.depths()
            failures = 0
        except Transient as error:
            failures += 1
            _log.warning("lookout.waits", error=str(error))
        overdue = {depth.queue for depth in depths if _is_overdue(depth)}
        for loop in loops:
            if overdue & loop.stage.queues.keys():
                loop.notify()
        ends = [depth.oldest_lease for depth in depths if depth.oldest_lease is not None and depth.oldest_lease > _NOW]
        await process.pause(min([every, *ends]) if depths else max(every, pause(failures, process.random)))


def _is_overdue(depth: Depth) -> bool:
    return depth.delayed > 0 or (depth.oldest_lease is not None and depth.oldest_lease <= _NOW)
