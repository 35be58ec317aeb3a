"""Our books beside the broker's, over HTTP on loopback: what is repaired, what stops a ticker, what only waits."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Wire, open_session
from stonks.model.errors import Unreachable
from stonks.model.job import BrokerOrderJob
from stonks.settings import Settings
from stonks.stages.broker.clerk import Clerk
from tests.fakes.alpaca import KEY, SECRET, Alpaca, open_exchange
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.market import FakeMarket
from tests.fakes.ports import some_ports
from tests.fakes.web import OpenBudget
from tests.fakes.work import FakeWork

POLL = timedelta(seconds=10)


@pytest_asyncio.fixture
async def alpaca(floor: TradingFloor) -> AsyncIterator[Alpaca]:
    """An account at Alpaca that the stage trades on."""
    keys = Keys(id=SecretStr(KEY), secret=SecretStr(SECRET))
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(open_exchange())
        session = await stack.enter_async_context(open_session())
        pace = Pace(turn=timedelta(), answer=timedelta(milliseconds=200))
        outlet = Outlet(session=session, keys=keys, budget=OpenBudget(), pace=pace)
        wire, updates = Wire(outlet, exchange.base, TRADING), TradeUpdates(outlet, exchange.base)
        floor.renew(AlpacaBroker(wire, BarPrices(FakeMarket(floor.bars)), updates, "paper", [timedelta()] * 2))
        yield exchange


async def order_one(floor: TradingFloor, alpaca: Alpaca) -> dict[str, Any]:
    """Have an order decided and brought to Alpaca, and return it as it stands there."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)
    (job,) = (await floor.trade(ELEVEN)).followed
    assert isinstance(job, BrokerOrderJob)
    await floor.courier(FakeWork(floor.store, job, ELEVEN))
    (placed,) = alpaca.orders.values()
    return placed


def hold(alpaca: Alpaca, shares: object, ticker: str = "AAPL", **more: str) -> None:
    alpaca.positions = [{"symbol": ticker, "qty": str(shares), "side": "long", **more}]


async def polls(floor: TradingFloor, times: int, start: datetime = ELEVEN) -> datetime:
    """So many polls, ten seconds apart; return when the next one would be."""
    for number in range(times):
        await floor.book(start + number * POLL)
    return start + times * POLL


async def entry(floor: TradingFloor) -> dict[str, Any]:
    """The order that trading placed, apart from those that protect it."""
    (order,) = await floor.database.rows("SELECT * FROM orders WHERE leg = 'entry'")
    return order


async def outcomes(floor: TradingFloor) -> list[str]:
    return [row["outcome"] for row in await floor.all("recon_runs", "seq")]


async def breakers(floor: TradingFloor) -> list[tuple[str, str]]:
    return [(row["scope"], row["state"]) for row in await floor.all("breakers") if row["kind"] == "RECON_MISMATCH"]


# ------------------------------------------------------------------------------------------------ inferred fills


