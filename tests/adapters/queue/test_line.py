"""One connection that everyone asks over: to each their own answers, whoever gives up and whatever breaks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from stonks.adapters.queue import open_queue
from stonks.adapters.queue.calls import command
from stonks.adapters.queue.line import Line, open_line
from stonks.ports.queue import Queue

PING, SLOW = command("PING"), command("BLPOP", "nothing", "0.05")


@pytest_asyncio.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    connection = Redis.from_url(redis_url).connection_pool.make_connection()  # type: ignore[no-untyped-call]
    line = await open_line(connection)
    yield line
    line.close()


@pytest_asyncio.fixture
async def queue(redis_url: str) -> AsyncIterator[Queue]:
    async with open_queue(redis_url) as queue:
        yield queue


async def test_everyone_gets_the_answers_to_their_own_question(line: Line) -> None:
    asked = [b"".join(command("ECHO", f"{i}:{j}") for j in range(i % 3 + 1)) for i in range(100)]
    answers = await asyncio.gather(*(line.ask(commands, i % 3 + 1) for i, commands in enumerate(asked)))
    assert answers == [[f"{i}:{j}".encode() for j in range(i % 3 + 1)] for i in range(100)]


async def test_the_answer_to_a_cancelled_question_is_nobodys(line: Line) -> None:
    slow = line.ask(SLOW, 1)
    slow.cancel()

    assert await line.ask(PING, 1) == [b"PONG"]
    assert slow.cancelled()


async def test_a_cancellation_is_never_swallowed(queue: Queue) -> None:
    # It may come before, with and after the answer.
    for steps in range(300):
        task = asyncio.create_task(queue.claim("parsing", 1, timedelta(seconds=1)))
        for _ in range(steps % 30):
            await asyncio.sleep(0)
        if task.cancel():
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            assert await task == []
