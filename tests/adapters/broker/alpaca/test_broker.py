"""What is sent to Alpaca, and what is made of its answers, over HTTP on loopback."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Purpose, Wire, open_session
from stonks.model.errors import Conflict, Refused, Throttled, Unreachable
from stonks.model.order import OrderEventKind as Kind, OrderType, Side
from tests.fakes.alpaca import KEY, NOW, SECRET, Alpaca, open_exchange, stamp
from tests.fakes.intents import intent
from tests.fakes.market import FakeMarket
from tests.fakes.web import OpenBudget

LOST = ("504", "500", "502", "reset", "empty", "slow", "page", "other", "408")
SOON = timedelta(milliseconds=1)


@pytest_asyncio.fixture
async def alpaca() -> AsyncIterator[Alpaca]:
    async with open_exchange() as exchange:
        yield exchange


@pytest.fixture
def budget() -> OpenBudget:
    return OpenBudget()


@pytest_asyncio.fixture
async def broker(alpaca: Alpaca, budget: OpenBudget) -> AsyncIterator[AlpacaBroker]:
    keys = Keys(id=SecretStr(KEY), secret=SecretStr(SECRET))
    pace = Pace(turn=timedelta(), answer=timedelta(milliseconds=250))
    async with open_session() as session:
        outlet = Outlet(session=session, keys=keys, budget=budget, pace=pace)
        updates, wire = TradeUpdates(outlet, alpaca.base), Wire(outlet, alpaca.base, TRADING)
        yield AlpacaBroker(wire, BarPrices(FakeMarket([])), updates, "paper", [SOON] * 4)


# ------------------------------------------------------------------------------------------------ sending


async def test_an_order_is_sent_in_figures_that_are_exact(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    stop = intent(quantity=Decimal("1E+3"), type=OrderType.STOP, stop_price=Decimal("0.1001"), time_in_force="gtc")

    placed = await broker.submit(stop, NOW)

    assert alpaca.posted == [
        {
            "symbol": "AAPL",
            "qty": "1000",
            "side": "buy",
            "type": "stop",
            "time_in_force": "gtc",
            "order_class": "simple",
            "client_order_id": "so-1",
            "stop_price": "0.1001",
        }
    ]
    assert (placed.kind, placed.quantity, placed.client_order_id) == (Kind.ACCEPTED, Decimal(1000), "so-1")


@pytest.mark.parametrize("fault", [f"{name}_{moment}" for name in LOST for moment in ("before", "after")])
async def test_an_order_whose_answer_is_lost_is_looked_for_and_never_sent_twice(
    alpaca: Alpaca, broker: AlpacaBroker, fault: str
) -> None:
    alpaca.faults["submit"] = [fault]
    arrives = fault.endswith("after")

    if arrives:
        assert (await broker.submit(intent(), NOW)).client_order_id == "so-1"
    else:
        with pytest.raises(Unreachable, match="may or may not have arrived"):
            await broker.submit(intent(), NOW)

    assert [len(alpaca.posted), len(alpaca.orders)] == [int(arrives)] * 2
    assert [call for call, _, _ in alpaca.asked if call == "submit"] == ["submit"]


async def test_an_order_is_looked_for_until_it_appears(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    alpaca.faults["submit"] = ["504_after"]
    alpaca.faults["lookup"] = ["504_before", "page_before", "empty_after"]

    assert (await broker.submit(intent(), NOW)).client_order_id == "so-1"
    assert len(alpaca.posted) == 1


async def test_an_id_that_was_used_is_a_conflict_whose_order_is_there(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    placed = await broker.submit(intent(), NOW)

    with pytest.raises(Conflict, match="so-1"):
        await broker.submit(intent(), NOW)

    assert await broker.order("so-1") == placed
    assert len(alpaca.orders) == 1


async def test_a_refusal_is_believed_only_when_the_order_is_not_there(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    alpaca.faults["submit"] = ["wash_after", "wash"]

    assert (await broker.submit(intent(1), NOW)).client_order_id == "so-1"
    with pytest.raises(Refused, match="wash trade"):
        await broker.submit(intent(2), NOW)


async def test_a_refusal_says_why_and_not_our_keys(broker: AlpacaBroker) -> None:
    with pytest.raises(Refused, match=r"insufficient buying power for - \(403, 40310000\)"):
        await broker.submit(intent(ticker="DEAR"), NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": Decimal(0)},
        {"quantity": Decimal("1.5")},
        {"quantity": Decimal("NaN")},
        {"type": OrderType.LIMIT},
        {"limit_price": Decimal(5)},
        {"type": OrderType.STOP, "stop_price": Decimal(0)},
        {"type": OrderType.LIMIT, "limit_price": Decimal("1.001")},
        {"type": OrderType.LIMIT, "limit_price": Decimal("0.00001")},
        {"time_in_force": "opg"},
    ],
)
async def test_what_the_venue_would_not_take_is_not_sent(
    alpaca: Alpaca, broker: AlpacaBroker, wrong: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        await broker.submit(msgspec.structs.replace(intent(), **wrong), NOW)

    assert alpaca.asked == []


async def test_asked_to_slow_down_everything_of_the_account_waits_as_told(
    alpaca: Alpaca, broker: AlpacaBroker, budget: OpenBudget
) -> None:
    alpaca.faults["submit"] = ["throttled"]
    with pytest.raises(Throttled) as told:
        await broker.submit(intent(), NOW)

    assert told.value.retry_after == timedelta(seconds=7)
    assert budget.held == dict.fromkeys(["broker:entry", "broker:query", "broker:exit"], timedelta(seconds=7))

    alpaca.reset_at = NOW + timedelta(seconds=30)
    alpaca.faults["lookup"] = ["throttled"]
    with pytest.raises(Throttled) as told:
        await broker.order("so-1")

    assert told.value.retry_after == timedelta(seconds=30)
    assert alpaca.orders == {}


async def test_entries_cannot_use_up_what_exits_need(alpaca: Alpaca, broker: AlpacaBroker, budget: OpenBudget) -> None:
    budget.spent_after = {"broker:entry": 1}
    await broker.submit(intent(1), NOW)

    with pytest.raises(Throttled, match="broker:entry is spent"):
        await broker.submit(intent(2), NOW)
    await broker.submit(intent(3, side=Side.SELL, reduce_only=True), NOW)
    await broker.cancel("so-3", NOW)

    assert [order["client_order_id"] for order in alpaca.orders.values()] == ["so-1", "so-3"]
    assert budget.taken["broker:exit"] == 2


# ------------------------------------------------------------------------------------------------ looking


@pytest.mark.parametrize("fault", [f"{name}_before" for name in LOST])
async def test_a_query_that_fails_raises_and_never_says_that_nothing_is_there(
    alpaca: Alpaca, broker: AlpacaBroker, fault: str
) -> None:
    for call in ("lookup", "orders", "activities", "account", "positions"):
        alpaca.faults[call] = [fault] * 2  # a driver may ask again where that is harmless

    with pytest.raises(Unreachable):
        await broker.order("so-1")
    with pytest.raises(Unreachable):
        await broker.orders(NOW)
    with pytest.raises(Unreachable):
        await broker.executions(None, NOW)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await broker.account(NOW)
        alpaca.faults["account"] = []


async def test_only_alpaca_itself_says_that_there_is_no_order(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    assert await broker.order("so-1") is None

    alpaca.faults["lookup"] = ["page_before"]
    with pytest.raises(Unreachable):
        await broker.order("so-1")


async def test_an_order_says_what_it_traded_and_a_position_what_it_cost_as_far_as_they_do(
    alpaca: Alpaca, broker: AlpacaBroker
) -> None:
    first, second = alpaca.place(), alpaca.place()
    alpaca.fill(first["id"], "4", "100", NOW)
    alpaca.count(first["id"], "2", "103", NOW)
    held = {"qty": "6", "side": "long", "avg_entry_price": "101.0000000000000001"}
    alpaca.positions = [held | {"symbol": "AAPL"}, {"symbol": "JPM", "qty": "1", "side": "long"}]
    replacing = alpaca.replace(second["id"])
    alpaca.fill(replacing["id"], "1", "100", NOW)

    reports = {report.broker_order_id: report for report in await broker.orders(NOW)}
    account = await broker.account(NOW)

    assert reports[first["id"]].filled_quantity == Decimal(6)
    assert reports[first["id"]].average_price == Decimal(101)
    assert reports[replacing["id"]].filled_quantity is None
    assert account.average_prices == {"AAPL": 101}


@pytest.mark.parametrize("cash", ["NaN", "Infinity", "1e999", "0.0000000000001", None])
async def test_a_figure_that_is_none_is_not_booked(alpaca: Alpaca, broker: AlpacaBroker, cash: str | None) -> None:
    alpaca.account["cash"] = cash

    with pytest.raises(Unreachable):
        await broker.account(NOW)


async def test_the_account_is_told_digit_by_digit_and_shares_sold_short_are_negative(
    alpaca: Alpaca, broker: AlpacaBroker
) -> None:
    alpaca.account["cash"] = "-23140.123456789"
    alpaca.positions = [
        {"symbol": "AAPL", "qty": "5", "side": "long"},
        {"symbol": "BAC", "qty": "-7", "side": "short"},
        {"symbol": "IBM", "qty": "7", "side": "short"},
    ]

    account = await broker.account(NOW)

    assert account.cash == Decimal("-23140.123456789")
    assert account.positions == {"AAPL": Decimal(5), "BAC": Decimal(-7), "IBM": Decimal(-7)}


@pytest.mark.parametrize(
    ("status", "force", "kind"),
    [
        ("pending_new", "day", Kind.ACCEPTED),
        ("held", "day", Kind.ACCEPTED),
        ("suspended", "day", Kind.ACCEPTED),
        ("never heard of", "day", Kind.ACCEPTED),
        ("partially_filled", "day", Kind.FILL),
        ("calculated", "day", Kind.FILL),
        ("done_for_day", "day", Kind.EXPIRED),
        ("done_for_day", "gtc", Kind.ACCEPTED),
        ("expired", "day", Kind.EXPIRED),
        ("rejected", "day", Kind.REJECTED),
        ("pending_cancel", "day", Kind.PENDING_CANCEL),
        ("pending_replace", "day", Kind.PENDING_UPDATE),
    ],
)
async def test_a_status_means_what_happened_last(
    alpaca: Alpaca, broker: AlpacaBroker, status: str, force: str, kind: Kind
) -> None:
    alpaca.place(client_order_id="so-1", status=status, time_in_force=force)

    found = await broker.order("so-1")

    assert found is not None
    assert found.kind is kind


async def test_an_order_that_was_replaced_is_followed_under_our_id(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    await broker.submit(intent(side=Side.SELL, type=OrderType.STOP, stop_price=Decimal(97)), NOW)
    (order_id,) = alpaca.orders
    second = alpaca.replace(order_id, client_order_id="alpacas-own", status="new")
    third = alpaca.replace(second["id"], client_order_id="alpacas-own-2", status="new")
    alpaca.fill(third["id"], "10", "96.5", NOW)

    found = await broker.order("so-1")
    (execution,) = await broker.executions(None, NOW)

    assert found is not None
    assert (found.broker_order_id, found.client_order_id, found.kind) == (third["id"], "so-1", Kind.FILL)
    assert list(await broker.orders(NOW)) == [found]
    assert (execution.client_order_id, execution.price) == ("so-1", Decimal("96.5"))


# ------------------------------------------------------------------------------------------------ canceling


async def test_a_cancel_ends_what_works_and_leaves_what_ended(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    await broker.submit(intent(1), NOW)
    await broker.submit(intent(2), NOW)
    alpaca.fill(next(iter(alpaca.orders)), "10", "100", NOW)

    assert (await broker.cancel("so-1", NOW)).kind is Kind.FILL
    assert (await broker.cancel("so-2", NOW)).kind is Kind.CANCELED
    assert (await broker.cancel("so-2", NOW)).kind is Kind.CANCELED
    with pytest.raises(Refused, match="no order so-9"):
        await broker.cancel("so-9", NOW)


@pytest.mark.parametrize("fault", [f"{name}_after" for name in LOST])
async def test_a_cancel_whose_answer_is_lost_is_believed_when_the_order_says_so(
    alpaca: Alpaca, broker: AlpacaBroker, fault: str
) -> None:
    await broker.submit(intent(), NOW)
    alpaca.faults["cancel"] = [fault]

    assert (await broker.cancel("so-1", NOW)).kind is Kind.CANCELED


@pytest.mark.parametrize("fault", ["504_before", "slow_before", "page_before", "408_before"])
async def test_a_cancel_that_did_not_arrive_is_never_taken_for_one(
    alpaca: Alpaca, broker: AlpacaBroker, fault: str
) -> None:
    await broker.submit(intent(), NOW)
    alpaca.faults["cancel"] = [fault]

    with pytest.raises(Unreachable, match="may or may not"):
        await broker.cancel("so-1", NOW)


# ------------------------------------------------------------------------------------------------ sweeping


async def test_an_order_placed_long_ago_is_told_when_it_ends(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    old = alpaca.place(client_order_id="so-1", submitted_at=stamp(NOW - timedelta(days=60)), time_in_force="gtc")
    before = await broker.orders(NOW)
    alpaca.end(old["id"], "canceled")

    after = await broker.orders(NOW)

    assert [each.kind for each in (*before, *after)] == [Kind.ACCEPTED, Kind.CANCELED]


async def test_an_order_that_ended_while_nobody_looked_is_told(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    old = alpaca.place(client_order_id="so-1", submitted_at=stamp(NOW - timedelta(days=60)), time_in_force="gtc")
    alpaca.end(old["id"], "expired", NOW - timedelta(days=5))

    assert [each.kind for each in await broker.orders(NOW)] == [Kind.EXPIRED]


async def test_more_orders_than_a_page_are_all_told_also_those_of_one_instant(
    alpaca: Alpaca, broker: AlpacaBroker
) -> None:
    for number in range(1101):
        alpaca.place(client_order_id=f"so-{number}", submitted_at=stamp(NOW + timedelta(seconds=number // 300)))

    found = await broker.orders(NOW)

    assert len({each.client_order_id for each in found}) == len(found) == 1101


async def test_a_list_that_never_ends_is_no_list(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    for _ in range(600):
        alpaca.place(submitted_at=stamp(NOW))

    with pytest.raises(Unreachable, match="does not come to the end"):
        await broker.orders(NOW)


async def test_what_was_placed_by_hand_does_not_stop_the_sweep(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    alpaca.place(symbol=None, side="", order_class="mleg")
    alpaca.place(qty=None, notional="500", filled_qty="2.5")
    alpaca.place(client_order_id="so-1")

    assert {each.client_order_id: each.quantity for each in await broker.orders(NOW)} == {
        "by-hand-2": Decimal("2.5"),
        "so-1": Decimal(10),
    }


# ------------------------------------------------------------------------------------------------ fills


async def test_fills_come_once_each_after_the_one_that_was_booked_last(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    order = alpaca.place(client_order_id="so-1")
    first = alpaca.fill(order["id"], "4", "100.0000001", NOW)
    second = alpaca.fill(order["id"], "6", "100.02", NOW + timedelta(minutes=1))

    (one, two) = await broker.executions(None, NOW)
    none = await broker.executions(second, NOW)

    assert [one.execution_id, two.execution_id, *none] == [first, second]
    assert (one.client_order_id, one.quantity, one.price, one.at) == ("so-1", Decimal(4), Decimal("100.0000001"), NOW)
    assert [each.execution_id for each in await broker.executions(first, NOW)] == [second]


async def test_a_fill_that_appears_behind_a_later_one_is_not_lost(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    order = alpaca.place(client_order_id="so-1")
    on_time = alpaca.fill(order["id"], "4", "100", NOW)
    assert len(await broker.executions(None, NOW)) == 1
    late = alpaca.fill(order["id"], "2", "100", NOW - timedelta(minutes=2))

    told = [await broker.executions(on_time, NOW) for _ in range(2)]  # as if booking the first answer had failed
    assert [[each.execution_id for each in one] for one in told] == [[late], [late]]
    assert [each.execution_id for each in await broker.executions(late, NOW)] == [on_time]
    assert list(await broker.executions(on_time, NOW)) == []


@pytest.mark.parametrize("at", [NOW, datetime(2025, 1, 14, 15, tzinfo=UTC)])
async def test_a_restart_goes_on_from_the_cursor_in_summer_and_in_winter(
    alpaca: Alpaca, broker: AlpacaBroker, at: datetime
) -> None:
    order = alpaca.place(client_order_id="so-1")
    alpaca.fill(order["id"], "1", "100", at - timedelta(days=2))
    cursor = alpaca.fill(order["id"], "1", "100", at)
    new = alpaca.fill(order["id"], "1", "100", at + timedelta(seconds=3))

    assert [each.execution_id for each in await broker.executions(cursor, NOW)] == [new]
    assert list(await broker.executions(new, NOW)) == []


async def test_a_cursor_that_is_none_of_alpacas_reads_everything(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    order = alpaca.place(client_order_id="so-1")
    only = alpaca.fill(order["id"], "1", "100", NOW)

    assert [each.execution_id for each in await broker.executions("so-1-20250414T133000000000", NOW)] == [only]


async def test_pages_of_fills_are_read_to_the_end(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    order = alpaca.place(client_order_id="so-1")
    ids = [alpaca.fill(order["id"], "1", "100", NOW, number) for number in range(250)]

    assert [each.execution_id for each in await broker.executions(None, NOW)] == ids
    assert len([call for call, _, _ in alpaca.asked if call == "activities"]) == 3


async def test_a_fill_whose_order_is_not_there_waits_and_in_the_end_is_nobodys(
    alpaca: Alpaca, broker: AlpacaBroker
) -> None:
    order = alpaca.place(client_order_id="so-1")
    alpaca.fill(order["id"], "1", "100", NOW)
    alpaca.orders.clear()

    with pytest.raises(Unreachable, match="not there"):
        await broker.executions(None, NOW + timedelta(minutes=9))
    (execution,) = await broker.executions(None, NOW + timedelta(minutes=11))

    assert execution.client_order_id == order["id"]


async def test_names_of_many_orders_are_learned_from_the_list(alpaca: Alpaca, broker: AlpacaBroker) -> None:
    for number in range(30):
        alpaca.fill(alpaca.place(client_order_id=f"so-{number}")["id"], "1", "100", NOW, number)

    names = [each.client_order_id for each in await broker.executions(None, NOW)]

    assert names == [f"so-{number}" for number in range(30)]
    assert {call for call, _, _ in alpaca.asked} == {"activities", "orders"}


def test_shares_of_the_rate_stay_below_what_alpaca_allows() -> None:
    assert set(TRADING) == {Purpose.ENTRY, Purpose.QUERY, Purpose.EXIT}
    assert sum(share.rate.tokens + share.rate.burst for share in TRADING.values()) <= 200
