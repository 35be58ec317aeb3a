"""Runs a stage's jobs in real time: takes them as they come."""

import asyncio
from datetime import timedelta

from stonks.model.errors import Unreachable
from stonks.runtime.loop import StageLoop

_PATIENCE = timedelta(seconds=1)  # also how late a delayed or abandoned job may be noticed by an idle stage


async def work_as_it_comes(loop: StageLoop, stop: asyncio.Event, grace: timedelta) -> None:
    """Do jobs until told to stop; what is in hand then has ``grace`` to end."""
    ear = _Ear(loop)
    try:
        while not stop.is_set():
            await loop.turn()
            if not loop.owes:
                if loop.free:
                    ear.listen()
                await loop.news()
    except BaseException:
        grace = timedelta(0)
        raise
    finally:
        await ear.close()
        await loop.end(grace)


class _Ear:
    """Wakes a stage when one of its queues has something; one listener a queue, however often it is asked for."""

    def __init__(self, loop: StageLoop) -> None:
        self._loop = loop
        self._listeners: dict[str, asyncio.Task[None]] = {}

    def listen(self) -> None:
        for queue in self._loop.stage.queues:
            if queue not in self._listeners:
                self._listeners[queue] = asyncio.create_task(self._listen(queue))

    async def _listen(self, queue: str) -> None:
        try:
            await self._loop.queue.wait(queue, _PATIENCE)
        except Unreachable:
            pass  # the turn that follows meets the same, and says so
        finally:
            del self._listeners[queue]
            self._loop.notify()

    async def close(self) -> None:
        listeners = list(self._listeners.values())
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
