from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.rows import Database, open_database


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database, following three companies; two of them share a sub-industry."""
    async with open_database(database_url) as database:
        await database.companies("AAPL", "DELL", sub_industry="Hardware")
        await database.companies("UNH")
        yield database
