"""What every broker promises, each promise with a number: one stock and an account with 100,000 dollars.

Held against the paper exchange in process, and against our adapter for Alpaca that asks it over HTTP.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.broker import open_broker, open_remote
from stonks.model.errors import Conflict, Refused, SettingError
from stonks.model.market import Bar, CorporateAction, Price
from stonks.model.order import Intent, OrderEventKind as Kind, OrderType, Side
from stonks.ports.broker import Account, Broker, BrokerOrder, Execution
from stonks.ports.store import Store
from stonks.settings import read_settings
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.facts import bar
from tests.fakes.intents import intent
from tests.fakes.market import FakeMarket
from tests.fakes.web import OpenBudget

BARS = [
    bar(date(2025, 4, 11), (99, 101, 98, 100)),
    bar(date(2025, 4, 14), (100, 105, 95, 101)),
    bar(date(2025, 4, 15), (110, 112, 108, 111)),
    bar(date(2025, 4, 16), (112, 115, 90, 95)),
]
MONDAY, TUESDAY, WEDNESDAY = BARS[1], BARS[2], BARS[3]
MORNING = MONDAY.starts_at - timedelta(hours=1)
NOON = MONDAY.starts_at + timedelta(hours=3)


class OverHttp:
    """Our adapter for Alpaca on the paper exchange's server; its clock is moved to each instant that is asked about."""

    def __init__(self, broker: Broker, served: Exchange) -> None:
        self._broker, self._served = broker, served

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:
        return await (await self._at(now)).submit(intent, now)

    async def order(self, client_order_id: str) -> BrokerOrder | None:
        return await self._broker.order(client_order_id)

    async def cancel(self, client_order_id: str, now: datetime) -> BrokerOrder:
        return await (await self._at(now)).cancel(client_order_id, now)

    async def executions(self, after: str | None, now: datetime) -> Sequence[Execution]:
        return await (await self._at(now)).executions(after, now)

    async def orders(self, now: datetime) -> Sequence[BrokerOrder]:
        return await (await self._at(now)).orders(now)

    async def account(self, now: datetime) -> Account:
        return await (await self._at(now)).account(now)

    async def price(self, ticker: str, now: datetime) -> Price | None:
        return await (await self._at(now)).price(ticker, now)

    async def _at(self, now: datetime) -> Broker:
        if now > self._served.venue.now():
            await self._served.move(now)
        return self._broker


@pytest_asyncio.fixture(params=["in_process", "over_http"])
async def broker(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Broker]:
    if request.param == "in_process":
        yield paper(store, BARS)
        return
    async with (
        exchange(store, BARS, MORNING) as served,
        open_remote(f"alpaca+{served.address}", FakeMarket(BARS), read_settings(), OpenBudget()) as remote,
    ):
        yield OverHttp(remote, served)


def paper(store: Store, bars: Sequence[Bar]) -> Broker:
    return open_broker("paper:", store, FakeMarket(bars), read_settings())


async def test_an_order_is_accepted_and_found_under_its_id(broker: Broker) -> None:
    """TC-B01."""
    placed = await broker.submit(intent(), MORNING)

    assert (placed.client_order_id, placed.kind, placed.quantity) == ("so-1", Kind.ACCEPTED, Decimal(10))
    assert await broker.order("so-1") == placed
    assert await broker.order("so-2") is None
    assert list(await broker.orders(MORNING)) == [placed]


async def test_an_id_is_good_for_one_order(broker: Broker) -> None:
    """TC-B02."""
    await broker.submit(intent(), MORNING)

    with pytest.raises(Conflict):
        await broker.submit(intent(), MORNING)
    with pytest.raises(Conflict):
        await broker.submit(intent(quantity=Decimal(20)), NOON)

    assert len(await broker.orders(NOON)) == 1


