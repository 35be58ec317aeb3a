from collections.abc import AsyncIterator

import pytest_asyncio

from stonks.ports.store import Store
from tests.fakes.floor import TradingFloor, three_stocks
from tests.fakes.rows import open_database


@pytest_asyncio.fixture
async def floor(store: Store, database_url: str) -> AsyncIterator[TradingFloor]:
    """A floor with three stocks, on which nothing has happened yet."""
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        yield floor
