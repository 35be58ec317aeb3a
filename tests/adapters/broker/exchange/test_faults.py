"""What goes wrong when it is told to, and that nothing can be told where that was not asked for."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import ClientError, ClientTimeout, ClientWebSocketResponse

from stonks.ports.store import Store
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.facts import bar

MONDAY, TUESDAY = bar(date(2025, 4, 14), (100, 105, 95, 101)), bar(date(2025, 4, 15), (110, 112, 108, 111))
BARS = [bar(date(2025, 4, 11), (99, 101, 98, 100)), MONDAY, TUESDAY]
MORNING = MONDAY.starts_at - timedelta(hours=1)
NOON = MONDAY.starts_at + timedelta(hours=3)
ORDER = {"symbol": "AAPL", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}


@pytest.fixture
async def served(store: Store) -> AsyncIterator[Exchange]:
    async with exchange(store, BARS, MORNING) as served:
        yield served


async def place(served: Exchange, name: str) -> tuple[int, str]:
    """The state and text that come back from an order; 0 where the connection broke."""
    order = ORDER | {"client_order_id": name}
    try:
        async with served.session.post(
            f"{served.address}/v2/orders", json=order, timeout=ClientTimeout(total=0.5)
        ) as answer:
            return answer.status, await answer.text()
    except (ClientError, TimeoutError):
        return 0, ""


async def placed(served: Exchange, name: str) -> bool:
    """Whether the exchange has an order."""
    asked = {"client_order_id": name}
    async with served.session.get(f"{served.address}/v2/orders:by_client_order_id", params=asked) as answer:
        return answer.ok


@pytest.mark.parametrize(
    ("kind", "state", "arrives"),
    [
        ("504_after", 504, True),
        ("504_before", 504, False),
        ("reset_after", 0, True),
        ("reset_before", 0, False),
        ("empty_200", 200, True),
        ("slow", 0, True),
        ("422_duplicate", 422, True),
        ("429", 429, False),
        ("401", 401, False),
    ],
)
async def test_an_answer_is_lost_before_or_after_the_order_arrives(
    served: Exchange, kind: str, state: int, *, arrives: bool
) -> None:
    await served.simulate("faults", kind=kind, seconds=2)

    answered, _ = await place(served, "first")
    again, _ = await place(served, "second")

    assert (answered, await placed(served, "first")) == (state, arrives)
    assert again == 200


async def test_a_429_says_when_to_come_again(served: Exchange) -> None:
    await served.simulate("faults", kind="429", method="GET", path="/v2/account", seconds=1.5)

    async with served.session.get(f"{served.address}/v2/account") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")


async def test_a_fault_waits_for_its_turn_and_is_taken_back(served: Exchange) -> None:
    await served.simulate("faults", kind="504_before", skip=1, times=2)
    states = [(await place(served, f"so-{number}"))[0] for number in range(4)]
    await served.simulate("faults", kind="504_before")
    await served.session.delete(f"{served.address}/_sim/faults")

    assert states == [200, 504, 504, 200]
    assert (await place(served, "last"))[0] == 200


async def test_nobody_can_play_the_world_where_that_was_not_asked_for(store: Store) -> None:
    async with exchange(store, BARS, MORNING, simulated=False) as served:
        for what in ("clock", "faults", "stream"):
            async with served.session.post(f"{served.address}/_sim/{what}", json={}) as answer:
                assert answer.status == 404


async def test_time_does_not_go_back(served: Exchange) -> None:
    async with served.session.post(
        f"{served.address}/_sim/clock", json={"now": (MORNING - timedelta(days=1)).isoformat()}
    ) as answer:
        assert answer.status == 422


async def test_more_than_the_plan_allows_is_turned_away(store: Store) -> None:
    async with exchange(store, BARS, MORNING, per_minute=2) as served:
        answers = [await served.session.get(f"{served.address}/v2/clock") for _ in range(8)]

    # The minute of the wall's clock may turn once while the eight are asked.
    assert 4 <= [answer.status for answer in answers].count(429) <= 6
    assert answers[0].headers["X-RateLimit-Limit"] == "2"


async def test_an_order_is_good_once_also_when_many_ask_at_once(served: Exchange) -> None:
    answers = await asyncio.gather(*(place(served, "same") for _ in range(5)))

    assert sorted(state for state, _ in answers) == [200, 422, 422, 422, 422]


# ------------------------------------------------------------------------------------------------ the stream


async def listen(served: Exchange) -> ClientWebSocketResponse:
    """A client that is known and listens."""
    stream = await served.session.ws_connect(served.stream)
    await stream.send_json({"action": "auth", "data": {"key_id": "any", "secret_key": "key"}})
    assert (await hear(stream))["data"] == {"status": "authorized", "action": "authenticate"}
    await stream.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
    assert await hear(stream) == {"stream": "listening", "data": {"streams": ["trade_updates"]}}
    return stream


async def hear(stream: ClientWebSocketResponse) -> Any:  # noqa: ANN401 - JSON
    """The next message."""
    return json.loads(await asyncio.wait_for(stream.receive_bytes(), 5))


async def told(stream: ClientWebSocketResponse, count: int) -> list[str]:
    """The next so many orders that updates are about."""
    return [(await hear(stream))["data"]["order"]["client_order_id"] for _ in range(count)]


async def test_updates_are_muted_duplicated_and_reordered(served: Exchange) -> None:
    stream = await listen(served)

    await served.simulate("stream", kind="muted")
    for name in ("a", "b"):
        await place(served, name)
    after_muted = await told(stream, 1)
    await served.simulate("stream", kind="duplicated")
    for name in ("c", "d"):
        await place(served, name)
    after_duplicated = await told(stream, 3)
    await served.simulate("stream", kind="reordered")
    for name in ("e", "f", "g"):
        await place(served, name)
    after_reordered = await told(stream, 3)

    assert after_muted == ["b"]
    assert after_duplicated == ["c", "c", "d"]
    assert after_reordered == ["f", "e", "g"]


async def test_a_dropped_stream_is_taken_up_again_and_hears_nothing_of_before(served: Exchange) -> None:
    first = await listen(served)
    await served.simulate("stream", kind="dropped")
    closed = await first.receive()
    await place(served, "missed")
    second = await listen(served)
    await place(served, "heard")

    assert closed.data == 1001
    assert await told(second, 1) == ["heard"]


@pytest.mark.parametrize("header", [{"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example:80"}])
@pytest.mark.parametrize("path", ["/stream", "/v2/account", "/_sim/clock"])
async def test_a_page_in_a_browser_is_turned_away(served: Exchange, path: str, header: dict[str, str]) -> None:
    method = "POST" if path.startswith("/_sim") else "GET"
    async with served.session.request(method, served.address + path, headers=header) as answer:
        assert answer.status == 403


async def test_the_stream_tells_nothing_to_who_has_no_key(served: Exchange) -> None:
    stream = await served.session.ws_connect(served.stream)
    await stream.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
    refused = await hear(stream)
    await stream.send_json({"action": "authenticate", "data": {"key_id": "any"}})
    unknown = await hear(stream)

    assert refused["data"]["status"] == unknown["data"]["status"] == "unauthorized"
