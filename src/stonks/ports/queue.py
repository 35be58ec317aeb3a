"""The leased queue: lists that anyone may push to, with a lease on what is in hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Claimed(msgspec.Struct, frozen=True):
    """One job in hand: the fencing token of this delivery and the payload's exact bytes.

    ``waited`` is the server's time from when the job was put on its queue, or became due, to this claim; None for a
    plain push seen for the first time.
    """

    token: str
    payload: bytes
    deliveries: int
    crashes: int
    ledger_id: str | None
    waited: timedelta | None = None


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One job to enqueue: its ledger id is also the value of its subject's lock.

    Without a window the lock says that the subject is in the queue, and goes when the job does; with one it stays when
    the job is done, and lasts for the window from the push on.
    """

    queue: str
    payload: bytes
    subject: str
    ledger_id: str
    window: timedelta | None = None


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker wants of a queue, and when it wants nothing.

    ``in_hand`` is how many jobs of the queue it holds: one on its last chance is given alone, and only to empty hands.
    ``downstream`` are the queues that its work leads to: while one of them is at ``high_water`` nothing is claimed.
    """

    limit: int
    lease: timedelta
    high_water: int
    in_hand: int = 0
    downstream: tuple[str, ...] = ()


class Settled(msgspec.Struct, frozen=True):
    """What an acknowledgement met: tokens that were no longer ours, and those whose subject turned others away."""

    lost: tuple[str, ...] = ()
    crowded: tuple[str, ...] = ()


class Exchanged(msgspec.Struct, frozen=True):
    """What one round trip brought: what became of the settled and of the pushed, and new jobs.

    ``held_back`` says that nothing was claimed because a queue downstream is full.
    """

    settled: Settled
    claimed: tuple[Claimed, ...]
    pushed: tuple[int, ...] = ()
    held_back: bool = False


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a queue is where; ``waiting`` counts both lanes.

    ``oldest_lease`` is how much longer the lease that ends first lasts; negative when it is overdue, None when nothing
    is in flight.
    """

    queue: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int
    oldest_lease: timedelta | None = None


class Keeper(Protocol):
    """A line of its own to the queue's server, used from a thread, for nothing but keeping leases."""

    def extend(self, queue: str, tokens: Sequence[str], lease: timedelta) -> list[str]:
        """Let these leases last so long from now on; return the tokens that were no longer ours."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A job that will not be tried again by itself: its exact bytes, and why; its place counts from the newest, 0.

    ``id`` is the sha1 of the whole entry as the server keeps it: two letters have one id only when they are the same.
    """

    place: int
    queue: str
    payload: bytes
    reason: str
    error: str
    at: datetime
    deliveries: int = 0
    crashes: int = 0
    ledger_id: str | None = None
    id: str = ""


class Queue(Protocol):
    """One server that keeps all queues.

    A queue has two lanes: what anyone pushes to ``stonks:queue:<queue>:high`` is claimed before the rest, and whatever
    brings it back brings it back there.

    Every call raises Unreachable when the server gives no usable answer; whether it took effect is then not known, and
    it may be repeated: fencing tokens and presence locks make a repetition harmless.
    """

    async def enqueue(self, pushes: Sequence[Push], *, high_water: int) -> list[int]:
        """Push each job unless its subject is locked (0) or the queue is full (-1, no lock taken); 1 means pushed."""
        ...

    async def claim(self, queue: str, limit: int, lease: timedelta, *, in_hand: int = 0) -> list[Claimed]:
        """Take up to ``limit`` jobs under a lease, after promoting due ones and reaping expired ones."""
        ...

    async def settle(self, queue: str, tokens: Sequence[str]) -> Settled:
        """Acknowledge jobs and free their subjects."""
        ...

    async def exchange(self, queue: str, settle: Sequence[str], push: Sequence[Push], demand: Demand) -> Exchanged:
        """Settle, push to any queues, and claim, in this order and one round trip."""
        ...

    async def release(self, queue: str, token: str) -> None:
        """Give a job back unharmed, to the head of its lane."""
        ...

    async def retry(self, queue: str, token: str, *, delay: timedelta, reason: str, error: str) -> str:
        """Put a job aside for a while, or into the dead-letter queue when its deliveries are spent.

        Returns:
            ``delayed``, ``dead`` or ``lost``.
        """
        ...

    async def crash(self, queue: str, token: str, *, reason: str, error: str) -> str:
        """Give back a job whose work died, as if its lease had expired: to the head, or dead at the third crash.

        Returns:
            ``returned``, ``dead`` or ``lost``.
        """
        ...

    async def bury(self, queue: str, token: str, *, reason: str, error: str, malformed: bool = False) -> None:
        """Put a job into the dead-letter queue, bytes unchanged, with the reason; malformed ones as a string."""
        ...

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when a lane of the queue has a job or the time is over; nothing is taken."""
        ...

    async def mark(self, marks: Mapping[str, str], life: timedelta) -> None:
        """Keep a value under each ``stonks:<key>`` for a while, for whoever looks; the truth stands in the store."""
        ...

    async def depths(self) -> list[Depth]:
        """Return how much of every queue of the pipeline is where, in one consistent look."""
        ...

    async def stats(self) -> dict[str, dict[str, int]]:
        """Return what was counted of every queue of the pipeline since the server's memory began.

        Of each: claimed, acked, lost, retried, released, crashed, reclaimed, promoted, dead, refused, full, orphans,
        replayed and discarded, those among them that are not 0.
        """
        ...

    async def audit(self, queue: str, pushes: Sequence[Push]) -> list[str]:
        """Free the locks that stand for jobs which are nowhere: someone deleted a list.

        Returns:
            The ledger ids whose locks were freed. None while the queue is too long to be looked through at once.
        """
        ...

    async def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        """Return the newest dead jobs of a queue, newest first; nothing is taken."""
        ...

    async def replay_dead(self, queue: str, limit: int, ids: Sequence[str] = ()) -> int:
        """Move the oldest dead letters back with fresh budgets, only these where ids are given; return how many."""
        ...

    async def discard_dead(self, queue: str, ids: Sequence[str]) -> int:
        """Remove these dead letters for good; return how many there were."""
        ...

    async def pulse(self) -> bool:
        """Return True once after the server lost its memory: everything open must be pushed again."""
        ...

    def keeper(self) -> Keeper:
        """Open a second line for a heartbeat's thread."""
        ...
