from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from stonks.model.company import CompanyEdge
from tests.fakes.rows import Database, open_database
from tests.fakes.signals import NOW


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database, following three companies; two of them share a sub-industry."""
    async with open_database(database_url) as database:
        await database.companies("AAPL", "DELL", "UNH")
        for src, dst in (("AAPL", "DELL"), ("DELL", "AAPL")):
            await database.edge(
                CompanyEdge(
                    src=src,
                    dst=dst,
                    relation="sub_industry",
                    weight=1.0,
                    confidence=1.0,
                    valid_from=NOW - timedelta(days=365),
                    source="test",
                )
            )
        yield database
