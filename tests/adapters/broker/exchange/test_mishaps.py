"""What goes wrong at exchanges themselves, as a client sees it."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from stonks.ports.store import Store
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.facts import bar

BARS = [
    bar(date(2025, 4, 11), (99, 101, 98, 100)),
    bar(date(2025, 4, 14), (100, 105, 95, 101)),
    bar(date(2025, 4, 15), (110, 112, 108, 111)),
    bar(date(2025, 4, 16), (16, 17, 15, 16)),
]
MONDAY, TUESDAY, WEDNESDAY = BARS[1], BARS[2], BARS[3]
MORNING = MONDAY.starts_at - timedelta(hours=1)
NOON = MONDAY.starts_at + timedelta(hours=3)


@pytest.fixture
async def served(store: Store) -> AsyncIterator[Exchange]:
    async with exchange(store, BARS, MORNING) as served:
        yield served


async def ask(served: Exchange, path: str) -> Any:  # noqa: ANN401 - whatever JSON says
    async with served.session.get(f"{served.address}/v2/{path}") as answer:
        return await answer.json()


async def place(served: Exchange, name: str, **asked: object) -> dict[str, Any]:
    body = {"symbol": "AAPL", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}
    async with served.session.post(f"{served.address}/v2/orders", json=body | {"client_order_id": name} | asked) as it:
        return dict(await it.json())


async def order(served: Exchange, name: str) -> dict[str, Any]:
    return dict(await ask(served, f"orders:by_client_order_id?client_order_id={name}"))


async def fills(served: Exchange) -> list[tuple[str, str, str]]:
    activities = await ask(served, "account/activities/FILL?direction=asc")
    return [(each["qty"], each["price"], each["transaction_time"]) for each in activities]


async def test_a_canceled_order_fills_all_the_same_and_stays_canceled(served: Exchange) -> None:
    placed = await place(served, "mine", type="limit", limit_price="50", time_in_force="gtc")
    await served.session.delete(f"{served.address}/v2/orders/{placed['id']}")

    await served.simulate("fill", client_order_id="mine", quantity="4", price="50")

    late, account = await order(served, "mine"), await ask(served, "account")
    assert (late["status"], late["filled_qty"], late["filled_avg_price"]) == ("canceled", "4", "50")
    assert account["cash"] == "99800"
    assert (await ask(served, "positions/AAPL"))["qty"] == "4"


async def test_fills_become_known_in_another_order_than_they_happened(served: Exchange) -> None:
    await place(served, "mine", type="limit", limit_price="50", time_in_force="gtc")
    await served.move(NOON)
    first, second = NOON - timedelta(minutes=2), NOON - timedelta(minutes=1)

    await served.simulate("fill", client_order_id="mine", quantity="6", price="50", at=second.isoformat())
    known = await fills(served)
    await served.simulate("fill", client_order_id="mine", quantity="4", price="49", at=first.isoformat())

    assert [quantity for quantity, _, _ in known] == ["6"]
    assert [quantity for quantity, _, _ in await fills(served)] == ["4", "6"]
    assert (await order(served, "mine"))["status"] == "filled"


async def test_an_order_is_filled_with_more_than_it_was_for(served: Exchange) -> None:
    await place(served, "mine")
    await served.move(NOON)

    await served.simulate("fill", client_order_id="mine", quantity="5", price="100")

    assert (await order(served, "mine"))["filled_qty"] == "15"
    assert (await ask(served, "positions/AAPL"))["qty"] == "15"


async def test_the_stream_tells_of_a_forced_fill(served: Exchange) -> None:
    await place(served, "mine")
    async with served.session.ws_connect(served.stream) as socket:
        for action, data in (
            ("authenticate", {"key_id": "any", "secret_key": "key"}),
            ("listen", {"streams": ["trade_updates"]}),
        ):
            await socket.send_json({"action": action, "data": data})
            await socket.receive()
        await served.simulate("fill", client_order_id="mine", quantity="5", price="100")
        told = msgspec.json.decode((await socket.receive()).data)["data"]

    assert (told["event"], told["qty"], told["position_qty"]) == ("partial_fill", "5", "5")


async def test_an_open_order_goes_on_under_another_id(served: Exchange) -> None:
    await place(served, "entry")
    await served.move(NOON)
    await place(served, "stop", side="sell", type="stop", stop_price="90", time_in_force="gtc")

    await served.simulate("replace", client_order_id="stop")

    old = await order(served, "stop")
    (new,) = await ask(served, "orders?status=open")
    assert (old["status"], old["replaced_by"]) == ("replaced", new["id"])
    assert (new["replaces"], new["stop_price"], new["qty"]) == (old["id"], "90", "10")
    assert new["client_order_id"] != "stop"


async def test_a_split_overnight_changes_shares_and_leaves_orders_as_they_are(served: Exchange) -> None:
    await place(served, "entry")
    await served.move(NOON)
    await place(served, "stop", side="sell", type="stop", stop_price="90", time_in_force="gtc")
    await served.move(WEDNESDAY.starts_at - timedelta(hours=5))

    await served.simulate("split", symbol="AAPL", ratio="7")

    held, stop = await ask(served, "positions/AAPL"), await order(served, "stop")
    (activity,) = await ask(served, "account/activities/SPLIT")
    assert held["qty"] == "70"
    assert float(held["avg_entry_price"]) == pytest.approx(100.01 / 7)
    assert (stop["qty"], stop["stop_price"], stop["status"]) == ("10", "90", "new")
    assert (activity["qty"], activity["net_amount"], activity["date"]) == ("60", "0", "2025-04-16")
    await served.move(WEDNESDAY.ends_at)
    assert (await order(served, "stop"))["status"] == "filled"  # nobody took it back
    assert (await ask(served, "positions/AAPL"))["qty"] == "60"
    async with served.session.post(f"{served.address}/_sim/split", json={"symbol": "AAPL", "ratio": 7}) as again:
        assert again.status == 422


async def test_a_halted_symbol_takes_orders_and_fills_none(served: Exchange) -> None:
    await served.simulate("halt", symbol="AAPL")
    halted = await ask(served, "assets/AAPL")
    await place(served, "mine", time_in_force="gtc")
    await served.move(NOON)
    waiting = await order(served, "mine")
    await served.simulate("halt", symbol="AAPL", halted=False)
    resumed = await order(served, "mine")
    await served.move(TUESDAY.starts_at)
    filled = await order(served, "mine")

    assert (halted["tradable"], (await ask(served, "assets/AAPL"))["tradable"]) == (False, True)
    assert [each["status"] for each in (waiting, resumed, filled)] == ["new", "new", "filled"]
    assert filled["filled_avg_price"] == "110.01"


async def test_what_nobody_placed_is_not_filled(served: Exchange) -> None:
    wrong: list[tuple[str, dict[str, object], int]] = [
        ("fill", {"quantity": 1, "price": 1}, 404),
        ("fill", {"quantity": 0, "price": 1}, 422),
        ("replace", {}, 404),
    ]
    for path, body, status in wrong:
        url = f"{served.address}/_sim/{path}"
        async with served.session.post(url, json={"client_order_id": "no", **body}) as answer:
            assert answer.status == status