async def test_of_many_submissions_at_once_under_one_id_one_wins(broker: Broker) -> None:
    """TC-B03."""
    results = await asyncio.gather(*(broker.submit(intent(), MORNING) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(await broker.executions(None, NOON)) == 1


async def test_of_many_exchanges_on_one_account_one_takes_an_order(store: Store) -> None:
    exchanges = [paper(store, BARS) for _ in range(4)]

    results = await asyncio.gather(*(each.submit(intent(), MORNING) for each in exchanges), return_exceptions=True)

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(await exchanges[0].executions(None, NOON)) == 1


async def test_a_purchase_becomes_shares_and_costs_cash(broker: Broker) -> None:
    """TC-B04."""
    await broker.submit(intent(), MORNING)

    before, after = await broker.account(MORNING), await broker.account(NOON)

    assert (before.cash, before.positions) == (Decimal(100_000), {})
    assert (after.cash, after.positions) == (Decimal("98999.90"), {"AAPL": Decimal(10)})


async def test_executions_come_once_each_after_the_one_that_was_seen_last(broker: Broker) -> None:
    """TC-B05."""
    await broker.submit(intent(1), MORNING)
    await broker.submit(intent(2), NOON)

    (first,) = await broker.executions(None, NOON)
    (second,) = await broker.executions(first.execution_id, TUESDAY.ends_at)
    nothing = await broker.executions(second.execution_id, TUESDAY.ends_at)

    assert (first.client_order_id, first.at, first.price) == ("so-1", MONDAY.starts_at, Decimal("100.01"))
    assert (second.client_order_id, second.at, second.price) == ("so-2", TUESDAY.starts_at, Decimal("110.01"))
    assert list(nothing) == []
    assert list(await broker.executions(None, TUESDAY.ends_at)) == [first, second]


async def test_what_the_account_cannot_pay_is_refused_also_beside_open_orders(broker: Broker) -> None:
    """TC-B06."""
    with pytest.raises(Refused, match="buying power"):
        await broker.submit(intent(quantity=Decimal(1000)), MORNING)
    await broker.submit(intent(2, quantity=Decimal(600)), MORNING)
    with pytest.raises(Refused, match="buying power"):
        await broker.submit(intent(3, quantity=Decimal(600)), MORNING)

    assert await broker.order("so-1") is None


async def test_what_is_not_held_is_not_sold_nor_sold_twice(broker: Broker) -> None:
    """TC-B07."""
    with pytest.raises(Refused, match="insufficient qty"):
        await broker.submit(intent(side=Side.SELL), MORNING)
    await broker.submit(intent(2), MORNING)
    await broker.submit(intent(3, side=Side.SELL, quantity=Decimal(6)), NOON)
    with pytest.raises(Refused, match="insufficient qty"):
        await broker.submit(intent(4, side=Side.SELL, quantity=Decimal(6)), NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ticker": "NONE"},
        {"quantity": Decimal(0)},
        {"quantity": Decimal("1.5")},
        {"type": OrderType.LIMIT},
        {"type": OrderType.STOP, "stop_price": Decimal(0)},
        {"time_in_force": "opg"},
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(broker: Broker, wrong: dict[str, object]) -> None:
    """TC-B08."""
    with pytest.raises(Refused):
        await broker.submit(msgspec.structs.replace(intent(), **wrong), MORNING)


async def test_a_canceled_order_does_not_fill_and_a_filled_one_is_not_canceled(broker: Broker) -> None:
    """TC-B09."""
    await broker.submit(intent(1), MORNING)
    await broker.submit(intent(2, type=OrderType.LIMIT, limit_price=Decimal(50), time_in_force="gtc"), MORNING)

    filled = await broker.cancel("so-1", NOON)
    canceled = await broker.cancel("so-2", NOON)

    assert (filled.kind, canceled.kind) == (Kind.FILL, Kind.CANCELED)
    assert [each.client_order_id for each in await broker.executions(None, WEDNESDAY.ends_at)] == ["so-1"]
    with pytest.raises(Refused):
        await broker.cancel("so-9", NOON)


async def test_a_stop_protects_and_a_day_order_ends_with_its_day(broker: Broker) -> None:
    """TC-B10."""
    await broker.submit(intent(1), MORNING)
    await broker.submit(
        intent(2, side=Side.SELL, type=OrderType.STOP, stop_price=Decimal(97), time_in_force="gtc"), NOON
    )
    await broker.submit(intent(3, type=OrderType.LIMIT, limit_price=Decimal(50)), NOON)

    stopped = (await broker.executions(None, WEDNESDAY.ends_at))[-1]
    expired = await broker.order("so-3")

    assert (stopped.client_order_id, stopped.price, stopped.at) == ("so-2", Decimal("96.99"), WEDNESDAY.ends_at)
    assert expired is not None
    assert (expired.kind, expired.at) == (Kind.EXPIRED, TUESDAY.ends_at)


async def test_a_sale_in_process_names_its_fee(store: Store) -> None:
    broker = paper(store, BARS)
    await broker.submit(intent(1), MORNING)
    await broker.submit(intent(2, side=Side.SELL), NOON)

    fees = [execution.fee for execution in await broker.executions(None, TUESDAY.ends_at)]

    assert fees == [Decimal(0), Decimal("0.05")]


async def test_a_price_is_two_sided_and_knows_nothing_too_early(broker: Broker) -> None:
    """TC-B11."""
    running, closed = await broker.price("AAPL", NOON), await broker.price("AAPL", MONDAY.ends_at)

    assert running is not None
    assert closed is not None
    assert (running.mid, closed.mid) == (Decimal(100), Decimal(101))
    assert running.bid < running.ask
    assert await broker.price("AAPL", BARS[0].starts_at - timedelta(days=1)) is None
    assert await broker.price("NONE", NOON) is None


async def test_the_books_outlive_the_broker(store: Store) -> None:
    await paper(store, BARS).submit(intent(), MORNING)

    later = paper(store, BARS)

    assert (await later.account(NOON)).positions == {"AAPL": Decimal(10)}


async def test_a_look_far_ahead_and_many_small_ones_see_the_same(broker: Broker) -> None:
    """TC-B12."""
    await broker.submit(intent(1), MORNING)
    await broker.submit(
        intent(2, type=OrderType.LIMIT, limit_price=Decimal(96), time_in_force="gtc", quantity=Decimal(7)), MORNING
    )

    steps: list[datetime] = [MORNING + timedelta(hours=hours) for hours in range(0, 60, 3)]
    seen = [execution for at in steps for execution in await broker.executions(None, at)]

    assert {each.execution_id for each in seen} == {
        each.execution_id for each in await broker.executions(None, steps[-1])
    }
    assert [each.price for each in await broker.executions(None, WEDNESDAY.ends_at)] == [Decimal("100.01"), Decimal(96)]


# ------------------------------------------------------------------------------------------------ corporate actions


async def announce(store: Store, kind: str, known_at: datetime = MORNING, **figures: Decimal) -> None:
    """Have a dividend or a split of Wednesday known."""
    action = CorporateAction(ticker="AAPL", type=kind, ex_date=WEDNESDAY.starts_at.date(), known_at=known_at, **figures)
    async with store.transaction() as transaction:
        await transaction.run("ingestion.store_actions", source="test", actions=[action])


async def test_a_split_changes_shares_as_its_day_begins_and_no_order(broker: Broker, store: Store) -> None:
    """TC-B13."""
    await announce(store, "split", ratio=Decimal(7))
    await broker.submit(intent(1), MORNING)
    stop = intent(2, side=Side.SELL, type=OrderType.STOP, stop_price=Decimal(50), time_in_force="gtc")
    await broker.submit(stop, NOON)
    before = await broker.account(TUESDAY.ends_at)

    after = await broker.account(WEDNESDAY.starts_at - timedelta(hours=1))

    assert (before.positions, after.positions) == ({"AAPL": Decimal(10)}, {"AAPL": Decimal(70)})
    assert before.cash == after.cash
    resting = await broker.order("so-2")
    assert resting is not None
    assert (resting.kind, resting.quantity) == (Kind.ACCEPTED, Decimal(10))


async def test_a_fraction_that_a_split_leaves_is_paid_out_at_the_last_close(broker: Broker, store: Store) -> None:
    """TC-B14."""
    await announce(store, "split", ratio=Decimal("0.25"))
    await broker.submit(intent(), MORNING)
    before = await broker.account(TUESDAY.ends_at)

    after = await broker.account(WEDNESDAY.starts_at)

    assert after.positions == {"AAPL": Decimal(2)}
    assert after.cash - before.cash == Decimal(222)  # half a share at four times 111


async def test_a_dividend_is_paid_once_for_what_was_held_as_its_day_began(broker: Broker, store: Store) -> None:
    """TC-B15."""
    await announce(store, "dividend", cash=Decimal("0.25"))
    await broker.submit(intent(1), MORNING)
    await broker.submit(intent(2, quantity=Decimal(100)), TUESDAY.ends_at)
    before = await broker.account(TUESDAY.ends_at)

    (night, open_) = [await broker.account(WEDNESDAY.starts_at - timedelta(hours=hours)) for hours in (1, 0)]

    assert night.cash - before.cash == Decimal("2.50")
    assert open_.positions == {"AAPL": Decimal(110)}
    assert night.cash - open_.cash == 100 * Decimal("112.01")


async def test_what_becomes_known_late_is_for_what_was_held_as_its_day_began(broker: Broker, store: Store) -> None:
    """TC-B18."""
    noon = WEDNESDAY.starts_at + timedelta(hours=3)
    await announce(store, "split", noon, ratio=Decimal(2))
    await broker.submit(intent(1), MORNING)
    await broker.submit(intent(2, quantity=Decimal(5)), TUESDAY.ends_at)

    before, after = [await broker.account(noon + timedelta(hours=hours)) for hours in (-1, 1)]

    assert (before.positions, after.positions) == ({"AAPL": Decimal(15)}, {"AAPL": Decimal(25)})


async def test_a_look_far_ahead_lets_a_split_take_effect_between_two_fills(broker: Broker, store: Store) -> None:
    """TC-B16."""
    await announce(store, "split", ratio=Decimal(2))
    await broker.submit(intent(1), MORNING)
    later = intent(2, type=OrderType.LIMIT, limit_price=Decimal(92), time_in_force="gtc", quantity=Decimal(5))
    await broker.submit(later, MORNING)

    account = await broker.account(WEDNESDAY.ends_at)

    assert account.positions == {"AAPL": Decimal(25)}


async def test_a_stop_that_comes_as_the_session_opens_protects_in_it(broker: Broker) -> None:
    """TC-B17."""
    await broker.submit(intent(1), MORNING)
    await broker.account(MONDAY.starts_at)
    stop = intent(2, side=Side.SELL, type=OrderType.STOP, stop_price=Decimal(97), time_in_force="gtc")
    await broker.submit(stop, MONDAY.starts_at)

    sold = (await broker.executions(None, MONDAY.ends_at))[-1]

    assert (sold.client_order_id, sold.price) == ("so-2", Decimal("96.99"))


def test_an_unknown_broker_is_named(store: Store) -> None:
    with pytest.raises(SettingError, match="no broker at"):
        open_broker("alpaca:", store, FakeMarket([]), read_settings())
