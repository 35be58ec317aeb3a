"""The bare loop that everything is measured against: BLPOP in a coroutine, and the job is gone when the worker dies."""

import asyncio
import json
from collections.abc import Iterator

import redis.asyncio
import uvloop
from errand import Handler, Job, main

QUEUE = "bench:queue"
PATIENCE = 1  # seconds; the client takes a longer silence for a dead server


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Push plain JSON."""
    client = redis.Redis.from_url(url)
    for job in jobs:
        client.rpush(QUEUE, json.dumps(job, separators=(",", ":")))


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Pop for ever: one after another, or as tasks where there may be many."""
    uvloop.run(_one_by_one(url, handle) if concurrency == 1 else _many(url, concurrency, handle))


async def _one_by_one(url: str, handle: Handler) -> None:
    client = redis.asyncio.Redis.from_url(url)
    while True:
        if popped := await client.blpop([QUEUE], PATIENCE):
            await handle.aio(json.loads(popped[1])["document_id"])


async def _many(url: str, concurrency: int, handle: Handler) -> None:
    client = redis.asyncio.Redis.from_url(url)
    hands = asyncio.Semaphore(concurrency)
    tasks = set()

    async def do(text: bytes) -> None:
        await handle.aio(json.loads(text)["document_id"])
        hands.release()

    while True:
        await hands.acquire()
        while (popped := await client.blpop([QUEUE], PATIENCE)) is None:
            """Nothing there: ask again."""
        task = asyncio.create_task(do(popped[1]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    main(enqueue, work)
