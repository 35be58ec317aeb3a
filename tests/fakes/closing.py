"""A database that is not there for a while."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg


@asynccontextmanager
async def closed(database_url: str) -> AsyncIterator[None]:
    """End every connection to a database, and take no new ones while inside."""
    name = urlsplit(database_url).path[1:]
    connection = await asyncpg.connect(re.sub(r"/\w+\?", "/postgres?", database_url))
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
    try:
        yield
    finally:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await connection.close()
