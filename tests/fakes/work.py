"""Work for a worker under test: a real transaction of a real store, and what followed from it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar

from stonks.model.errors import Superseded
from stonks.model.job import Job
from stonks.ports.store import Store, Transaction

J_co = TypeVar("J_co", bound=Job | None, covariant=True)
T = TypeVar("T")


class FakeCommit:
    """A transaction that also keeps the jobs that follow; they count once the transaction is committed."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.jobs: list[Job] = []

    async def rows(self, shape: type[T], query: str, /, **parameters: object) -> list[T]:
        return await self._transaction.rows(shape, query, **parameters)

    async def row(self, shape: type[T], query: str, /, **parameters: object) -> T | None:
        return await self._transaction.row(shape, query, **parameters)

    async def value(self, query: str, /, **parameters: object) -> Any:  # noqa: ANN401 - its type is the query's
        return await self._transaction.value(query, **parameters)

    async def run(self, query: str, /, **parameters: object) -> int:
        return await self._transaction.run(query, **parameters)

    async def follow(self, *jobs: Job) -> None:
        self.jobs.extend(jobs)


class FakeWork(Generic[J_co]):
    """One delivery of a job at an instant; ``followed`` holds the jobs of every committed transaction.

    A work with a job may be committed once: the second time it is Superseded, as a second delivery would be.
    A poll (job None) may commit as often as it likes.
    """

    def __init__(self, store: Store, job: J_co, now: datetime, covers: Sequence[J_co] = ()) -> None:
        self._store = store
        self._job = job
        self._covers = covers or (() if job is None else (job,))
        self._now = now
        self.commits = 0
        self.followed: list[Job] = []

    @property
    def job(self) -> J_co:
        return self._job

    @property
    def covers(self) -> Sequence[J_co]:
        return self._covers

    @property
    def now(self) -> datetime:
        return self._now

    @asynccontextmanager
    async def commit(self) -> AsyncIterator[FakeCommit]:
        if self._job is not None and self.commits:
            raise Superseded(self._job.key)
        async with self._store.transaction() as transaction:
            commit = FakeCommit(transaction)
            yield commit
        self.commits += 1
        self.followed.extend(commit.jobs)
