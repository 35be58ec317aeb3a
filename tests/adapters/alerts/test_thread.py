import asyncio
import threading
from datetime import timedelta

import pytest

from stonks.adapters.alerts.thread import OwnThread


async def test_work_that_hangs_is_hung_up_on_when_its_caller_goes() -> None:
    released, begun = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        released.wait()

    call = asyncio.create_task(OwnThread("t").call(hang, released.set))
    await asyncio.to_thread(begun.wait)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert released.is_set()


async def test_work_that_takes_too_long_is_hung_up_on() -> None:
    released = threading.Event()
    thread = OwnThread("t", patience=timedelta(milliseconds=20))

    def hang() -> None:
        released.wait()

    with pytest.raises(TimeoutError):
        await thread.call(hang, released.set)
    assert released.is_set()


async def test_an_error_of_the_work_is_the_callers() -> None:
    def fail() -> None:
        raise LookupError("x")

    with pytest.raises(LookupError, match="x"):
        await OwnThread("t").call(fail, lambda: None)
