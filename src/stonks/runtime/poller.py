"""Lets a stage's worker look by itself, every so often."""

import asyncio
from datetime import timedelta

from stonks.runtime.loop import StageLoop
from stonks.runtime.outcome import Outcome, Retried


async def poll_regularly(loop: StageLoop, every: timedelta, stop: asyncio.Event, grace: timedelta) -> None:
    """Poll until told to stop, after a failure sooner than ``every``; a poll under way then has ``grace`` to end."""
    failures = 0
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
            failures = failures + 1 if isinstance(outcome, Retried) else 0
            await asyncio.wait({stopping}, timeout=_pause(outcome, every).total_seconds())
    finally:
        stopping.cancel()


def _pause(outcome: Outcome, every: timedelta) -> timedelta:
    match outcome:
        case Retried(delay):
            return min(delay, every)
        case _:
            return every
