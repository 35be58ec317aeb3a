"""How a stage looks by itself: every so often, and sooner on news."""

import asyncio
from datetime import timedelta

import pytest

from stonks.model.errors import Throttled
from stonks.ports.stage import Stage, Work, Worker
from tests.runtime.conftest import Rig

LIMIT = 20
LONG = timedelta(hours=1)


def polling(worker: Worker, every: timedelta = LONG) -> Stage:
    return Stage(name="looking", open=lambda _: worker, every=every)


async def test_news_is_a_reason_to_look_before_it_is_time(rig: Rig) -> None:
    happened, looked = asyncio.Event(), asyncio.Semaphore(0)

    async def news() -> None:
        await happened.wait()
        happened.clear()

    async def poll(work: Work[None]) -> None:
        assert work.job is None
        looked.release()

    async with rig.running(polling(Worker(poll=poll, news=news))), asyncio.timeout(LIMIT):
        for _ in range(3):
            await looked.acquire()
            assert looked.locked()
            happened.set()


async def test_without_news_it_looks_when_it_is_time(rig: Rig) -> None:
    waits, looked = [0], asyncio.Semaphore(0)

    async def news() -> None:
        waits[0] += 1
        await asyncio.Event().wait()

    async def poll(work: Work[None]) -> None:
        assert work.job is None
        looked.release()

    async with rig.running(polling(Worker(poll=poll, news=news), timedelta(milliseconds=20))), asyncio.timeout(LIMIT):
        for _ in range(3):
            await looked.acquire()

    assert waits[0] >= 2


async def test_news_does_not_hurry_a_stage_that_was_told_to_wait(rig: Rig) -> None:
    looks, waits = [0], [0]

    async def news() -> None:
        waits[0] += 1

    async def poll(work: Work[None]) -> None:
        assert work.job is None
        looks[0] += 1
        raise Throttled("slow down", LONG)

    async with rig.running(polling(Worker(poll=poll, news=news))):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.5)

    assert (looks, waits) == ([1], [0])