async def test_what_an_order_traded_without_an_execution_is_inferred_once_after_ten_seconds(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.count(placed["id"], placed["qty"], "100.5", ELEVEN)
    hold(alpaca, placed["qty"])

    await floor.book(ELEVEN)
    before = await floor.all("fills")
    await polls(floor, 4, ELEVEN + POLL)

    (fill,) = await floor.all("fills")
    order = await entry(floor)
    assert before == []
    assert (fill["synthetic"], fill["quantity"], fill["price"]) == (True, Decimal(placed["qty"]), Decimal("100.5"))
    assert (order["status"], order["filled_quantity"]) == ("filled", Decimal(placed["qty"]))
    assert await breakers(floor) == []
    assert (await outcomes(floor))[-2:] == ["repaired", "ok"]


async def test_the_real_fill_takes_the_place_of_the_inferred_one_and_adds_nothing(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    placed = await order_one(floor, alpaca)
    shares = Decimal(placed["qty"])
    alpaca.count(placed["id"], placed["qty"], "100", ELEVEN)
    hold(alpaca, placed["qty"])
    later = await polls(floor, 2)
    counted = dict(alpaca.orders[placed["id"]])

    for quantity, price in ((shares - 3, "100"), (Decimal(3), "99")):
        alpaca.fill(placed["id"], str(quantity), price, ELEVEN - POLL + timedelta(seconds=int(quantity) % 7))
        alpaca.orders[placed["id"]] |= counted
        later = await polls(floor, 1, later)
    await polls(floor, 3, later)

    fills = await floor.all("fills", "quantity")
    order = await entry(floor)
    (position,) = await floor.all("positions")
    assert [(row["synthetic"], row["quantity"]) for row in fills] == [(False, 3), (False, shares - 3)]
    assert order["filled_quantity"] == position["quantity"] == shares
    averages = {round(row["average_price"], 9) for row in (order, position)}
    assert averages == {round(((shares - 3) * 100 + 3 * 99) / shares, 9)}
    assert order["status"] == "filled"


async def test_without_a_price_nothing_is_inferred_and_the_ticker_stops(alpaca: Alpaca, floor: TradingFloor) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.orders[placed["id"]] |= {"filled_qty": "5", "status": "partially_filled"}
    hold(alpaca, 5)

    await polls(floor, 8)

    assert await floor.all("fills") == []
    assert await breakers(floor) == [("ticker:AAPL", "open")]


# ------------------------------------------------------------------------------------------------ positions


async def test_a_position_that_nothing_explains_stops_its_ticker_at_the_third_look_by_name(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    await floor.book(TODAY.opens_at)
    hold(alpaca, 7, "UNH")
    start = ELEVEN + timedelta(minutes=2)

    await polls(floor, 2, start)
    waiting = await breakers(floor)
    await polls(floor, 1, start + 2 * POLL)

    assert waiting == []
    assert await breakers(floor) == [("ticker:UNH", "open")]
    (alert,) = [row for row in await floor.all("alerts") if row["kind"] == "breaker_opened"]
    assert "UNH" in alert["text"]
    (found,) = await floor.database.rows(
        "SELECT d.* FROM recon_diffs AS d JOIN recon_runs AS r ON r.id = d.run_id WHERE r.outcome = 'halted'"
    )
    assert (found["kind"], found["ticker"], found["ours"], found["theirs"]) == ("position", "UNH", 0, 7)
    assert await floor.all("fills") == []


async def test_a_ticker_that_agrees_again_may_be_entered_again(alpaca: Alpaca, floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    hold(alpaca, 7, "UNH")
    later = await polls(floor, 4, ELEVEN + timedelta(minutes=2))
    alpaca.positions = []

    await polls(floor, 1, later)

    assert await breakers(floor) == [("ticker:UNH", "closed")]
    assert (await outcomes(floor))[-1] == "ok"
    assert await floor.all("recon_pending") == []


async def test_an_execution_that_appears_long_after_the_cursor_passed_it_is_found_by_reading_again(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], "2", "100", ELEVEN)
    hold(alpaca, 2)
    later = await polls(floor, 1)

    missed = alpaca.place(symbol="UNH")
    alpaca.fill(missed["id"], "4", "50", ELEVEN - timedelta(hours=1))
    alpaca.positions += [{"symbol": "UNH", "qty": "4", "side": "long"}]
    await polls(floor, 5, later + timedelta(minutes=1))

    fills = await floor.all("fills", "ticker")
    assert [(row["ticker"], row["quantity"]) for row in fills] == [("AAPL", 2), ("UNH", 4)]
    assert await breakers(floor) == []
    assert (await outcomes(floor))[-2:] == ["repaired", "ok"]


async def test_repairs_end_after_three(alpaca: Alpaca, floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    hold(alpaca, 7, "UNH")

    await polls(floor, 12, ELEVEN + timedelta(minutes=2))

    (pending,) = await floor.all("recon_pending")
    assert (pending["looks"], pending["repairs"]) == (12, 3)


async def test_more_traded_than_ordered_stops_the_ticker(alpaca: Alpaca, floor: TradingFloor) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], str(int(placed["qty"]) + 1), "100", ELEVEN)
    hold(alpaca, int(placed["qty"]) + 1)

    await polls(floor, 1)

    order = await entry(floor)
    assert order["status"] == "unknown"
    assert await breakers(floor) == [("ticker:AAPL", "open")]


# ------------------------------------------------------------------------------------------------ runs


async def test_the_same_facts_again_write_nothing_new(alpaca: Alpaca, floor: TradingFloor) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], placed["qty"], "100", ELEVEN)
    hold(alpaca, placed["qty"], avg_entry_price="100")

    await polls(floor, 1)
    before = [await entry(floor), *[await floor.all(table) for table in ("fills", "recon_diffs", "positions")]]
    await polls(floor, 13, ELEVEN + POLL)

    after = [await entry(floor), *[await floor.all(table) for table in ("fills", "recon_diffs", "positions")]]
    assert after == before
    assert await outcomes(floor) == ["ok"]
    assert (await floor.all("recon_runs"))[0]["ended_at"] >= ELEVEN + timedelta(minutes=2)


