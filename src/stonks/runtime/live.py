"""Runs a stage's jobs in real time: takes them as they come."""

import asyncio
import time
from collections.abc import Collection
from datetime import timedelta

from stonks.model.errors import Unreachable
from stonks.runtime.fetcher import MOST
from stonks.runtime.loop import StageLoop

_PATIENCE = timedelta(seconds=5)  # how long one listens before asking anew
_SHORTEST, _LONGEST = 0.01, 1.0  # seconds a queue is left alone that has jobs and gives none
_AT_ONCE = 0.005  # seconds within which a queue that is not empty answers a listener


async def work_as_it_comes(loop: StageLoop, stop: asyncio.Event, grace: timedelta) -> None:
    """Do jobs until told to stop; what is in hand then has ``grace`` to end."""
    ear = _Ear(loop)
    try:
        while not stop.is_set():
            room = min(loop.free, MOST)
            taken = await loop.turn()
            ear.heed(loop.gave)
            if loop.owes or (loop.free and taken == room):
                continue  # with more to take, what was taken is done while the server looks
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
    """Wakes a stage when one of its queues has something; one listener a queue, however often it is asked for.

    A queue may have jobs and give none: one downstream is full, or a job that has to be alone must wait. It is then
    left alone for a while, longer each time.
    """

    def __init__(self, loop: StageLoop) -> None:
        self._loop = loop
        self._listeners: dict[str, asyncio.Task[None]] = {}
        self._pauses = dict.fromkeys(loop.stage.queues, 0.0)
        self._heard: set[str] = set()

    def heed(self, gave: Collection[str]) -> None:
        for queue in gave:
            self._pauses[queue] = 0.0
            self._heard.discard(queue)

    def listen(self) -> None:
        for queue in self._loop.stage.queues:
            if queue in self._heard:
                self._pauses[queue] = min(_LONGEST, max(_SHORTEST, self._pauses[queue] * 2))
                self._heard.discard(queue)
            if queue not in self._listeners:
                self._listeners[queue] = asyncio.create_task(self._listen(queue, self._pauses[queue]))

    async def _listen(self, queue: str, pause: float) -> None:
        try:
            await asyncio.sleep(pause)
            began = time.monotonic()
            await self._loop.queue.wait(queue, _PATIENCE)
            if time.monotonic() - began > _AT_ONCE:
                self._pauses[queue] = 0.0
            self._heard.add(queue)
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
