"""Documents as the API shows them."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.api.answers.events import EventRow
from stonks.api.answers.signals import ImpactRow, SignalRow
from stonks.model.document import Mention
from stonks.model.signal import KeyNumber


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one document, in a list; ``tickers`` are the companies it names, the most concerned first."""

    id: UUID
    source: str
    document_type: str
    action: str
    revision: int
    publisher: str
    title: str
    url: str | None
    published_at: datetime | None
    known_at: datetime
    status: str
    status_reason: str | None
    quality: float | None
    language: str | None
    tickers: list[str]


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Documents, newest first."""

    items: list[DocumentRow]
    next_cursor: str | None


class IntelligenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One extraction of a document, by which version of which extractor."""

    id: UUID
    extractor_version: str
    model: str | None
    prompt_version: str | None
    kind: str
    summary: str
    numbers: list[KeyNumber]
    degraded: bool
    verified_ratio: float
    known_at: datetime
    impacts: list[ImpactRow]


class DocumentDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A document, what was read from it and by whom, and the hashes under which its bytes are kept.

    Every quote's offsets count characters of the normalized text.
    """

    document: DocumentRow
    external_id: str
    content_type: str
    content_hash: str
    raw_sha256: str
    normalized_sha256: str | None
    story_cluster_id: UUID | None
    feed_tickers: list[str]
    flags: list[str]
    quality_features: dict[str, float]
    status_at: datetime
    mentions: list[Mention]
    intelligence: list[IntelligenceRow]
    signals: list[SignalRow]
    events: list[EventRow]
