"""The stream of trade updates, from the paper exchange's server: a hint that is never missed for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import Keys, Outlet, open_session
from stonks.ports.store import Store
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.facts import bar
from tests.fakes.intents import intent
from tests.fakes.web import OpenBudget

BARS = [bar(date(2025, 4, 11), (99, 101, 98, 100)), bar(date(2025, 4, 14), (100, 105, 95, 101))]
MORNING = BARS[1].starts_at - timedelta(hours=1)
PATIENCE = 15


@pytest_asyncio.fixture
async def served(store: Store) -> AsyncIterator[Exchange]:
    async with exchange(store, BARS, MORNING) as served:
        yield served


@pytest_asyncio.fixture
async def outlet() -> AsyncIterator[Outlet]:
    keys = Keys(id=SecretStr("key"), secret=SecretStr("secret"))
    async with open_session() as session:
        yield Outlet(session=session, keys=keys, budget=OpenBudget())


@pytest_asyncio.fixture
async def updates(served: Exchange, outlet: Outlet) -> AsyncIterator[TradeUpdates]:
    async with aclosing(TradeUpdates(outlet, served.address, timedelta(seconds=0.05))) as updates:
        yield updates


async def place(served: Exchange, number: int) -> None:
    await served.venue.paper.submit(intent(number, quantity=Decimal(1)), served.venue.now())


async def test_a_connection_and_then_an_update_are_news(served: Exchange, updates: TradeUpdates) -> None:
    await asyncio.wait_for(updates.news(), PATIENCE)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(updates.news(), 0.2)
    await place(served, 1)

    await asyncio.wait_for(updates.news(), PATIENCE)


async def test_a_stream_that_is_dropped_is_taken_up_again_as_news(served: Exchange, updates: TradeUpdates) -> None:
    await asyncio.wait_for(updates.news(), PATIENCE)
    await served.simulate("stream", kind="dropped")

    await asyncio.wait_for(updates.news(), PATIENCE)


@pytest.mark.parametrize("port", [1, 9])
async def test_where_there_is_no_stream_there_is_no_news_and_no_error(outlet: Outlet, port: int) -> None:
    updates = TradeUpdates(outlet, f"http://127.0.0.1:{port}")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(updates.news(), 0.3)


async def test_who_may_not_listen_hears_nothing(served: Exchange, outlet: Outlet) -> None:
    keyless = Outlet(session=outlet.session, keys=Keys(id=SecretStr(""), secret=SecretStr("")), budget=outlet.budget)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(TradeUpdates(keyless, served.address).news(), 0.3)
