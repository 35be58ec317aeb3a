"""The leased queue: lists that anyone may push to, with a lease on what is in hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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


class Settled(msgspec.Struct, frozen=True):
    """What an acknowledgement met: tokens that were no longer ours, and those whose subject turned others away."""

    lost: tuple[str, ...] = ()
    crowded: tuple[str, ...] = ()


class Exchanged(msgspec.Struct, frozen=True):
    """What one round trip brought: what became of the settled, and new jobs."""

    settled: Settled
    claimed: tuple[Claimed, ...]


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a queue is where."""

    queue: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int


class Keeper(Protocol):
    """A line of its own to the queue's server, used from a thread, for nothing but keeping leases."""

    def extend(self, queue: str, tokens: Sequence[str], lease: timedelta) -> list[str]:
        """Let these leases last so long from now on; return the tokens that were no longer ours."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A job that will not be tried again by itself: its exact bytes, and why; its place counts from the newest, 0."""

    place: int
    queue: str
    payload: bytes
    reason: str
    error: str
    at: datetime
    deliveries: int = 0
    crashes: int = 0
    ledger_id: str | None = None


class Queue(Protocol):
    """One server that keeps all queues.

    Every call raises Unreachable when the server gives no usable answer; whether it took effect is then not known, and
    it may be repeated: fencing tokens and presence locks make a repetition harmless.
    """

    async def enqueue(self, pushes: Sequence[Push], *, high_water: int) -> list[int]:
        """Push each job unless its subject waits already (0) or the queue is full (-1); 1 means pushed."""
        ...

    async def claim(self, queue: str, limit: int, lease: timedelta) -> list[Claimed]:
        """Take up to ``limit`` jobs under a lease, after promoting due ones and reaping expired ones."""
        ...

    async def settle(self, queue: str, tokens: Sequence[str]) -> Settled:
        """Acknowledge jobs and free their subjects."""
        ...

    async def exchange(
        self, queue: str, settle: Sequence[str], push: Sequence[Push], *, limit: int, lease: timedelta, high_water: int
    ) -> Exchanged:
        """Settle, push to any queues, and claim, in this order and one round trip."""
        ...

    async def release(self, queue: str, token: str) -> None:
        """Give a job back unharmed, to the head of its queue."""
        ...

    async def retry(self, queue: str, token: str, *, delay: timedelta, reason: str, error: str) -> str:
        """Put a job aside for a while, or into the dead-letter queue when its deliveries are spent.

        Returns:
            ``delayed``, ``dead`` or ``lost``.
        """
        ...

    async def bury(self, queue: str, token: str, *, reason: str, error: str, malformed: bool = False) -> None:
        """Put a job into the dead-letter queue, bytes unchanged, with the reason; malformed ones as a string."""
        ...

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when the queue has a job or the time is over; nothing is taken."""
        ...

    async def mark(self, marks: Mapping[str, str], life: timedelta) -> None:
        """Keep a value under each ``stonks:<key>`` for a while, for whoever looks; the truth stands in the store."""
        ...

    async def depths(self) -> list[Depth]:
        """Return how much of every queue of the pipeline is where, in one consistent look."""
        ...

    async def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        """Return the newest dead jobs of a queue, newest first; nothing is taken."""
        ...

    async def replay_dead(self, queue: str, limit: int, ledger_ids: Sequence[str] = ()) -> int:
        """Move the oldest dead letters back with fresh budgets, only these where ids are given; return how many."""
        ...

    async def pulse(self) -> bool:
        """Return True once after the server lost its memory: everything open must be pushed again."""
        ...

    def keeper(self) -> Keeper:
        """Open a second line for a heartbeat's thread."""
        ...
