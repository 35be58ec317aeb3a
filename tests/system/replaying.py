"""A whole replay for tests: every stage, in this process, on a database and a Valkey of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from stonks.app import App, open_app, open_servers
from stonks.cli.playing import play
from stonks.replay.summary import Summary
from stonks.settings import read_settings


class Span(NamedTuple):
    """The part of a tape that is played."""

    starts_at: datetime
    ends_at: datetime


HOLY_WEEK = Span(datetime(2025, 4, 15, 4, tzinfo=UTC), datetime(2025, 4, 22, 4, tzinfo=UTC))
"""Results, the guidance cut of UNH on the 17th, a Friday without a session, and the Monday after it."""


@asynccontextmanager
async def replayed(
    database_url: str, redis_url: str, data: Path, *, span: Span, change: Callable[[App], App] = lambda app: app
) -> AsyncIterator[tuple[App, Summary]]:
    """Play a span of the bundled tape to its end, and keep everything open to look at."""
    settings = read_settings(database_url=database_url, redis_url=redis_url, data_dir=data)
    async with (
        open_servers(settings) as servers,
        open_app(settings, servers, starts_at=span.starts_at, ends_at=span.ends_at) as opened,
    ):
        app = change(opened)
        summary, _ = await play(app, asyncio.Event())
        assert summary is not None
        yield app, summary
