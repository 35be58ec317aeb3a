"""Where accounts live: real servers, the real API and stages, and an exchange whose bars are drawn day by day."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from stonks.adapters.broker import open_broker
from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.api.server import create_app
from stonks.model.market import Asset, Bar, Price
from stonks.ports.broker import Broker
from stonks.ports.store import Store
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, SESSIONS, TODAY, TradingFloor, history
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.world import client_of
from tests.system.account_books import SECTORS

_WIDE = {
    "name_cap": 0.5,
    "sector_cap": 0.6,
    "gross_cap": 1.0,
    "net_cap": 1.0,
    "max_correlation": 1.0,
    "twin_correlation": 1.0,
    "adv_share": 1.0,
    "max_new": 100,
    "max_over_median": 100.0,
    "orders_a_minute": 1000,
    "orders_a_day": 1000,
}
POLICIES: dict[str, dict[str, Any]] = {
    "tight": {"name_cap": 0.02, "sector_cap": 0.03, "gross_cap": 0.05, "net_cap": 0.05},
    "wide": _WIDE,
    "asking": _WIDE | {"name_cap": 0.2, "sector_cap": 0.3, "approval_share": {"paper": 0.01}},
}
"""Limits that people set, by what they are for."""

SECRET = "a-secret-that-is-long-and-random"  # noqa: S105 - of a database that ends with its test
_SCOPES = ["read", "trade", "risk:approve", "admin"]
_KEPT = {"api_keys", "bar_versions", "companies", "market_sessions", "schema_migrations"}


class Market:
    """Bars that are drawn day by day."""

    def __init__(self) -> None:
        self.bars_of = {ticker: history(ticker) for ticker in SECTORS}

    async def bars(self, ticker: str, after: datetime, until: datetime) -> list[Bar]:
        return [each for each in self.bars_of[ticker] if after < each.starts_at <= until]

    async def bar(self, ticker: str, day: object) -> Bar | None:
        return next((each for each in self.bars_of[ticker] if each.starts_at.date() == day), None)

    def middle(self, ticker: str, now: datetime) -> Decimal:
        """What a share is worth: the open while the session runs, then the close."""
        last = self.bars_of[ticker][-1]
        return last.open if now < last.ends_at else last.close


class Wire(FaultyBroker):
    """The way to the exchange: an answer may be lost on it, and something may happen while a price is asked for."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    def connect(self, broker: Broker) -> None:
        self._broker, self.faults, self.meanwhile = broker, {}, None

    async def _let_happen(self) -> None:
        what, self.meanwhile = self.meanwhile, None
        if what is not None:
            await what()

    async def price(self, ticker: str, now: datetime) -> Price | None:
        await self._let_happen()
        return await super().price(ticker, now)

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        await self._let_happen()
        return await super().asset(ticker, now)


class Clock:
    """Stands until somebody moves it."""

    at: datetime = ELEVEN

    def now(self) -> datetime:
        return self.at


class Place:
    """What all lives share: servers, the application and the people's keys; each life begins with empty books."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner, self.stack = runner, AsyncExitStack()
        self.clock, self.market = Clock(), Market()
        self.seen = Counter[str]()
        self.store: Store
        self.database: Database
        self.client: httpx.AsyncClient

    async def open(self, database_url: str, redis_url: str) -> None:
        """Open everything, and put in what never changes."""
        self.store = await self.stack.enter_async_context(open_store(database_url))
        self.database = await self.stack.enter_async_context(open_database(database_url))
        queue = await self.stack.enter_async_context(open_queue(redis_url))
        self.wire = Wire(open_broker("paper:", self.store, Market(), some_ports().settings))
        self.ports = some_ports(store=self.store, broker=self.wire, queue=queue, clock=self.clock)
        self.client = await self.stack.enter_async_context(client_of(create_app(self.ports)))
        for ticker, sector in SECTORS.items():
            await self.database.insert("companies", {"ticker": ticker, "name": ticker, "sector": sector})
            await self.database.bars(history(ticker))
        await self.database.insert(
            "market_sessions", *({"day": s.day, "opens_at": s.opens_at, "closes_at": s.closes_at} for s in SESSIONS)
        )
        hashed = hashlib.sha256(SECRET.encode()).hexdigest()
        for name in ("ann", "bob"):
            row = {"id": name, "name": name, "secret_hash": hashed, "scopes": _SCOPES, "created_at": ELEVEN}
            await self.database.insert("api_keys", row)
        tables = (
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        names = {row["relname"] for row in await self.database.rows(tables)}
        self.emptied = sorted(names - _KEPT)

    async def begin(self) -> TradingFloor:
        """Return a floor on which nothing has happened, as the broker stage finds it at the open."""
        await self.database.rows("SET session_replication_role = replica")
        for table in self.emptied:
            await self.database.rows(f"DELETE FROM {table}")  # noqa: S608 - names from the catalogue
        await self.database.rows("RESET session_replication_role")
        await self.database.rows("DELETE FROM bar_versions WHERE starts_at > $1", TODAY.closes_at)
        self.clock.at, self.market = ELEVEN, Market()
        self.wire.connect(open_broker("paper:", self.store, self.market, self.ports.settings))
        floor = TradingFloor(self.store, self.database, [])
        floor.renew(self.wire)
        await floor.book(TODAY.opens_at)
        return floor

    async def close(self) -> None:
        """Close everything."""
        await self.stack.aclose()
