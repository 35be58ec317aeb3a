"""saq on Redis: one worker process on uvloop, everything else as it comes."""

from collections.abc import Iterator
from typing import Any

import redis.asyncio
import uvloop
from errand import Handler, Job, main
from saq import Worker
from saq.queue.redis import RedisQueue


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Enqueue one job after another."""
    uvloop.run(_enqueue(url, jobs))


async def _enqueue(url: str, jobs: Iterator[Job]) -> None:
    queue = RedisQueue(redis.asyncio.Redis.from_url(url))
    await queue.connect()
    for job in jobs:
        await queue.enqueue("do", job=job)


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Work until killed."""
    uvloop.run(_work(url, concurrency, handle))


async def _work(url: str, concurrency: int, handle: Handler) -> None:
    async def do(_: dict[str, Any], *, job: Job) -> None:
        await handle.aio(job["document_id"])

    queue = RedisQueue(redis.asyncio.Redis.from_url(url))
    await queue.connect()
    await Worker(queue, functions=[("do", do)], concurrency=concurrency).start()


main(enqueue, work)