async def test_an_average_that_is_off_is_noted_and_stops_nothing(alpaca: Alpaca, floor: TradingFloor) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], placed["qty"], "100", ELEVEN)
    hold(alpaca, placed["qty"], avg_entry_price="101")

    await polls(floor, 4)

    (found,) = await floor.all("recon_diffs")
    assert (found["kind"], found["ours"], found["theirs"], found["action"]) == ("average", 100, 101, "note")
    assert await breakers(floor) == []


# ------------------------------------------------------------------------------------------------ cash


def move(number: int, kind: str, amount: str, **more: str) -> dict[str, str]:
    return {
        "id": f"20250409000000000::{number}",
        "activity_type": kind,
        "date": "2025-04-09",
        "net_amount": amount,
        **more,
    }


async def cash_found(floor: TradingFloor) -> list[tuple[int, int]]:
    found = await floor.database.rows("SELECT * FROM recon_diffs WHERE kind = 'cash'")
    return [(int(row["ours"]), int(row["theirs"])) for row in found]


async def test_cash_moves_by_trades_fees_and_dividends_each_booked_once(alpaca: Alpaca, floor: TradingFloor) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], "2", "100", ELEVEN)
    hold(alpaca, 2)
    alpaca.moves = [move(1, "FEE", "-1.5"), move(2, "DIV", "12"), move(3, "DIV", "99", status="canceled")]
    alpaca.account["cash"] = str(100_000 - 200 - Decimal("1.5") + 12)

    await polls(floor, 9)

    assert await cash_found(floor) == []
    assert [(row["kind"], row["amount"]) for row in await floor.all("cash_moves", "id")] == [
        ("FEE", Decimal("-1.5")),
        ("DIV", Decimal(12)),
    ]


async def test_cash_that_nothing_explains_is_noted_and_told_once_and_measured_from_there(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    await floor.book(TODAY.opens_at)
    alpaca.account["cash"] = "99000"

    await polls(floor, 16, ELEVEN + timedelta(minutes=2))

    assert set(await cash_found(floor)) == {(0, -1000)}
    (alert,) = [row for row in await floor.all("alerts") if row["kind"] == "cash_mismatch"]
    assert "-1000" in alert["text"]
    assert list(dict.fromkeys(await outcomes(floor))) == ["ok", "waiting"]
    assert (await outcomes(floor))[-1] == "ok"
    assert await breakers(floor) == []


async def falls(floor: TradingFloor) -> list[str]:
    """Breakers that a fall in the account's worth has opened."""
    rows = await floor.all("breakers")
    return sorted(row["kind"] for row in rows if row["state"] == "open" and row["kind"] != "RECON_MISMATCH")


def count_by_the_minute(floor: TradingFloor) -> None:
    """Have the account counted every minute, as it is where prices move."""
    settings = Settings.model_construct(broker_url="alpaca:paper")
    floor.clerk = Clerk(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks, settings=settings))


