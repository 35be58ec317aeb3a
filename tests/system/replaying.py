"""A whole replay for tests: every stage, in this process, on a database and a Valkey of its own."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple, Self

import asyncpg
from redis.asyncio import Redis

from stonks.app import App, open_app, open_servers
from stonks.cli.playing import play
from stonks.replay.summary import Summary
from stonks.settings import read_settings
from stonks.supervisor import Supervisor


class Span(NamedTuple):
    """The part of a tape that is played."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of_days(cls, first: str, last: str) -> Self:
        """From midnight to midnight in New York, as the command line has it."""
        midnight = time(4, tzinfo=UTC)
        after = date.fromisoformat(last) + timedelta(days=1)
        return cls(datetime.combine(date.fromisoformat(first), midnight), datetime.combine(after, midnight))


LATE_APRIL = Span.of_days("2025-04-24", "2025-04-29")
"""Results of a dozen companies, a weekend among them, and entries on three days."""


class Urls(NamedTuple):
    """Where two servers are."""

    database: str
    redis: str

    @classmethod
    def of(cls, servers: Supervisor) -> Self:
        """Where the embedded ones are."""
        assert servers.database_url is not None
        assert servers.redis_url is not None
        return cls(servers.database_url, servers.redis_url)


async def empty_database(urls: Urls, name: str) -> str:
    """The URL of a database that has nothing in it yet; what other tests left in Redis is gone as well."""
    async with Redis.from_url(urls.redis) as client:
        await client.flushall()
    connection = await asyncpg.connect(urls.database)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return re.sub(r"/\w+\?", f"/{name}?", urls.database)


@asynccontextmanager
async def replayed(
    database_url: str,
    redis_url: str,
    data: Path,
    *,
    span: Span,
    change: Callable[[App], App] = lambda app: app,
    llm_url: str | None = None,
) -> AsyncIterator[tuple[App, Summary]]:
    """Play a span of the bundled tape to its end, and keep everything open to look at."""
    settings = read_settings(database_url=database_url, redis_url=redis_url, data_dir=data, llm_url=llm_url)
    async with (
        open_servers(settings) as servers,
        open_app(settings, servers, starts_at=span.starts_at, ends_at=span.ends_at) as opened,
    ):
        app = change(opened)
        summary, _ = await play(app, asyncio.Event())
        assert summary is not None
        yield app, summary
