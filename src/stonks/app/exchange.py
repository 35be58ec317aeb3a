"""The paper exchange as a server of its own: on a tape in virtual time, or on stored bars in real time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from stonks.app.live import means_live
from stonks.app.servers import Servers
from stonks.ports.clock import Clock
from stonks.ports.store import Store
from stonks.settings import Settings


class ExchangeOptions(NamedTuple):
    """How an exchange is served."""

    port: int = 0
    at: datetime | None = None
    """Where a tape's time begins: at the tape's start, or where its orders are already, unless this is later."""
    rate: float = 1.0
    """Virtual seconds a second, on a tape."""
    simulated: bool = False
    """Whether /_sim is there, with which clients move the clock and make faults."""
    per_minute: int = 200
    latency: bool = True
    """Whether orders are on their way for a while."""


@asynccontextmanager
async def open_exchange(settings: Settings, servers: Servers, options: ExchangeOptions) -> AsyncIterator[str]:
    """Serve the account of the settings over HTTP on loopback; gives the address.

    Raises:
        SettingError: a URL names no implementation, or the port is taken.
        Unreachable: the database does not answer.
    """
    from stonks.adapters.broker.exchange.answers import Turnstile
    from stonks.adapters.broker.exchange.diary import Diary
    from stonks.adapters.broker.exchange.latency import at_once, seeded
    from stonks.adapters.broker.exchange.ledger import Ledger
    from stonks.adapters.broker.exchange.server import serving
    from stonks.adapters.broker.exchange.updates import Updates
    from stonks.adapters.broker.exchange.venue import Venue
    from stonks.adapters.broker.paper import PaperExchange
    from stonks.adapters.calendar import open_calendar
    from stonks.adapters.sources import open_market
    from stonks.adapters.store import open_store
    from stonks.runtime.clock import SystemClock

    async with open_store(servers.database_url) as store:
        ledger = Ledger(store, settings.account)
        updates = Updates(ledger)
        feed = open_market(settings.sources_url, store)
        venue = Venue(
            paper=PaperExchange(store, feed, settings.account, settings.starting_cash, updates.hear),
            ledger=ledger,
            feed=feed,
            diary=Diary(open_calendar("xnys:")),
            clock=await _clock(settings, await ledger.latest(), options),
            names=await _names(settings, store),
            lag=seeded if options.latency else at_once,
        )
        turnstile = Turnstile(SystemClock(), options.per_minute)
        async with serving(venue, updates, turnstile, options.port, simulated=options.simulated) as address:
            yield address


async def _clock(settings: Settings, latest: datetime | None, options: ExchangeOptions) -> Clock:
    """Return real time for live sources; for a tape, time that begins where its orders have come to."""
    from stonks.adapters.broker.exchange.clock import MovedClock
    from stonks.app.replaying import tape_of
    from stonks.runtime.clock import SystemClock

    if means_live(settings):
        return SystemClock()
    begin = options.at or tape_of(settings).manifest.span.start
    return MovedClock(max(begin, latest or begin), options.rate, monotonic)


async def _names(settings: Settings, store: Store) -> dict[str, str]:
    from stonks.adapters.sources.stored import StoredUniverse
    from stonks.app.replaying import tape_of

    if means_live(settings):
        return {listing.ticker: listing.name for listing in await StoredUniverse(store).listings()}
    return {company.ticker: company.name for company in tape_of(settings).companies}
