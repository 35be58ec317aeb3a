"""The moments at which a worker's process can be killed, and the ports through which it passes them.

The package itself knows nothing of this: its ports are wrapped from outside, and the process kills itself.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from inspect import iscoroutinefunction
from typing import Any

from stonks.model.errors import Malformed
from stonks.ports.bundle import Ports
from stonks.ports.queue import Claimed, Exchanged
from stonks.runtime.delivery import decode

MOST_CRASHES = 2  # a job whose worker died a third time is buried, as it should be: no job is killed so often
_RUNTIMES_OWN = "jobs."
_HANDLERS_OWN = {"jobs.finish", "jobs.record"}


class Point(StrEnum):
    """Where in a job's or a poll's life its process dies."""

    BEFORE = "before"  # claimed, or its turn has come; the handler has not begun
    INSIDE = "inside"  # beside a call of the handler to store, objects or outside, also in its open transaction
    EFFECT = "effect"  # committed; neither acknowledged nor its follow-ups pushed
    ACKED = "acked"  # acknowledged; nothing else begun


class Trap:
    """Counts every moment that passes, and at the chosen one tells what is in hand and dies by SIGKILL."""

    def __init__(self, point: Point | None = None, nth: int = 1) -> None:
        """Kill at the nth moment of this kind, or at none."""
        self._point, self._nth = point, nth
        self.passed: Counter[Point] = Counter()
        self.turn: datetime | None = None
        self._in_hand: dict[str, tuple[str, Claimed]] = {}

    def claimed(self, queue: str, jobs: Iterable[Claimed]) -> None:
        """Note what came to hand."""
        self._in_hand |= {job.token: (queue, job) for job in jobs}

    def parted(self, *tokens: str) -> None:
        """Note what is no longer in hand."""
        for token in tokens:
            self._in_hand.pop(token, None)

    def passes(self, point: Point, where: str) -> None:
        """Count a moment; die at the chosen one, unless that would be a job's last permitted crash."""
        self.passed[point] += 1
        if point is not self._point or self.passed[point] < self._nth:
            return
        if any(job.crashes >= MOST_CRASHES for _, job in self._in_hand.values()):
            return
        jobs = [_told(queue, job) for queue, job in self._in_hand.values()]
        tell(killed=point, where=where, jobs=jobs, turn=self.turn and self.turn.isoformat())
        os.kill(os.getpid(), signal.SIGKILL)


def tell(**said: object) -> None:
    """Write one line for the campaign; its file keeps it when we are gone."""
    os.write(sys.stdout.fileno(), json.dumps(said).encode() + b"\n")


def _told(queue: str, claimed: Claimed) -> list[str]:
    try:
        job = decode(queue, claimed)
    except Malformed:
        return [queue, claimed.ledger_id or "", ""]
    return [queue, job.key, job.subject]


def trapped(ports: Ports, trap: Trap) -> Ports:
    """Return the same ports, each telling the trap what passes through it."""
    watched: dict[str, Any] = {
        name: Watched(getattr(ports, name), name, trap)
        for name in ("objects", "sources", "broker", "lake", "alerts", "pool")
    }
    return replace(ports, queue=TrappedQueue(ports.queue, trap), store=TrappedStore(ports.store, trap), **watched)


class TrappedQueue:
    """A queue that notes what is in hand; claims and acknowledgements are moments."""

    def __init__(self, queue: Any, trap: Trap) -> None:  # noqa: ANN401 - whatever the port has
        """Watch this queue."""
        self._queue, self._trap = queue, trap

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        call = getattr(self._queue, name)
        return self._parting(call) if name in {"retry", "release", "bury", "crash"} else call

    async def exchange(self, queue: str, settle: Sequence[str], *rest: Any, **options: Any) -> Exchanged:  # noqa: ANN401
        """Pass it on; then what was settled is acknowledged, and what was claimed is in hand."""
        answer: Exchanged = await self._queue.exchange(queue, settle, *rest, **options)
        self._trap.parted(*settle)
        self._trap.claimed(queue, answer.claimed)
        if settle:
            self._trap.passes(Point.ACKED, f"settle {queue}")
        if answer.claimed:
            self._trap.passes(Point.BEFORE, f"claim {queue}")
        return answer

    def _parting(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def parting(queue: str, token: str, *rest: Any, **options: Any) -> Any:  # noqa: ANN401
            answer = await call(queue, token, *rest, **options)
            self._trap.parted(token)
            return answer

        return parting


class TrappedStore:
    """A store in which every query of a handler and every commit is a moment; the runtime's own queries are none."""

    def __init__(self, store: Any, trap: Trap) -> None:  # noqa: ANN401
        """Watch this store, or one transaction of it."""
        self._store, self._trap = store, trap
        self.last = ""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._store, name)

    async def rows(self, shape: Any, query: str, /, **parameters: object) -> Any:  # noqa: ANN401
        """Pass a query on."""
        return await self._between(query, self._store.rows(shape, query, **parameters))

    async def row(self, shape: Any, query: str, /, **parameters: object) -> Any:  # noqa: ANN401
        """Pass a query on."""
        return await self._between(query, self._store.row(shape, query, **parameters))

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401
        """Pass a query on."""
        return await self._between(query, self._store.value(query, **parameters))

    async def run(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401
        """Pass a statement on."""
        return await self._between(query, self._store.run(query, **parameters))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["TrappedStore"]:
        """Open a transaction; that it is committed is a moment of its own."""
        async with self._store.transaction() as transaction:
            seen = TrappedStore(transaction, self._trap)
            yield seen
        if seen.last:
            self._trap.passes(Point.EFFECT, f"commit after {seen.last}")

    async def _between(self, query: str, call: Awaitable[Any]) -> Any:  # noqa: ANN401
        if query.startswith(_RUNTIMES_OWN) and query not in _HANDLERS_OWN:
            return await call
        self._trap.passes(Point.INSIDE, f"before {query}")
        answer = await call
        self.last = query
        self._trap.passes(Point.INSIDE, f"after {query}")
        return answer


class Watched:
    """Any other port: the moments before and after each call."""

    def __init__(self, port: Any, name: str, trap: Trap) -> None:  # noqa: ANN401
        """Watch this port."""
        self._port, self._name, self._trap = port, name, trap

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        call = getattr(self._port, name)
        return self._between(call, f"{self._name}.{name}") if iscoroutinefunction(call) else call

    def _between(self, call: Callable[..., Awaitable[Any]], where: str) -> Callable[..., Awaitable[Any]]:
        async def between(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            self._trap.passes(Point.INSIDE, f"before {where}")
            answer = await call(*arguments, **options)
            if where == "alerts.send":
                tell(sent=str(arguments[0].id))
            self._trap.passes(Point.INSIDE, f"after {where}")
            return answer

        return between


class Turns:
    """A replay's barrier, where a polling stage's turns begin and end."""

    def __init__(self, barrier: Any, trap: Trap, *, polls: bool) -> None:  # noqa: ANN401
        """Watch this barrier for a stage; only one that polls begins something with its turn."""
        self._barrier, self._trap, self._polls = barrier, trap, polls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._barrier, name)

    async def wait_turn(self, stage: str, after: datetime | None) -> datetime:
        """Return the next turn's instant."""
        instant: datetime = await self._barrier.wait_turn(stage, after)
        if self._polls:
            self._trap.turn = instant
            self._trap.passes(Point.BEFORE, "turn")
        return instant

    async def polled(self, stage: str, now: datetime) -> None:
        """Pass on that a poll is over."""
        await self._barrier.polled(stage, now)
        self._trap.turn = None
        self._trap.passes(Point.ACKED, "polled")
