"""The ledger in PostgreSQL: what was asked for and whether it was done. The queue is a cache of its open rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.job import DocumentJob, Job
from stonks.ports.queue import Push
from stonks.ports.store import Store, Transaction

PAGE = 500
"""Most rows in one look at what has been open for long."""


class Entry(msgspec.Struct, frozen=True):
    """What the ledger knew of a job when it came to hand.

    ``open`` are the open rows of its subject: a run that reads after this moment has seen all of their causes. Rows
    that are being written meanwhile are not among them, whatever their number. ``jobs`` are
    theirs, oldest first, where there are several.
    """

    job_id: str
    recorded: bool
    done: bool
    dead: bool
    reason: str | None
    open: tuple[int, ...]
    jobs: tuple[str, ...]

    def covers(self, job: Job) -> tuple[Job, ...]:
        """Return the jobs for which a run of this one stands, oldest first."""
        return tuple(msgspec.json.decode(text, type=type(job)) for text in self.jobs) or (job,)


class Open(msgspec.Struct, frozen=True):
    """An open row: a job that is still to be done, and since when it has been asked for."""

    seq: int
    job_id: str
    queue: str
    subject: str
    payload: str
    age: timedelta

    def push(self) -> Push:
        """Return how to put it on its queue."""
        return Push(queue=self.queue, payload=self.payload.encode(), subject=self.subject, ledger_id=self.job_id)


async def record(transaction: Transaction, jobs: Sequence[Job]) -> list[Push]:
    """Write jobs down and return how to push those that were not known."""
    if not jobs:
        return []
    known = {job.key: job for job in jobs}
    new = await transaction.rows(
        str,
        "jobs.record",
        job_ids=list(known),
        queues=[job.queue for job in known.values()],
        subjects=[job.subject for job in known.values()],
        payloads=list(known.values()),
    )
    return [_push(key, known[key]) for key in new]


def _push(key: str, job: Job) -> Push:
    return Push(queue=job.queue, payload=msgspec.json.encode(job), subject=job.subject, ledger_id=key)


class Ledger:
    """The rows of ``jobs``."""

    def __init__(self, store: Store) -> None:
        """Keep the ledger in this store."""
        self._store = store

    async def load(self, queue: str, jobs: Mapping[str, Job]) -> dict[str, Entry]:
        """Return what is known of jobs in hand, by key; those pushed by hand are written down at this first sight."""
        entries = await self._look_up(queue, jobs)
        strangers = {key: job for key, job in jobs.items() if not entries[key].recorded}
        if strangers:
            async with self._store.transaction() as transaction:
                await record(transaction, list(strangers.values()))
            entries |= await self._look_up(queue, strangers)
        return entries

    async def _look_up(self, queue: str, jobs: Mapping[str, Job]) -> dict[str, Entry]:
        subjects = [job.subject for job in jobs.values()]
        rows = await self._store.rows(Entry, "jobs.load", queue=queue, job_ids=list(jobs), subjects=subjects)
        return {row.job_id: row for row in rows}

    async def leftovers(self, queue: str, subjects: Sequence[str]) -> list[Push]:
        """Return how to push the oldest open row of each subject that has one."""
        rows = await self._store.rows(Open, "jobs.leftovers", queue=queue, subjects=subjects)
        return [row.push() for row in rows]

    async def bury(self, jobs: Sequence[Job], reason: str, now: datetime) -> None:
        """Mark jobs dead; a document that waits for one of them ends as failed, with the same reason."""
        await self.bury_unread([job.key for job in jobs], reason, now)

    async def bury_unread(self, job_ids: Sequence[str], reason: str, now: datetime) -> None:
        """Mark jobs dead of which nothing but the ids need be known."""
        await self._store.rows(UUID, "jobs.bury", job_ids=job_ids, reason=reason, now=now)

    async def reopen(self, jobs: Sequence[Job], now: datetime) -> None:
        """Undo ``bury``: the jobs are open again, their documents wait again."""
        documents: list[UUID] = [job.document_id for job in jobs if isinstance(job, DocumentJob)]
        async with self._store.transaction() as transaction:
            await transaction.run("jobs.reopen", job_ids=[job.key for job in jobs])
            if documents:
                await transaction.run("jobs.revive_documents", document_ids=documents, now=now)

    async def stale(self, after: int, grace: timedelta) -> list[Open]:
        """Return a page of the rows that have been open for longer than ``grace``, from a number on."""
        return await self._store.rows(Open, "jobs.stale", after=after, grace=grace, most=PAGE)
