"""Lets a stage's worker look by itself, every so often."""

import asyncio
from datetime import timedelta
from random import Random

from stonks.runtime.loop import StageLoop
from stonks.runtime.outcome import Outcome, Retried, Stalled, pause


async def poll_regularly(loop: StageLoop, every: timedelta, stop: asyncio.Event, grace: timedelta) -> None:
    """Poll until told to stop, after a failure sooner than ``every``; a poll under way then has ``grace`` to end."""
    failures, random = 0, Random()
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            polling = asyncio.create_task(loop.poll(failures))
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            done, _ = await asyncio.wait({polling}, timeout=grace.total_seconds() if stop.is_set() else None)
            if not done:
                polling.cancel()
                await asyncio.wait({polling})
                return
            outcome = polling.result()
            failures = failures + 1 if isinstance(outcome, Retried | Stalled) else 0
            rest = min(every, _rest(outcome, failures, random) or every)
            await asyncio.wait({stopping}, timeout=rest.total_seconds())
    finally:
        stopping.cancel()


def _rest(outcome: Outcome, failures: int, random: Random) -> timedelta | None:
    """How soon to look again, or None for no sooner than usual."""
    match outcome:
        case Stalled():
            return pause(failures, random)
        case Retried(delay):
            return delay
        case _:
            return None
