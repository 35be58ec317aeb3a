"""The outside world that is read: one adapter a kind of source, chosen by the source's row."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from stonks.model.document import FetchedDocument, Source
from stonks.model.errors import Permanent, Transient
from stonks.model.market import Bar, CalendarEvent, CorporateAction, Session, TickerDetails


class SourceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer whose bytes are kept as the object ``raw/sha256/...``; its URL holds no secret."""

    url: str
    status: int
    headers: dict[str, str]
    content_type: str
    fetched_at: datetime
    sha256: str | None
    size: int


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What one poll brought, and where to go on from."""

    documents: tuple[FetchedDocument, ...] = ()
    bars: tuple[Bar, ...] = ()
    events: tuple[CalendarEvent, ...] = ()
    actions: tuple[CorporateAction, ...] = ()
    details: tuple[TickerDetails, ...] = ()
    answers: tuple[SourceAnswer, ...] = ()
    """Every answer of the poll, in order, also those that nothing came of."""
    troubles: tuple[str, ...] = ()
    """What went wrong with single pieces, each as a sentence, while the poll as a whole did well."""
    cursor: str | None = None
    next_at: datetime | None = None
    """When the source expects to have something new; None means after its cadence."""
    setback: Transient | Permanent | None = None
    """Why the poll ended before its end; what it brought until then is whole, and the cursor stands behind that."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A followed company as far as sources ask for it; pages are its own that are read regularly."""

    ticker: str
    name: str
    cik: str | None = None
    pages: tuple[str, ...] = ()


class Universe(Protocol):
    """Says whom to ask sources about, and when the exchange trades."""

    async def listings(self) -> Sequence[Listing]:
        """Return every followed company, by ticker."""
        ...

    async def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return the trading sessions from ``first`` to ``last`` inclusive, as far as they are known."""
        ...


class Keep(Protocol):
    """Keeps bytes under a key before anyone reads them; the object store's ``put`` is one."""

    async def __call__(self, key: str, data: bytes) -> None:
        """Keep these bytes; a key that exists already is left as it is."""
        ...


class Sources(Protocol):
    """Reads sources, and says which there are."""

    def sources(self) -> Sequence[Source]:
        """Return the sources this reader serves, with their cadence, as they should stand in the table."""
        ...

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        """Return what is new since the source's cursor, oldest first.

        A recorded source holds to what was known by ``now``; what a live one brings becomes known as it answers.

        Raises:
            Transient: the source did not answer or asked to wait.
            Permanent: the source refuses us or its answer is not what it promises.
        """
        ...
