"""Signals and quotes as the API shows them: who said it, when, and where it stands."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.document import Quote


class SignalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One weighted signal with the document it comes from."""

    id: UUID
    ticker: str
    layer: str
    source: str
    event_type: str
    direction: float
    strength: float
    confidence: float
    credibility: float
    novelty: float
    quality: float
    relevance: float
    half_life: str
    event_at: datetime | None
    known_at: datetime
    extractor_version: str
    cluster_id: UUID
    origin_id: UUID
    document_id: UUID | None
    document_title: str | None
    publisher: str | None


class SignalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Signals, newest first."""

    items: list[SignalRow]
    next_cursor: str | None


class QuoteInContext(msgspec.Struct, frozen=True, kw_only=True):
    """A quote between the text around it: ``before + quote + after`` reads on, and only ``quote`` is the evidence.

    ``verbatim`` says that the stored text holds exactly this quote at exactly this place; it was looked up just now.
    """

    quote: str
    start: int
    end: int
    before: str
    after: str
    verbatim: bool


class ImpactRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one extraction says of one company."""

    ticker: str
    direction: float
    strength: float
    confidence: float
    event_types: list[str]
    horizon: str
    relevance: float
    novelty: float
    evidence: list[Quote]
