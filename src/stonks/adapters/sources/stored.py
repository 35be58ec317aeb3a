"""Whom live sources are asked about and when the exchange trades, as the store knows it."""

from collections.abc import Sequence
from datetime import date

from stonks.model.market import Session
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
