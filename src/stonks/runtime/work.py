"""What a worker is handed: a job or a turn, the instant, and the one transaction that ends it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import msgspec

from stonks.model.errors import Superseded
from stonks.model.job import Job
from stonks.ports.queue import Push
from stonks.ports.store import Reader, Store, Transaction
from stonks.runtime.ledger import Entry, record

T = TypeVar("T")
J_co = TypeVar("J_co", bound=Job | None, covariant=True)


class LedgerCommit:
    """A transaction that also takes down which jobs follow."""

    def __init__(self, transaction: Transaction) -> None:
        """Pass everything on to this transaction."""
        self._transaction = transaction
        self.following: list[Job] = []

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        """Return every row as ``shape``, in the query's order."""
        return await self._transaction.rows(shape, query, **parameters)

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        """Return the first row as ``shape``, or None where there is none."""
        return await self._transaction.row(shape, query, **parameters)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        """Return the first column of the first row, or None where there is none."""
        return await self._transaction.value(query, **parameters)

    async def run(self, query: str, /, **parameters: object) -> int:
        """Run a statement and return how many rows it touched."""
        return await self._transaction.run(query, **parameters)

    async def follow(self, *jobs: Job) -> None:
        """Have jobs written down at the end of the transaction, and queued once it is committed."""
        self.following.extend(jobs)


class LedgerWork(Generic[J_co]):
    """Work whose commit and whose ledger rows are one transaction; ``pushes`` is what is to be queued after it."""

    def __init__(
        self, store: Store, job: J_co, now: datetime, link: Callable[[], str], entry: Entry | None = None
    ) -> None:
        """Hand out a job with what the ledger knew of it, or (None) a turn; of several jobs the newest holds now.

        Each job that follows gets a ``link`` as its traceparent.
        """
        self._store = store
        self._covers: tuple[J_co, ...] = ()
        if job is not None and entry is not None:
            self._covers = cast("tuple[J_co, ...]", entry.covers(job))
        self._job = self._covers[-1] if self._covers else job
        self._now = now
        self._link = link
        self._entry = entry
        self.committed = False
        self.pushes: list[Push] = []

    @property
    def job(self) -> J_co:
        """The job in hand: the newest of those that this run stands for."""
        return self._job

    @property
    def covers(self) -> Sequence[J_co]:
        """Every job that this run stands for, oldest first."""
        return self._covers

    @property
    def now(self) -> datetime:
        """The instant for which this work is done."""
        return self._now

    @asynccontextmanager
    async def commit(self) -> AsyncIterator[LedgerCommit]:
        """Open the transaction that ends this work; the job's row and all that its run covers are done with it.

        Raises:
            Superseded: the job's row was done or dead already; nothing is written.
        """
        async with self._store.transaction() as transaction:
            # First, because the row's lock holds up another delivery of the same job until this one is decided.
            await self._finish(transaction)
            commit = LedgerCommit(transaction)
            yield commit
            pushes = await record(transaction, [self._linked(job) for job in commit.following])
        self.committed = True
        self.pushes += pushes

    async def conclude(self) -> None:
        """Note that this work is done and had nothing to write: a transaction of one statement.

        Raises:
            Superseded: the job's row was done or dead already.
        """
        await self._finish(self._store)
        self.committed = True

    async def _finish(self, reader: Reader) -> None:
        if self._job is None or self._entry is None:
            return
        own_was_open = await reader.value(
            "jobs.finish",
            queue=self._job.queue,
            subject=self._job.subject,
            covered=self._entry.open,
            job_id=self._entry.job_id,
        )
        if not own_was_open:
            raise Superseded(f"{self._entry.job_id} was done by another delivery")

    def _linked(self, job: Job) -> Job:
        return msgspec.structs.replace(job, traceparent=self._link())
