"""Keeps the leases of the jobs in hand, from a thread of its own: a busy event loop must not lose them."""

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Self

import structlog

from stonks.model.errors import Server, Unreachable
from stonks.ports.queue import Keeper
from stonks.runtime.health import Health
from stonks.runtime.outcome import Lost, Outcome, Retried, pause

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hold:
    """A job in hand: how long its lease is kept at most, and whom to tell when it is to be let go."""

    queue: str
    token: str
    until: float
    let_go: Callable[[Outcome], None]


class Heartbeat:
    """Extends every held lease three times a lease, but none beyond its job's deadline."""

    def __init__(self, keeper: Keeper, lease: timedelta, health: Health) -> None:
        """Keep leases of this length through this line."""
        self._keeper = keeper
        self._lease = lease
        self._health = health
        self._random = Random()
        self._failures = 0
        self._loop = asyncio.get_running_loop()
        self._holds: dict[str, Hold] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    @classmethod
    @asynccontextmanager
    async def beating(cls, keeper: Keeper, lease: timedelta, health: Health) -> AsyncIterator[Self]:
        """Beat while the block runs."""
        heartbeat = cls(keeper, lease, health)
        thread = threading.Thread(target=heartbeat._beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield heartbeat
        finally:
            heartbeat._ended.set()
            await asyncio.to_thread(thread.join)
            keeper.close()

    def hold(self, queue: str, token: str, deadline: timedelta, let_go: Callable[[Outcome], None]) -> None:
        """Keep a lease until it is dropped or the deadline has passed; ``let_go`` is called when it cannot be kept."""
        until = time.monotonic() + deadline.total_seconds()
        with self._lock:
            self._holds[token] = Hold(queue, token, until, let_go)

    def drop(self, token: str) -> None:
        """Keep a lease no longer."""
        with self._lock:
            self._holds.pop(token, None)

    def _beat(self) -> None:
        while not self._ended.wait(self._rest()):
            for hold in self._overdue():
                self._tell(hold, Retried(timedelta(0), "deadline", "not done within its deadline"))
            try:
                for queue, holds in self._by_queue().items():
                    self._extend(queue, holds)
            except Unreachable as error:
                self._failures += 1
                _log.warning("lease.unkept", error=str(error))
            else:
                self._failures = 0

    def _rest(self) -> float:
        """Seconds until the next beat: sooner when a deadline comes before, or when the last one reached nobody."""
        rest = self._lease.total_seconds() / 3
        if self._failures:
            rest = min(rest, pause(self._failures, self._random).total_seconds())
        with self._lock:
            due = min((hold.until for hold in self._holds.values()), default=math.inf)
        return max(0.0, min(rest, due - time.monotonic()))

    def _overdue(self) -> list[Hold]:
        with self._lock:
            overdue = [hold for hold in self._holds.values() if hold.until <= time.monotonic()]
            for hold in overdue:
                del self._holds[hold.token]
        return overdue

    def _by_queue(self) -> dict[str, dict[str, Hold]]:
        queues: dict[str, dict[str, Hold]] = {}
        with self._lock:
            for hold in self._holds.values():
                queues.setdefault(hold.queue, {})[hold.token] = hold
        return queues

    def _extend(self, queue: str, holds: dict[str, Hold]) -> None:
        with self._health.asking(Server.REDIS):
            lost = self._keeper.extend(queue, list(holds), self._lease)
        for token in lost:
            self._tell(holds[token], Lost())

    def _tell(self, hold: Hold, outcome: Outcome) -> None:
        self._loop.call_soon_threadsafe(hold.let_go, outcome)
