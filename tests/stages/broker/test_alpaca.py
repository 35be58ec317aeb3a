"""The stage on Alpaca's protocol, over HTTP on loopback: lost answers, deaths, and fills that come late."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices
from stonks.adapters.broker.alpaca.reply import Reply
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Wire, open_session
from stonks.model.errors import Conflict, Refused, Throttled, Unreachable
from stonks.model.job import BrokerOrderJob
from tests.fakes.alpaca import KEY, SECRET, Alpaca, open_exchange
from tests.fakes.broker import Killed
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.market import FakeMarket
from tests.fakes.web import OpenBudget
from tests.fakes.work import FakeWork

SOON = timedelta(milliseconds=1)
FAULTS = (
    "504_after",
    "504_before",
    "reset_after",
    "reset_before",
    "empty_after",
    "slow_after",
    "wash_after",
    "throttled",
)


class MortalWire(Wire):
    """A wire whose process dies at one of its calls: before it is made, or before its answer is read."""

    dies_at: int = -1
    dies_after: bool = False
    calls: int = 0

    async def ask(self, *given: object, **more: object) -> Reply:
        self.calls += 1
        dies = self.calls == self.dies_at
        if dies and not self.dies_after:
            raise Killed
        try:
            return await super().ask(*given, **more)  # type: ignore[arg-type]
        finally:
            if dies:
                raise Killed


Start = Callable[[], Awaitable[MortalWire]]


@pytest_asyncio.fixture
async def alpaca() -> AsyncIterator[Alpaca]:
    async with open_exchange() as exchange:
        yield exchange


@pytest_asyncio.fixture
async def start(alpaca: Alpaca, floor: TradingFloor) -> AsyncIterator[Start]:
    """Starts the stage anew, with nothing in memory, and returns its wire."""
    keys = Keys(id=SecretStr(KEY), secret=SecretStr(SECRET))
    async with AsyncExitStack() as stack:

        async def begin() -> MortalWire:
            session = await stack.enter_async_context(open_session())
            pace = Pace(turn=timedelta(), answer=timedelta(milliseconds=200))
            outlet = Outlet(session=session, keys=keys, budget=OpenBudget(), pace=pace)
            updates, wire = TradeUpdates(outlet, alpaca.base), MortalWire(outlet, alpaca.base, TRADING)
            floor.renew(AlpacaBroker(wire, BarPrices(FakeMarket(floor.bars)), updates, "paper", [SOON] * 2))
            return wire

        yield begin


async def decide(floor: TradingFloor) -> BrokerOrderJob:
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)
    work = await floor.trade(ELEVEN)
    (job,) = work.followed
    assert isinstance(job, BrokerOrderJob)
    return job


async def deliver(floor: TradingFloor, job: BrokerOrderJob, start: Start) -> None:
    """Bring an order as the runtime does: again after what passes, in a new process after a death."""
    for _ in range(6):
        try:
            await floor.courier(FakeWork(floor.store, job, ELEVEN))
        except (Unreachable, Throttled, Conflict):
            continue
        except Killed:
            await start()
            continue
        return
    raise AssertionError("six deliveries did not settle the order")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dies", [(-1, False), (1, False), (1, True), (2, False), (2, True)])
async def test_one_decision_is_one_order_whatever_is_lost_and_whenever_the_process_dies(
    alpaca: Alpaca, floor: TradingFloor, start: Start, fault: str, dies: tuple[int, bool]
) -> None:
    wire = await start()
    job = await decide(floor)
    wire.dies_at, wire.dies_after = wire.calls + dies[0] if dies[0] > 0 else -1, dies[1]
    alpaca.faults["submit"] = [fault]
    alpaca.faults["lookup"] = ["504_before"]

    await deliver(floor, job, start)
    (placed,) = alpaca.orders.values()
    alpaca.fill(placed["id"], placed["qty"], "100.01", ELEVEN)
    alpaca.positions = [{"symbol": "AAPL", "qty": placed["qty"], "side": "long"}]
    await floor.book(ELEVEN)

    (order,) = await floor.orders()
    (position,) = await floor.all("positions")
    assert (order["status"], order["broker_order_id"]) == ("filled", placed["id"])
    assert position["quantity"] == Decimal(placed["qty"])
    assert [row["kind"] for row in await floor.all("order_events", "seq")] == [
        "claimed",
        "submitted",
        "accepted",
        "fill",
    ]
    assert await floor.all("breakers") == []


async def test_a_broker_that_refuses_our_keys_halts_the_account_with_that_order_rejected(
    alpaca: Alpaca, floor: TradingFloor, start: Start
) -> None:
    await start()
    job = await decide(floor)
    alpaca.faults["submit"] = ["denied"]

    await deliver(floor, job, start)

    (order,) = await floor.orders()
    (state,) = await floor.all("trading_state")
    assert order["status"] == "rejected"
    assert (state["state"], state["changed_by"]) == ("halted", "broker")
    assert "STONKS_BROKER_KEY_ID" in state["reason"]
    assert "trading_halted" in [alert["kind"] for alert in await floor.all("alerts")]
    assert alpaca.orders == {}


async def test_keys_that_are_refused_while_nothing_is_sent_halt_the_account_once(
    alpaca: Alpaca, floor: TradingFloor, start: Start
) -> None:
    await start()
    await floor.book(TODAY.opens_at)
    alpaca.faults["activities"] = ["denied", "denied"]

    for _ in range(2):
        with pytest.raises(Refused, match="STONKS_BROKER_SECRET"):
            await floor.book(ELEVEN)

    (state,) = await floor.all("trading_state")
    assert state["state"] == "halted"
    assert [alert["kind"] for alert in await floor.all("alerts")].count("trading_halted") == 1


async def test_fills_that_come_late_or_again_or_while_nobody_looks_are_booked_once_each(
    alpaca: Alpaca, floor: TradingFloor, start: Start
) -> None:
    await start()
    await deliver(floor, await decide(floor), start)
    (placed,) = alpaca.orders.values()
    shares = Decimal(placed["qty"])
    alpaca.positions = [{"symbol": "AAPL", "qty": placed["qty"], "side": "long"}]

    alpaca.fill(placed["id"], "1", "100", ELEVEN)
    await floor.book(ELEVEN)
    alpaca.fill(placed["id"], "2", "99.5", ELEVEN - timedelta(seconds=90))
    await floor.book(ELEVEN)
    await start()
    alpaca.fill(placed["id"], str(shares - 3), "100.5", ELEVEN + timedelta(seconds=5))
    for _ in range(4):
        await floor.book(ELEVEN)

    fills = await floor.all("fills", "at")
    assert [(row["quantity"], row["price"]) for row in fills] == [
        (Decimal(2), Decimal("99.5")),
        (Decimal(1), Decimal(100)),
        (shares - 3, Decimal("100.5")),
    ]
    assert [row["quantity"] for row in await floor.all("positions")] == [shares]
    assert [row["kind"] for row in await floor.all("order_events", "seq")].count("fill") == 3


async def test_a_trade_made_elsewhere_is_booked_and_a_failed_query_is_never_flat(
    alpaca: Alpaca, floor: TradingFloor, start: Start
) -> None:
    await start()
    await floor.book(TODAY.opens_at)
    outside = alpaca.place(symbol="UNH", qty="7")
    alpaca.fill(outside["id"], "7", "100", ELEVEN)
    alpaca.positions = [{"symbol": "UNH", "qty": "7", "side": "long"}]
    alpaca.faults["positions"] = ["504_before", "page_before", "empty_after"]

    for at in (ELEVEN, TODAY.closes_at, TODAY.closes_at):
        with pytest.raises(Unreachable):
            await floor.book(at)
    assert await floor.all("breakers") == []
    await floor.book(TODAY.closes_at)

    (order,) = await floor.all("orders")
    (position,) = await floor.all("positions")
    assert (order["source"], order["client_order_id"]) == ("external", outside["client_order_id"])
    assert (position["ticker"], position["quantity"]) == ("UNH", 7)
    assert await floor.all("breakers") == []
    assert [row["outcome"] for row in await floor.all("recon_runs", "seq")] == ["ok", *["failed"] * 3, "ok"]


async def test_an_order_that_ends_at_alpaca_ends_here(alpaca: Alpaca, floor: TradingFloor, start: Start) -> None:
    await start()
    await deliver(floor, await decide(floor), start)
    (placed,) = alpaca.orders.values()
    alpaca.end(placed["id"], "canceled", ELEVEN)
    alpaca.faults["orders"] = ["504_before", "504_before"]

    for _ in range(2):
        with pytest.raises(Unreachable):
            await floor.book(ELEVEN)
    await floor.book(ELEVEN)

    (order,) = await floor.orders()
    assert order["status"] == "canceled"
