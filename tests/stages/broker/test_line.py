"""Who listens to the broker's stream: one of all, until it no longer says so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from stonks.ports.store import Store
from stonks.runtime.clock import SystemClock
from stonks.stages.broker.line import Line
from tests.fakes.rows import Database, open_database

LEASE = timedelta(milliseconds=300)


class Stream:
    """A broker's stream that hints when it is told to."""

    def __init__(self) -> None:
        self.hints: asyncio.Queue[None] = asyncio.Queue()
        self.listening = False
        self.hung_up = 0

    async def news(self) -> None:
        self.listening = True
        await self.hints.get()

    async def hang_up(self) -> None:
        self.listening = False
        self.hung_up += 1


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


def line(stream: Stream, store: Store) -> Line:
    return Line(stream, store, SystemClock(), "paper", LEASE)


async def listens(stream: Stream) -> None:
    async with asyncio.timeout(10):
        while not stream.listening:  # noqa: ASYNC110 - what is waited for happens in the server
            await asyncio.sleep(0.01)


async def test_a_hint_is_news_and_when_the_stream_stood_is_noted(store: Store, database: Database) -> None:
    stream = Stream()
    stream.hints.put_nowait(None)

    await asyncio.wait_for(line(stream, store).news(), 5)

    (contact,) = await database.rows("SELECT * FROM broker_contacts")
    assert contact["stream_at"] is not None
    assert contact["stream_until"] is not None


async def test_of_two_one_listens_and_the_other_takes_over_when_it_is_gone(store: Store) -> None:
    first, second = Stream(), Stream()
    owner = asyncio.create_task(line(first, store).news())
    await listens(first)
    heir = asyncio.create_task(line(second, store).news())
    await asyncio.sleep(2 * LEASE.total_seconds())
    while_it_lived = second.listening

    owner.cancel()
    await asyncio.wait({owner})
    await asyncio.wait_for(listens(second), 5)
    second.hints.put_nowait(None)
    await asyncio.wait_for(heir, 5)

    assert not while_it_lived
    assert first.hung_up == 0


async def test_whoever_lost_the_lease_hangs_up(store: Store, database: Database) -> None:
    stream = Stream()
    owner = asyncio.create_task(line(stream, store).news())
    await listens(stream)

    await database.rows("UPDATE broker_contacts SET stream_owner = 'another', stream_until = now() + interval '1 hour'")
    async with asyncio.timeout(5):
        while not stream.hung_up:  # noqa: ASYNC110 - what is waited for happens in the server
            await asyncio.sleep(0.01)
    owner.cancel()
    await asyncio.wait({owner})

    assert not stream.listening
