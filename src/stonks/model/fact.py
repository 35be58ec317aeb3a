"""Facts: the flat, typed rows that the lake keeps, one type a table.

Identifiers are text, money and quantities Decimal, instants UTC, so that any engine reading Parquet understands them. A
fact belongs to the UTC day of the instant at which it became known, was computed or was decided.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a lake table."""


class DocumentFact(Fact, frozen=True, kw_only=True):
    """A revision of a document and how it ended."""

    id: str
    source: str
    external_id: str
    revision: int
    action: str
    document_type: str
    publisher: str
    url: str | None
    title: str
    published_at: datetime | None
    known_at: datetime
    content_hash: str
    story_cluster_id: str | None
    quality: float | None
    language: str | None
    status: str
    status_reason: str | None


class ExtractionFact(Fact, frozen=True, kw_only=True):
    """What one extraction of a document says of one company."""

    id: str
    document_id: str
    extractor_version: str
    kind: str
    degraded: bool
    verified_ratio: float
    ticker: str
    direction: float
    strength: float
    confidence: float
    event_types: tuple[str, ...]
    horizon: str
    relevance: float
    novelty: float
    known_at: datetime


class SignalFact(Fact, frozen=True, kw_only=True):
    """A weighted signal of any layer."""

    id: str
    ticker: str
    layer: str
    source: str
    cluster_id: str
    document_id: str | None
    origin_id: str
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


class TrendFact(Fact, frozen=True, kw_only=True):
    """A version of a trend."""

    id: str
    ticker: str
    window: str
    as_of: datetime
    score: float
    direction: str
    strength: float
    confidence: float
    p_sign: float
    contradiction: float
    contradiction_entropy: float
    n_eff: float
    weight: float
    company_score: float | None
    macro_score: float | None
    competitive_score: float | None
    momentum: float
    acceleration: float
    suppressions: tuple[str, ...]
    source_share: float
    newest_known_at: datetime | None
    weights_version: str
    input_hash: str


class RecommendationFact(Fact, frozen=True, kw_only=True):
    """A recommendation with what held it back."""

    id: str
    ticker: str
    window: str
    trend_id: str
    action: str
    mode: str
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_return: float
    volatility: float | None
    cost: float
    price: Decimal | None
    contradiction: float
    suppressions: tuple[str, ...]
    thesis: str
    generated_at: datetime
    input_hash: str


class DecisionFact(Fact, frozen=True, kw_only=True):
    """A trading decision and the first gate that failed."""

    id: str
    account: str
    recommendation_id: str
    ticker: str
    verdict: str
    primary_reason: str | None
    failed_gates: tuple[str, ...]
    quantity: Decimal
    policy_version: str
    decided_at: datetime


class OrderFact(Fact, frozen=True, kw_only=True):
    """An order as it stands when its day is published."""

    id: str
    decision_id: str | None
    account: str
    leg: str
    attempt: int
    client_order_id: str
    ticker: str
    side: str
    type: str
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: str
    status_reason: str | None
    filled_quantity: Decimal
    average_price: Decimal | None
    created_at: datetime
    updated_at: datetime


class FillFact(Fact, frozen=True, kw_only=True):
    """An execution."""

    id: str
    order_id: str
    account: str
    execution_id: str
    ticker: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


class PositionFact(Fact, frozen=True, kw_only=True):
    """What an account's fills up to the end of a day add up to in one instrument.

    ``cash`` is what all its fills together brought in (negative: paid), fees included, so that its profit at any price
    is ``cash + quantity * price``.
    """

    day: date
    account: str
    ticker: str
    quantity: Decimal
    cash: Decimal
    fees: Decimal
    fills: int
    last_fill_at: datetime


class EventFact(Fact, frozen=True, kw_only=True):
    """A macro event."""

    id: str
    document_id: str
    type: str
    stage: str
    regions: tuple[str, ...]
    severity: int
    surprise: int
    direction: int
    duration: str
    confidence: float
    summary: str
    known_at: datetime
    extractor_version: str


FACTS: dict[str, type[Fact]] = {
    "documents": DocumentFact,
    "extractions": ExtractionFact,
    "signals": SignalFact,
    "events": EventFact,
    "trends": TrendFact,
    "recommendations": RecommendationFact,
    "decisions": DecisionFact,
    "orders": OrderFact,
    "fills": FillFact,
    "positions": PositionFact,
}
"""Every table of the lake with the type of its rows, in pipeline order."""
