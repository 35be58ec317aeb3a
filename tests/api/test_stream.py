"""The live stream, over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import NamedTuple

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from stonks.api import stream
from stonks.api.server import serve
from tests.fakes.closing import closed
from tests.fakes.seed import NOW
from tests.fakes.world import World


class Event(NamedTuple):
    """One event as it came."""

    id: str
    type: str
    data: dict[str, object]


class Stream:
    """An open stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> Event:
        """Return the next event; a stream that is silent for 5 s fails the test."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(5):
            while True:
                line = (await self._response.content.readline()).decode().rstrip("\r\n")
                if not line and fields:
                    return Event(fields["id"], fields["event"], json.loads(fields["data"]))
                name, _, value = line.partition(": ")
                fields[name] = value


@pytest_asyncio.fixture
async def address(world: World) -> AsyncIterator[str]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(world.app, "127.0.0.1", 0, ready.set_result))
    yield await ready
    server.cancel()
    with suppress(asyncio.CancelledError):
        await server


@asynccontextmanager
async def opened(address: str, topics: str, after: str | None = None) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": after} if after else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/api/v1/stream", params={"topics": topics}, headers=headers) as response,
    ):
        assert response.status == 200, await response.text()
        assert response.content_type == "text/event-stream"
        yield Stream(response)


async def raise_alert(world: World, number: int) -> None:
    await world.connection.execute(
        """INSERT INTO alerts (id, kind, severity, subject, text, raised_at)
           VALUES (gen_random_uuid(), 'test', 'info', 's', $1, $2)""",
        f"alert {number}",
        NOW,
    )


async def test_a_change_arrives_with_its_topic_key_and_data(world: World, address: str) -> None:
    async with opened(address, "orders") as live:
        ready = await live.next()
        await raise_alert(world, 1)
        ident = world.seeded.entries[0]
        await world.connection.execute("UPDATE orders SET status = 'canceled' WHERE id = $1", ident)
        event = await live.next()

    assert ready.type == "ready"
    assert event.type == event.data["type"] == "orders"
    assert (event.data["v"], event.data["key"]) == (1, str(ident))
    assert event.data["data"]["status"] == "canceled"  # type: ignore[index] # JSON


async def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(world: World, address: str) -> None:
    async with opened(address, "alerts") as live:
        await live.next()
        await raise_alert(world, 1)
        seen = await live.next()
    await raise_alert(world, 2)
    await raise_alert(world, 3)

    async with opened(address, "alerts", after=seen.id) as live:
        ready, second, third = await live.next(), await live.next(), await live.next()

    assert ready.type == "ready"
    assert [event.data["data"]["text"] for event in (second, third)] == ["alert 2", "alert 3"]  # type: ignore[index] # JSON


async def test_a_client_whose_place_is_no_longer_kept_is_told_to_read_again(world: World, address: str) -> None:
    await raise_alert(world, 1)
    await world.connection.execute("TRUNCATE changes")
    await raise_alert(world, 2)

    for forgotten in ("1-1", "nonsense"):
        async with opened(address, "alerts", after=forgotten) as live:
            assert (await live.next()).type == "reset"


async def test_a_key_that_changes_faster_than_four_times_a_second_is_told_with_its_newest_state(
    world: World, address: str
) -> None:
    async with opened(address, "clock") as live:
        await live.next()
        for minute in range(400):
            await world.connection.execute("UPDATE replay_clock SET now = $1", NOW + timedelta(minutes=minute + 1))
        told = [await live.next()]
        newest = (NOW + timedelta(minutes=400)).isoformat()
        while told[-1].data["data"]["now"] != newest:  # type: ignore[index] # JSON
            told.append(await live.next())

    assert len(told) < 40


async def test_a_change_that_is_committed_late_is_not_skipped(world: World, address: str) -> None:
    slow = await asyncpg.connect(world.database_url)
    async with opened(address, "alerts") as live:
        await live.next()
        held = slow.transaction()
        await held.start()
        await slow.execute(
            """INSERT INTO alerts (id, kind, severity, subject, text, raised_at)
               VALUES (gen_random_uuid(), 'test', 'info', 's', 'began first', now())"""
        )
        await raise_alert(world, 2)
        await asyncio.sleep(0.6)
        await held.commit()
        texts = [(await live.next()).data["data"]["text"] for _ in range(2)]  # type: ignore[index] # JSON
    await slow.close()

    assert sorted(texts) == ["alert 2", "began first"]


async def test_an_open_stream_outlives_its_database_and_misses_nothing(world: World, address: str) -> None:
    async with opened(address, "alerts") as live:
        await live.next()
        await raise_alert(world, 1)
        async with closed(world.database_url):
            await asyncio.sleep(0.6)
        told = await live.next()

    assert told.data["data"]["text"] == "alert 1"  # type: ignore[index] # JSON


async def test_the_table_of_changes_keeps_about_the_last_ten_thousand(world: World) -> None:
    await world.connection.execute(
        "SELECT note_change('alerts', n::text, '{}'::jsonb) FROM generate_series(1, 23000) AS n"
    )

    kept = await world.connection.fetchval("SELECT count(*) FROM changes")

    assert 10_000 <= kept <= 11_000


async def test_a_silent_stream_tells_the_time_now_and_then(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_HEARTBEAT", 0.1)

    async with opened(address, "alerts") as opened_stream:
        ready, ping = await opened_stream.next(), await opened_stream.next()

    assert (ping.type, ping.id, ping.data) == ("ping", ready.id, {"now": "2025-04-30T20:10:00Z"})


async def test_an_open_stream_does_not_hold_up_the_end_of_the_server(world: World) -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(world.app, "127.0.0.1", 0, ready.set_result))
    async with opened(await ready, "alerts") as live:
        await live.next()
        server.cancel()
        async with asyncio.timeout(2):
            with suppress(asyncio.CancelledError):
                await server

    assert server.cancelled()
