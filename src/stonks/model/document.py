"""Documents: as fetched, as stored, as parsed, and where they name companies."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.units import Unit


class DocumentType(StrEnum):
    """What a document is; it decides which extraction queue reads it."""

    NEWS = "news"
    FILING = "filing"
    MACRO_EVENT = "macro_event"
    PRESS_RELEASE = "press_release"
    WEB_SCRAPE = "web_scrape"


class DocumentStatus(StrEnum):
    """Where a document stands; the last five are end states that carry a reason."""

    STORED = "stored"
    PARSED = "parsed"
    EXTRACTED = "extracted"
    CLASSIFIED = "classified"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Action(StrEnum):
    """What a revision does to its document."""

    CREATED = "created"
    UPDATED = "updated"
    REMOVED = "removed"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that is polled: which adapter reads it, how often, and where it stands."""

    name: str
    adapter: str
    cadence: timedelta
    freshness_slo: timedelta
    paused: bool = False
    cursor: str | None = None
    next_run_at: datetime | None = None
    failures: int = 0
    last_success_at: datetime | None = None
    closed_cadence: timedelta | None = None
    """The cadence at night and on days without a session; None: as in the session."""
    stopped: str | None = None
    """Why it is not polled at all, as a sentence: such as a setting that is missing."""
    asked_at: datetime | None = None
    """When somebody asked for a poll at once, until that has begun."""


class FetchedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One revision as a source hands it over: its raw bytes and what the feed says about it."""

    external_id: str
    revision: int
    action: Action
    document_type: DocumentType
    publisher: str
    published_at: datetime | None
    known_at: datetime
    content_type: str
    raw: bytes
    title: str = ""
    url: str | None = None
    language: str | None = None
    feed_tickers: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One stored revision of one document: a row of ``documents``."""

    id: UUID
    source: str
    external_id: str
    revision: int
    action: Action
    document_type: DocumentType
    publisher: str
    url: str | None
    title: str
    published_at: datetime | None
    known_at: datetime
    content_hash: str
    raw_sha256: str
    content_type: str
    feed_tickers: tuple[str, ...] = ()
    normalized_sha256: str | None = None
    story_cluster_id: UUID | None = None
    quality: Unit | None = None
    language: str | None = None
    status: DocumentStatus = DocumentStatus.STORED
    status_reason: str | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A half-open range of characters [start, end) of a normalized text."""

    start: int
    end: int


class Role(StrEnum):
    """How much a document is about a company it names."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    PASSING = "passing"


RELEVANCE: dict[Role, float] = {Role.PRIMARY: 1.0, Role.SECONDARY: 0.5, Role.PASSING: 0.1}
"""Weight of a mention by its role (signals.md 3.1)."""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked company named in a text, and every place where it is."""

    ticker: str
    role: Role
    spans: tuple[Span, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a filing and its place in the normalized text: ``I-2`` is item 2 of part I of a 10-Q."""

    item: str
    title: str
    start: int
    end: int
    by_reference: bool = False
    """Whether it says that its text stands elsewhere: in another document, or in another item of this one."""


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What the parser makes of a document; ``status`` is PARSED or an end state with its reason.

    ``text`` is the normalized text: title, an empty line, body. Every offset in the system counts its characters.
    """

    title: str
    text: str
    body_start: int
    language: str
    language_confidence: Unit
    quality: Unit
    features: dict[str, float]
    flags: tuple[str, ...]
    mentions: tuple[Mention, ...]
    published_at: datetime | None
    status: DocumentStatus
    status_reason: str | None = None
    form: str | None = None
    """Of a filing: ``10-Q``, ``10-K/A``, or ``8-K EX-99.1`` for an exhibit."""
    items: tuple[Section, ...] = ()


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A verbatim piece of a normalized text with its place: ``text[start:end] == quote``."""

    quote: str
    start: int
    end: int
