"""Wakes idle stages for what no list tells them: a job put aside that may be due, a lease that has run out."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from stonks.model.errors import Server, Transient
from stonks.ports.queue import Depth
from stonks.runtime.loop import StageLoop
from stonks.runtime.outcome import pause
from stonks.runtime.process import Process

_EVERY = timedelta(seconds=1)
_log = structlog.get_logger()


async def look_out(loops: Sequence[StageLoop], process: Process) -> None:
    """Look at all queues once a second until the process ends: one question for all stages, however idle they are."""
    failures = 0
    while not process.stop.is_set():
        try:
            with process.health.asking(Server.REDIS):
                overdue = {depth.queue for depth in await process.ports.queue.depths() if _is_overdue(depth)}
            failures = 0
        except Transient as error:
            overdue = set[str]()
            failures += 1
            _log.warning("lookout.waits", error=str(error))
        for loop in loops:
            if overdue & loop.stage.queues.keys():
                loop.notify()
        await process.pause(max(_EVERY, pause(failures, process.random)))


def _is_overdue(depth: Depth) -> bool:
    return depth.delayed > 0 or (depth.oldest_lease is not None and depth.oldest_lease <= timedelta(0))
