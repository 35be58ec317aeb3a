"""Our whole runtime: the same queue with the ledger in PostgreSQL, one committed transaction a job."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import uvloop
from errand import Diary, Handler, Job, main, number_of
from on_stonks import QUEUE, push_of, some_ports

from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.model.job import ParsingJob
from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Work, Worker
from stonks.runtime.clock import SystemClock
from stonks.runtime.ledger import record
from stonks.runtime.logs import configure_logs
from stonks.runtime.pipeline import run_stages
from stonks.settings import Settings


@asynccontextmanager
async def _ports(urls: str) -> AsyncIterator[Ports]:
    """The queue and the store at two URLs with a blank between."""
    redis_url, database_url = urls.split()
    settings = Settings.model_construct(high_water=10_000_000)
    async with open_queue(redis_url) as queue, open_store(database_url) as store:
        yield some_ports(queue=queue, store=store, clock=SystemClock(), settings=settings)


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Write each job down in a transaction of its own, then enqueue it, as a stage does with what follows."""
    uvloop.run(_enqueue(url, jobs))


async def _enqueue(url: str, jobs: Iterator[Job]) -> None:
    async with _ports(url) as ports:
        for job in jobs:
            async with ports.store.transaction() as transaction:
                await record(transaction, [ParsingJob(document_id=UUID(job["document_id"]))])
            await ports.queue.enqueue([push_of(job)], high_water=ports.settings.high_water)


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Work until killed."""
    configure_logs("warning")
    uvloop.run(_work(url, concurrency, handle))


async def _work(url: str, concurrency: int, handle: Handler) -> None:
    async def do(work: Work[ParsingJob]) -> None:
        document_id = str(work.job.document_id)
        await handle.aio(document_id)
        if isinstance(handle, Diary):
            await _effect(work, number_of(document_id))

    stage = Stage(name="bench", open=lambda _: Worker(handle=do), queues={QUEUE: 1}, concurrency=concurrency)
    async with _ports(url) as ports:
        await run_stages([stage], ports, None, asyncio.Event())


async def _effect(work: Work[Any], number: int) -> None:
    """Write a row of its own for each time a job is done; it is dead at once, so that nobody takes it for work."""
    row_id = str(uuid4())
    row = {"job_ids": [row_id], "queues": ["effects"], "subjects": [str(number)], "payloads": [{}]}
    async with work.commit() as commit:
        await commit.rows(str, "jobs.record", **row)
        await commit.run("jobs.bury", job_ids=[row_id], reason="effect", now=work.now)


if __name__ == "__main__":
    main(enqueue, work)
