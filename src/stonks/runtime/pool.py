"""The pool: as many children as there are cores, started when there is work and ended when there has been none."""

import asyncio
import os
import pickle
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self, TypeVar, TypeVarTuple

from stonks.runtime.pool_child import Limits, PoolChild

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_IDLE = timedelta(minutes=1)


class ChildPool:
    """Children of this process that do calls for it, each one at a time; the one that was last used is used next."""

    def __init__(self, slots: int, limits: Limits, idle: timedelta) -> None:
        """Have no child yet, and never more than there are slots."""
        self._slots = asyncio.Semaphore(slots)
        self._limits = limits
        self._idle_for = idle.total_seconds()
        self._idle: list[PoolChild] = []
        self._leaving: dict[PoolChild, asyncio.TimerHandle] = {}
        self._children: set[PoolChild] = set()

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, *, slots: int | None = None, limits: Limits | None = None, idle: timedelta = _IDLE
    ) -> AsyncIterator[Self]:
        """Have a pool while inside; no child outlives the block.

        Args:
            slots: how many calls may run at a time; as many as this process has cores unless given.
            limits: what a child may use.
            idle: how long a child without work is kept.
        """
        pool = cls(slots or len(os.sched_getaffinity(0)), limits or Limits(), idle)
        try:
            yield pool
        finally:
            await pool._end()

    @property
    def pids(self) -> tuple[int, ...]:
        """Ids of the processes that have not ended."""
        return tuple(child.pid for child in self._children)

    async def run(self, function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        """Return what a function of a module's top level makes of values that can be pickled.

        Raises:
            Crashed: the child died of the call.
            Unreachable: no child could be started.
            Exception: whatever the function raised.
        """
        call = pickle.dumps((function, arguments), protocol=pickle.HIGHEST_PROTOCOL)
        async with self._slots:
            child = await self._taken()
            try:
                answer, last = await child.ask(call)
            except BaseException:  # dead, or busy with what nobody waits for any more
                child.kill()
                raise
            self._give_back(child, last=last)
        result: T = _unpacked(answer)
        return result

    async def _taken(self) -> PoolChild:
        while self._idle:
            child = self._idle.pop()
            self._leaving.pop(child).cancel()
            if child.is_alive:
                return child
        child = await PoolChild.start(self._limits)
        self._children.add(child)
        child.end.add_done_callback(lambda _: self._children.discard(child))
        child.send(pickle.dumps(sys.path))
        return child

    def _give_back(self, child: PoolChild, *, last: bool) -> None:
        if last:
            child.retire()
            return
        self._idle.append(child)
        self._leaving[child] = asyncio.get_running_loop().call_later(self._idle_for, self._dismiss, child)

    def _dismiss(self, child: PoolChild) -> None:
        self._idle.remove(child)
        del self._leaving[child]
        child.retire()

    async def _end(self) -> None:
        for leaving in self._leaving.values():
            leaving.cancel()
        for child in self._children:
            child.kill()
        await asyncio.gather(*(child.end for child in self._children))


def _unpacked(answer: bytes) -> Any:  # noqa: ANN401 - what the function returned
    done, value = pickle.loads(answer)  # noqa: S301 - from our own child
    if not done:
        raise value
    return value
