from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.rows import Database, open_database


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database, following one company."""
    async with open_database(database_url) as database:
        await database.companies("AAPL")
        yield database