async def test_money_taken_out_or_put_in_is_neither_a_loss_nor_a_gain(alpaca: Alpaca, floor: TradingFloor) -> None:
    count_by_the_minute(floor)
    alpaca.moves = [move(1, "CSD", "100000")]
    await polls(floor, 2)
    alpaca.moves.append(move(2, "CSW", "-50000"))
    alpaca.account["cash"] = "50000"

    later = await polls(floor, 9, ELEVEN + timedelta(minutes=2))
    withdrawn = await falls(floor)
    alpaca.account["cash"] = "48500"  # three in a hundred are lost: more than a day may lose
    await polls(floor, 9, later)

    state, newest = (await floor.all("trading_state"))[0], (await floor.all("portfolio_snapshots", "as_of"))[-1]
    assert withdrawn == []
    assert (state["day_start_equity"], state["high_water_mark"]) == (50_000, 50_000)
    assert (newest["units"], newest["transferred"]) == (Decimal("0.5"), 50_000)
    assert await falls(floor) == ["DAILY_LOSS"]


async def test_a_week_that_lost_is_one_though_money_was_put_in(alpaca: Alpaca, floor: TradingFloor) -> None:
    count_by_the_minute(floor)
    alpaca.moves = [move(1, "CSD", "100000")]
    await polls(floor, 2)
    await floor.database.rows("UPDATE portfolio_snapshots SET as_of = as_of - interval '6 hours'")
    alpaca.moves.append(move(2, "JNLC", "100000"))
    alpaca.account["cash"] = "188000"

    await polls(floor, 9, ELEVEN + timedelta(minutes=2))

    (weekly,) = [row for row in await floor.all("breakers") if row["kind"] == "WEEKLY_LOSS"]
    assert weekly["observed"] == pytest.approx(-0.12)


async def test_money_whose_transfer_is_told_before_it_is_gone_is_no_gain_meanwhile(
    alpaca: Alpaca, floor: TradingFloor
) -> None:
    count_by_the_minute(floor)
    await polls(floor, 2)
    alpaca.moves = [move(2, "CSW", "-50000")]
    later = await polls(floor, 2, ELEVEN + timedelta(minutes=2))
    early = (await floor.all("trading_state"))[0]["day_start_equity"]
    alpaca.account["cash"] = "50000"

    await polls(floor, 9, later)

    assert early == 100_000
    assert (await floor.all("trading_state"))[0]["day_start_equity"] == 50_000
    assert await falls(floor) == []


@pytest.mark.parametrize("query", ["moves", "activities", "orders", "account", "positions"])
@pytest.mark.parametrize("fault", ["504_before", "reset_before", "empty_after"])
async def test_a_query_that_fails_writes_a_failed_run_at_most_and_is_never_flat(
    alpaca: Alpaca, floor: TradingFloor, query: str, fault: str
) -> None:
    placed = await order_one(floor, alpaca)
    alpaca.fill(placed["id"], placed["qty"], "100", ELEVEN)
    hold(alpaca, placed["qty"])
    await floor.book(ELEVEN)
    before = [await floor.all(table) for table in ("fills", "positions", "breakers", "recon_diffs")]
    alpaca.faults[query] = [fault] * 99
    start = ELEVEN + timedelta(minutes=2)

    failed = 0
    for number in range(6):
        try:
            await floor.book(start + number * POLL)
        except Unreachable:
            failed += 1
    alpaca.faults[query].clear()

    after = [await floor.all(table) for table in ("fills", "positions", "breakers", "recon_diffs")]
    assert failed == 6
    assert after == before
    await floor.book(start + timedelta(minutes=2))
    assert (await outcomes(floor))[-1] == "ok"
    assert await breakers(floor) == []
