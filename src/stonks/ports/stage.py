"""What a stage of the pipeline is, and what the runtime hands to its worker.

A worker loads, decides and saves: slow outside work first, then one ``work.commit()`` block in which the ledger row is
marked done, the effects are written and the jobs that follow are recorded. Either all of it happened or none.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from stonks.model.job import Job
from stonks.ports.store import Transaction

if TYPE_CHECKING:
    from stonks.ports.bundle import Ports

J_co = TypeVar("J_co", bound=Job | None, covariant=True)


class Commit(Transaction, Protocol):
    """The one transaction of a piece of work."""

    async def follow(self, *jobs: Job) -> None:
        """Record jobs that this work leads to; they are queued once the transaction is committed."""
        ...


class Work(Protocol, Generic[J_co]):
    """One delivery of a job, or one turn of a poll (whose job is None)."""

    @property
    def job(self) -> J_co:
        """The job in hand: the newest of those that this run stands for."""
        ...

    @property
    def covers(self) -> Sequence[J_co]:
        """Every job of its subject that this run stands for, oldest first; a poll's are none."""
        ...

    @property
    def now(self) -> datetime:
        """The instant for which this work is done: nothing known later may be read."""
        ...

    def commit(self) -> AbstractAsyncContextManager[Commit]:
        """Open the transaction that ends this work.

        Raises:
            Superseded: another delivery finished this job already; the runtime notes it and goes on.
        """
        ...


class Handler(Protocol):
    """Does the work of one stage's queues."""

    async def __call__(self, work: "Work[Any]") -> None:
        """Do one job to its end.

        Raises:
            Transient: the runtime tries again later.
            Permanent: the runtime dead-letters the job.
        """
        ...


class Poll(Protocol):
    """Does the work of a stage that is not asked by a job but by time."""

    async def __call__(self, work: "Work[None]") -> None:
        """Do what is due at ``work.now``; may commit several times."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A stage's two ways to be called; a stage may have either or both."""

    handle: Handler | None = None
    poll: Poll | None = None
    news: Callable[[], Awaitable[None]] | None = None
    """Returns when it is worth polling before it is time; it may be cancelled at any wait, and never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the pipeline: what it reads, how often it looks by itself, and how its worker is made."""

    name: str
    open: "Callable[[Ports], Worker]"
    queues: Mapping[str, int] = field(default_factory=dict)
    """Queue to its share of claims: extraction 2, macro_classification 1."""
    feeds: tuple[str, ...] = ()
    """The queues to which its work leads, other than its own: while one is full, no job of this stage is taken."""
    every: timedelta | None = None
    """How often the worker polls by itself, in the clock's time."""
    concurrency: int = 4
    """How many jobs are in hand at most. None is taken ahead: behind a slow job nothing waits under a lease."""
    deadline: timedelta = timedelta(seconds=60)
    """How long one job may take; then its lease is kept no longer and it counts as failed."""
    side_branch: bool = False
    """Whether no other stage waits for it: a replay runs it once a day instead of at every instant."""
