"""What live mode knows from the store: whom sources are asked about, when the exchange trades, and at what prices."""

from collections.abc import Sequence
from datetime import date, datetime

from stonks.model.market import Bar, Session
from stonks.ports.sources import Listing
from stonks.ports.store import Reader


class StoredUniverse:
    """The tables of companies and sessions, read anew at each question: who is added is asked about from then on."""

    def __init__(self, store: Reader) -> None:
        """Read from this store."""
        self._store = store

    async def listings(self) -> Sequence[Listing]:
        """Return every followed company, by ticker."""
        return await self._store.rows(Listing, "companies.listings")

    async def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return the trading sessions from ``first`` to ``last`` inclusive, as far as they are known."""
        return await self._store.rows(Session, "scheduler.sessions", first=first, last=last)


class StoredMarket:
    """The daily bars that sources have brought. There is no price where no bar came: none is made up."""

    def __init__(self, store: Reader) -> None:
        """Read from this store."""
        self._store = store

    async def bar(self, ticker: str, day: date) -> Bar | None:
        """Return the bar of one trading day, or None where nothing traded or nobody told."""
        return await self._store.row(Bar, "exchange.feed_bar", ticker=ticker, day=day)

    async def bars(self, ticker: str, after: datetime, until: datetime) -> Sequence[Bar]:
        """Return the bars that start in (after, until] and are known by ``until``, oldest first."""
        return await self._store.rows(Bar, "exchange.feed_bars", ticker=ticker, after=after, until=until)
