"""One reason for or against, down to the sentence and the bytes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from stonks.api.answers.signals import QuoteInContext, SignalRow


class EvidenceDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The document behind a piece of evidence and the hashes under which its bytes are kept."""

    id: UUID
    title: str
    publisher: str
    document_type: str
    url: str | None
    published_at: datetime | None
    known_at: datetime
    raw_sha256: str
    normalized_sha256: str | None


class EvidenceCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call to a language model that decided how a document was read, or why none could."""

    id: UUID
    outcome: str
    """accept, repair, reject, degraded or cached."""
    failed: list[str]
    """What of its words did not hold, or why there were none."""
    milliseconds: float | None


class EvidenceReader(msgspec.Struct, frozen=True, kw_only=True):
    """Who read the document, and what it made of it."""

    extractor_version: str
    model: str | None
    prompt_version: str | None
    summary: str
    degraded: bool
    """Whether a model was asked, and the rules' reading stands alone."""
    call: EvidenceCall | None


class EvidenceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The macro event behind a piece of evidence, with the terms that make it this company's.

    The impact is the event's weight (gravity, surprise and confidence) times tanh of the sum of the terms times size.
    """

    id: UUID
    type: str
    summary: str
    severity: int
    surprise: int
    confidence: float
    impact: float | None
    terms: dict[str, float]
    size: float | None
    coverage: float | None
    missing: list[str]


class EvidenceStep(msgspec.Struct, frozen=True, kw_only=True):
    """A relation that a signal passed along, as it stood then; it says what ``src`` is to ``dst``, and who says so."""

    src: str
    dst: str
    relation: str
    weight: float
    confidence: float
    source: str


class EvidenceVia(msgspec.Struct, frozen=True, kw_only=True):
    """The company a piece of evidence came from, and over which relations; or the pattern of past events behind it."""

    origin_signal_id: UUID | None
    origin_ticker: str | None
    relation: str
    hops: int
    path: list[EvidenceStep]
    lag_expected_days: float
    pattern: dict[str, Any]


class EvidenceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for or against, down to the sentence; ``contribution`` is its signed part in the score."""

    side: str
    contribution: float
    weight_share: float
    signal: SignalRow
    document: EvidenceDocument | None
    reader: EvidenceReader | None
    event: EvidenceEvent | None
    via: EvidenceVia | None
    quotes: list[QuoteInContext]
