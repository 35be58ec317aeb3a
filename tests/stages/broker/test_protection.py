"""Promise 12 over HTTP: whatever is lost, an entry's fill has its stop within ten seconds of the exchange's clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from benchmarks.protection import PROMISE, Report, read
from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices
from stonks.adapters.broker.alpaca.reply import Reply
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Wire, open_session
from stonks.model.errors import Refused, Transient
from stonks.model.job import BrokerOrderJob, Job
from stonks.model.order import Intent, OrderType
from stonks.ports.broker import BrokerOrder
from stonks.ports.store import Store
from stonks.stages.broker import STAGE
from tests.fakes.broker import FaultyBroker, Killed
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after, three_stocks
from tests.fakes.market import FakeMarket
from tests.fakes.web import OpenBudget
from tests.fakes.work import FakeWork

SECOND = timedelta(seconds=1)
OPEN = after(1).opens_at
AGAIN = 2
"""Seconds after which the runtime brings back what failed, and a process that died is there again."""


class MortalWire(Wire):
    """A wire whose process dies at its next order: before that is sent, or before the answer is read."""

    dies: str = ""

    async def ask(self, *given: object, **more: object) -> Reply:
        dying, self.dies = (self.dies, "") if given[:2] == ("POST", "/v2/orders") else ("", self.dies)
        if dying == "before":
            raise Killed
        reply = await super().ask(*given, **more)  # type: ignore[arg-type]
        if dying == "after":
            raise Killed
        return reply


class NoStops(FaultyBroker):
    """A broker that refuses every stop."""

    async def submit(self, intent: Intent, now: datetime) -> BrokerOrder:
        if intent.type is OrderType.STOP:
            raise Refused("no stops here")
        return await super().submit(intent, now)


class Trading:
    """The broker stage on the served exchange, polled as seldom as it may be and driven second by second."""

    def __init__(self, floor: TradingFloor, served: Exchange, start: Callable[[], MortalWire]) -> None:
        self.floor, self.served, self.start = floor, served, start
        self.wire = start()
        self.waiting: list[tuple[datetime, Job]] = []

    async def buy(self, ticker: str) -> None:
        """Order a stock today; it is filled as the next session opens."""
        await self.served.move(ELEVEN)
        await self.floor.book(ELEVEN)
        await self.floor.recommend(1, ticker)
        work = await self.floor.trade(ELEVEN)
        await self.floor.deliver(work, ELEVEN)
        await self.served.move(OPEN)

    async def live(self, first: datetime, seconds: int) -> None:
        """Let seconds pass; the stream is mute, so that only polls tell of fills, the first of them late."""
        assert STAGE.every is not None
        for second in range(seconds):
            now = first + second * SECOND
            if now > first:
                await self.served.move(now)
            if second % STAGE.every.seconds == STAGE.every.seconds - 1:
                work = await self.floor.book(now)
                self.waiting += [(now, job) for job in work.followed]
            await self._deliver(now)

    async def _deliver(self, now: datetime) -> None:
        while due := [pair for pair in self.waiting if pair[0] <= now]:
            self.waiting.remove(due[0])
            job = due[0][1]
            assert isinstance(job, BrokerOrderJob)
            work = FakeWork(self.floor.store, job, now)
            try:
                await self.floor.courier(work)
            except Transient:
                self.waiting.append((now + AGAIN * SECOND, job))
            except Killed:
                self.wire = self.start()
                self.waiting.append((now + AGAIN * SECOND, job))
            self.waiting += [(now, job) for job in work.followed]


@pytest_asyncio.fixture
async def trading(store: Store, floor: TradingFloor) -> AsyncIterator[Trading]:
    async with exchange(store, three_stocks(), TODAY.opens_at) as served, AsyncExitStack() as stack:
        keys = Keys(id=SecretStr("any"), secret=SecretStr("key"))
        session = await stack.enter_async_context(open_session())

        def start() -> MortalWire:
            pace = Pace(turn=timedelta(), answer=timedelta(milliseconds=300))
            outlet = Outlet(session=session, keys=keys, budget=OpenBudget(), pace=pace)
            wire = MortalWire(outlet, served.address, TRADING)
            updates = TradeUpdates(outlet, served.address)
            prices = BarPrices(FakeMarket(floor.bars))
            floor.renew(AlpacaBroker(wire, prices, updates, "paper", [timedelta(milliseconds=1)] * 2))
            return wire

        yield Trading(floor, served, start)


async def books(database_url: str) -> Report:
    connection = await asyncpg.connect(database_url)
    try:
        return await read(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "fault", ["none", "504_after", "504_before", "reset_after", "reset_before", "empty_200", "422_duplicate", "429"]
)
async def test_an_entry_is_protected_in_time_whatever_answer_is_lost(
    trading: Trading, database_url: str, fault: str
) -> None:
    await trading.buy("UNH")
    if fault != "none":
        await trading.served.simulate("faults", kind=fault)

    await trading.live(OPEN, 12)

    report = await books(database_url)
    assert len(report.entries) == 1
    assert timedelta(0) < report.worst <= PROMISE
    assert len(await trading.floor.stops()) == 1


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_an_entry_is_protected_in_time_though_the_process_dies_between_the_fill_and_the_stop(
    trading: Trading, database_url: str, dies: str
) -> None:
    await trading.buy("UNH")
    trading.wire.dies = dies

    await trading.live(OPEN, 12)

    report = await books(database_url)
    assert timedelta(0) < report.worst <= PROMISE
    assert [row["status"] for row in await trading.floor.stops()] == ["accepted"]


async def test_what_cannot_be_protected_is_on_sale_in_time_and_then_flat(trading: Trading, database_url: str) -> None:
    await trading.buy("UNH")
    trading.floor.renew(NoStops(trading.floor.broker))

    await trading.live(OPEN, 12)
    await trading.served.move(after(2).opens_at)
    await trading.live(after(2).opens_at, 6)

    (entry,) = (await books(database_url)).entries
    assert entry.until_leaving <= PROMISE
    assert entry.gap == after(2).opens_at - OPEN
    assert [row["quantity"] for row in await trading.floor.all("positions")] == [0]


async def test_a_stop_at_the_exchange_sells_without_us(trading: Trading, database_url: str) -> None:
    await trading.buy("JPM")
    await trading.live(OPEN, 6)

    await trading.served.move(after(2).closes_at)

    report = await books(database_url)
    assert report.worst <= PROMISE
    assert await trading.floor.database.value("SELECT count(*) FROM exchange_executions WHERE side = 'sell'") == 1
