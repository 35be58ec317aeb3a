"""Lets a stage's worker look by itself, every so often."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from random import Random
from typing import Any

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
            sooner = _rest(outcome, failures, random)
            if sooner is None and loop.worker.news is not None:
                await _rest_until(stopping, loop.worker.news(), every)
            else:
                await asyncio.wait({stopping}, timeout=min(every, sooner or every).total_seconds())
    finally:
        stopping.cancel()


async def _rest_until(stopping: "asyncio.Task[Any]", news: Awaitable[None], most: timedelta) -> None:
    """Wait until told to stop or until there is news, but no longer than usual."""
    hearing = asyncio.ensure_future(news)
    try:
        await asyncio.wait({stopping, hearing}, timeout=most.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hearing.cancel()
        await asyncio.wait({hearing})


def _rest(outcome: Outcome, failures: int, random: Random) -> timedelta | None:
    """How soon to look again, or None for no sooner than usual."""
    match outcome:
        case Stalled():
            return pause(failures, random)
        case Retried(delay):
            return delay
        case _:
            return None
