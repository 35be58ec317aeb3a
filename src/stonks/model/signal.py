"""Signals: what a document or event says about a company, and the one weighted form all layers share."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.document import Quote
from stonks.model.units import Polarity, Unit


class Layer(StrEnum):
    """The three signal layers of the pipeline."""

    COMPANY = "company"
    MACRO = "macro"
    COMPETITIVE = "competitive"


class HalfLife(StrEnum):
    """How long a signal stays news (signals.md 4.1)."""

    B0 = "4h"
    B1 = "1d"
    B2 = "3d"
    B3 = "10d"
    B4 = "30d"

    @property
    def span(self) -> timedelta:
        """The time after which the weight is half."""
        return _SPANS[self]


_SPANS = {
    HalfLife.B0: timedelta(hours=4),
    HalfLife.B1: timedelta(days=1),
    HalfLife.B2: timedelta(days=3),
    HalfLife.B3: timedelta(days=10),
    HalfLife.B4: timedelta(days=30),
}


class EventType(StrEnum):
    """The one taxonomy of company events, for rules, models and pattern matching alike."""

    EARNINGS_BEAT = "earnings_beat"
    EARNINGS_MISS = "earnings_miss"
    EARNINGS_REPORT = "earnings_report"
    GUIDANCE_RAISE = "guidance_raise"
    GUIDANCE_CUT = "guidance_cut"
    M_AND_A_TARGET = "m_and_a_target"
    M_AND_A_ACQUIRER = "m_and_a_acquirer"
    DIVESTITURE = "divestiture"
    FDA_CLINICAL_POS = "fda_clinical_pos"
    FDA_CLINICAL_NEG = "fda_clinical_neg"
    LITIGATION_REGULATORY = "litigation_regulatory"
    ANTITRUST = "antitrust"
    LAYOFFS = "layoffs"
    RESTRUCTURING = "restructuring"
    BUYBACK = "buyback"
    DIVIDEND_UP = "dividend_up"
    DIVIDEND_CUT = "dividend_cut"
    DIVIDEND_REGULAR = "dividend_regular"
    CAPITAL_RAISE = "capital_raise"
    DEBT_RATING = "debt_rating"
    MANAGEMENT_CHANGE = "management_change"
    PRODUCT = "product"
    CONTRACT_WIN = "contract_win"
    PARTNERSHIP = "partnership"
    CYBER = "cyber"
    RECALL = "recall"
    OUTAGE = "outage"
    SUPPLY_DISRUPTION = "supply_disruption"
    RATING_UP = "rating_up"
    RATING_DOWN = "rating_down"
    PRICE_TARGET = "price_target"
    INSIDER = "insider"
    ACTIVIST = "activist"
    SHORT_REPORT = "short_report"
    BANKRUPTCY = "bankruptcy"
    INDEX_CHANGE = "index_change"
    STOCK_SPLIT = "stock_split"
    MACRO_LINK = "macro_link"
    OTHER = "other"


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What one extraction says of one company: a row of ``document_impact_records``."""

    ticker: str
    direction: Polarity
    strength: Unit
    confidence: Unit
    event_types: tuple[EventType, ...]
    horizon: str
    relevance: Unit
    novelty: Unit
    evidence: tuple[Quote, ...]


class KeyNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A figure a document states, with where it stands."""

    metric: str
    value: float
    unit: str
    basis: str
    period: str = ""
    """The time it is of, as the text says it; empty where it says none."""
    evidence: Quote


class CompanyEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that befalls one company, as one extraction read it, with the words that tell it."""

    type: EventType
    ticker: str
    polarity: Polarity
    confidence: Unit
    hedged: bool
    negated: bool
    roles: dict[str, tuple[str, ...]]
    """Who takes which part: ``target``, ``acquirer``, ``seller``, ``subject`` or ``agent``, to their tickers."""
    evidence: Quote


class CompanySentiment(msgspec.Struct, frozen=True, kw_only=True):
    """How a document speaks of one company: probabilities of three classes, which add up to 1."""

    ticker: str
    positive: Unit
    neutral: Unit
    negative: Unit

    @property
    def score(self) -> float:
        """P(positive) - P(negative)."""
        return self.positive - self.negative


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """All that one extractor read from one document."""

    extractor_version: str
    kind: str
    summary: str
    impacts: tuple[Impact, ...]
    numbers: tuple[KeyNumber, ...] = ()
    verified_ratio: Unit = 1.0
    degraded: bool = False
    events: tuple[CompanyEvent, ...] = ()
    """What the impacts' event types rest on, each type of a company once; it is shown and not stored."""
    sentiments: tuple[CompanySentiment, ...] = ()
    """What model and rules make of each company the sentiment model read of, impact or not; shown and not stored."""


class GlobalEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A macro event read from a document: a row of ``global_events``."""

    id: UUID
    document_id: UUID
    type: str
    stage: str
    regions: tuple[str, ...]
    severity: int
    surprise: int
    direction: int
    duration: str
    sectors: dict[str, float]
    commodities: dict[str, float]
    currencies: dict[str, float]
    confidence: Unit
    summary: str
    evidence: tuple[Quote, ...]
    known_at: datetime
    extractor_version: str


class MacroImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What one macro event means for one company: the event's weight times tanh of the sum of the terms times size."""

    event_id: UUID
    ticker: str
    impact: Polarity
    terms: dict[str, float]
    size: float = 1.0
    """0.85 for the largest company to 1.15 for the smallest; 1 where that is not known."""
    coverage: Unit
    missing: tuple[str, ...] = ()
    """The groups of features of which nothing is known of this company."""


class WeightedSignal(msgspec.Struct, frozen=True, kw_only=True):
    """The one form in which every layer speaks: an immutable row of ``signals``.

    ``known_at`` is when this system could first have acted on it; ``event_at`` is for display only.
    """

    id: UUID
    ticker: str
    layer: Layer
    source: str
    cluster_id: UUID
    document_id: UUID | None
    origin_id: UUID
    event_type: str
    direction: Polarity
    strength: Unit
    confidence: Unit
    credibility: float
    novelty: Unit
    quality: Unit
    relevance: Unit
    half_life: HalfLife
    event_at: datetime | None
    known_at: datetime
    extractor_version: str
