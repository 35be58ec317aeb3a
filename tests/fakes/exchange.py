"""A paper exchange that is served on loopback, on bars and in a time that a test chose."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from aiohttp import ClientSession

from stonks.adapters.broker.exchange.answers import KEY_ID, SECRET, Turnstile
from stonks.adapters.broker.exchange.clock import MovedClock
from stonks.adapters.broker.exchange.diary import Diary
from stonks.adapters.broker.exchange.latency import Lag, at_once
from stonks.adapters.broker.exchange.ledger import Ledger
from stonks.adapters.broker.exchange.server import serving
from stonks.adapters.broker.exchange.updates import Updates
from stonks.adapters.broker.exchange.venue import Venue
from stonks.adapters.broker.paper import PaperExchange
from stonks.adapters.calendar.tape import RecordedSessions
from stonks.model.market import Bar, Session
from stonks.ports.store import Store
from stonks.runtime.clock import SystemClock
from tests.fakes.market import FakeMarket

KEYS = {KEY_ID: "any", SECRET: "key"}


class Exchange(NamedTuple):
    """Where a test reaches the exchange, and its parts."""

    address: str
    venue: Venue
    updates: Updates
    session: ClientSession

    @property
    def stream(self) -> str:
        """The address of trade updates."""
        return self.address.replace("http", "ws", 1) + "/stream"

    async def move(self, to: datetime) -> None:
        """Have the exchange's time go on at an instant."""
        await self.simulate("clock", now=to.isoformat())

    async def simulate(self, what: str, **body: object) -> None:
        """Play the world."""
        async with self.session.post(f"{self.address}/_sim/{what}", json=body) as answer:
            assert answer.ok, await answer.text()


@asynccontextmanager
async def exchange(
    store: Store,
    bars: Sequence[Bar],
    start: datetime,
    *,
    simulated: bool = True,
    per_minute: int = 10_000,
    lag: Lag = at_once,
) -> AsyncIterator[Exchange]:
    """Serve an account with 100,000 dollars; time stands still until it is moved."""
    ledger, feed, clock = Ledger(store, "paper"), FakeMarket(bars), MovedClock(start, 0.0, lambda: 0.0)
    updates = Updates(ledger)
    days = sorted({(bar.starts_at, bar.ends_at) for bar in bars})
    sessions = [Session(day=opens.date(), opens_at=opens, closes_at=closes) for opens, closes in days]
    venue = Venue(
        paper=PaperExchange(store, feed, "paper", 100_000, updates.hear),
        ledger=ledger,
        feed=feed,
        diary=Diary(RecordedSessions(sessions)),
        clock=clock,
        names={"AAPL": "Apple Inc."},
        lag=lag,
    )
    async with (
        serving(venue, updates, Turnstile(SystemClock(), per_minute), simulated=simulated) as address,
        ClientSession(headers=KEYS) as session,
    ):
        yield Exchange(address, venue, updates, session)
