"""The leased queue: lists that anyone may push to, with a lease on what is in hand."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import msgspec


class Claimed(msgspec.Struct, frozen=True):
    """One job in hand: the fencing token of this delivery and the payload's exact bytes."""

    token: str
    payload: bytes
    deliveries: int
    crashes: int
    ledger_id: str | None


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One job to enqueue: its ledger id is also its presence lock's value."""

    queue: str
    payload: bytes
    subject: str
    ledger_id: str


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a queue is where."""

    queue: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int


class Queue(Protocol):
    """One server that keeps all queues."""

    async def enqueue(self, pushes: Sequence[Push], *, high_water: int) -> list[int]:
        """Push each job unless its subject waits already (0) or the queue is full (-1); 1 means pushed."""
        ...

    async def claim(self, queue: str, limit: int, lease: timedelta) -> list[Claimed]:
        """Take up to ``limit`` jobs under a lease, after promoting due ones and reaping expired ones."""
        ...

    async def settle(self, queue: str, tokens: Sequence[str]) -> list[str]:
        """Acknowledge jobs and free their subjects; return the tokens that were no longer ours."""
        ...

    async def release(self, queue: str, token: str) -> None:
        """Give a job back unharmed, to the head of its queue."""
        ...

    async def retry(self, queue: str, token: str, *, delay: timedelta, reason: str, error: str) -> str:
        """Put a job aside for a while, or into the dead-letter queue when its deliveries are spent; say which."""
        ...

    async def bury(self, queue: str, token: str, *, reason: str, error: str) -> None:
        """Put a job into the dead-letter queue, bytes unchanged, with the reason."""
        ...

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when the queue has a job or the time is over; nothing is taken."""
        ...

    async def depths(self) -> list[Depth]:
        """Return how much of every queue of the pipeline is where, in one consistent look."""
        ...
