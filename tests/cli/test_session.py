import asyncio
from contextlib import suppress

import pytest

from stonks.cli.session import until


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_stop_ends_the_task_that_is_waited_for() -> None:
    stop, task = asyncio.Event(), asyncio.create_task(forever())
    stop.set()

    await until(stop, task)

    assert task.cancelled()


async def test_a_wait_that_is_cancelled_takes_its_task_along() -> None:
    task = asyncio.create_task(forever())
    waiting = asyncio.create_task(until(asyncio.Event(), task))
    await asyncio.sleep(0)

    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)

    assert task.cancelled()


async def test_what_the_task_raises_is_raised() -> None:
    async def broken() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        await until(asyncio.Event(), asyncio.create_task(broken()))
