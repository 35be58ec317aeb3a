"""Whom to ask live sources about: the companies of the store."""

from collections.abc import Sequence

from stonks.ports.sources import Listing
from stonks.ports.store import Reader


class StoredListings:
    """The companies table, read anew at each question: whoever is added is asked about from then on."""

    def __init__(self, store: Reader) -> None:
        """Read from this store."""
        self._store = store

    async def __call__(self) -> Sequence[Listing]:
        """Return every followed company, by ticker."""
        return await self._store.rows(Listing, "companies.listings")
