from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from stonks.adapters.broker import open_broker
from stonks.adapters.sources import open_market
from stonks.model.errors import Refused
from stonks.model.order import Intent, OrderType, Side
from stonks.ports.store import Store
from stonks.settings import read_settings
from tests.fakes.facts import bar
from tests.fakes.rows import open_database

OPEN = datetime(2025, 4, 17, 13, 30, tzinfo=UTC)


async def test_the_bar_of_a_session_is_there_while_it_runs() -> None:
    bar = await open_market(None).bar("UNH", date(2025, 4, 17))

    assert bar is not None
    assert bar.starts_at == OPEN
    assert bar.close < bar.open


async def test_a_day_without_a_session_has_no_bar() -> None:
    assert await open_market(None).bar("UNH", date(2025, 4, 18)) is None


async def test_the_next_bar_is_the_one_that_starts_after_an_instant() -> None:
    market = open_market(None)

    assert [bar.starts_at for bar in await market.bars("UNH", OPEN, datetime(2025, 4, 21, 20, tzinfo=UTC))] == [
        datetime(2025, 4, 21, 13, 30, tzinfo=UTC)
    ]
    assert await market.bars("NOBODY", OPEN, datetime(2026, 1, 1, tzinfo=UTC)) == []


async def test_in_real_time_the_market_is_the_daily_bars_that_are_stored_and_known(
    store: Store, database_url: str
) -> None:
    thursday, friday = bar(date(2025, 4, 17), (100, 101, 99, 100)), bar(date(2025, 4, 18), (100, 103, 99, 102))
    minute = msgspec.structs.replace(friday, resolution="5m")
    async with open_database(database_url) as database:
        await database.companies("AAPL")
        await database.bars([thursday, friday, minute])
    market = open_market("live:", store)

    assert await market.bars("AAPL", thursday.starts_at - timedelta(days=9), friday.known_at) == [thursday, friday]
    assert await market.bars("AAPL", thursday.starts_at, friday.known_at) == [friday]
    assert await market.bars("AAPL", thursday.starts_at, friday.known_at - timedelta(seconds=1)) == []
    assert await market.bar("AAPL", friday.starts_at.date()) == friday
    assert await market.bar("AAPL", date(2025, 4, 19)) is None


async def test_without_a_bar_the_paper_exchange_has_no_price_and_takes_no_order(store: Store) -> None:
    exchange = open_broker("paper:", store, open_market("live:", store), read_settings())
    order = Intent(
        id=UUID(int=1),
        decision_id=None,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id="so-1",
        ticker="AAPL",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(10),
    )

    assert await exchange.price("AAPL", OPEN) is None
    with pytest.raises(Refused, match="AAPL does not trade here"):
        await exchange.submit(order, OPEN)
