"""The outside world that is read: one adapter a kind of source, chosen by the source's row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from stonks.model.document import FetchedDocument, Source
from stonks.model.market import Bar, CalendarEvent


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What one poll brought, and where to go on from."""

    documents: tuple[FetchedDocument, ...] = ()
    bars: tuple[Bar, ...] = ()
    events: tuple[CalendarEvent, ...] = ()
    cursor: str | None = None
    next_at: datetime | None = None
    """When the source expects to have something new; None means after its cadence."""


class Sources(Protocol):
    """Reads sources, and says which there are."""

    def sources(self) -> Sequence[Source]:
        """Return the sources this reader serves, with their cadence, as they should stand in the table."""
        ...

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        """Return what is new since the source's cursor and known by ``now``, oldest first.

        Raises:
            Transient: the source did not answer or asked to wait.
            Permanent: the source refuses us or its answer is not what it promises.
        """
        ...
