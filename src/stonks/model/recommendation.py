"""Recommendations: a proposed action, its evidence, and every reason that held it back."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.trend import Window
from stonks.model.units import Unit


class Advice(StrEnum):
    """What is proposed."""

    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"
    WATCH = "watch"


class Mode(StrEnum):
    """How far a recommendation may go; it never rises by itself."""

    INFORMATIONAL = "informational"
    PAPER = "paper"
    LIVE = "live"


class SuppressionCode(StrEnum):
    """Why a recommendation is held back (signals.md 5.2); the first four make it one to watch rather than to act on."""

    NO_DIRECTION = "no_direction"
    LOW_PROBABILITY = "low_probability"
    THIN_EDGE = "thin_edge"
    LOW_CONFIDENCE = "low_confidence"
    CONTRADICTORY = "contradictory"
    THIN = "thin"
    STALE = "stale"
    SINGLE_SOURCE = "single_source"
    LAYER_CONFLICT = "layer_conflict"
    LOW_QUALITY = "low_quality"
    UNVERIFIED = "unverified"
    DATA_GAP = "data_gap"
    PRICE_ALREADY_MOVED = "price_already_moved"
    EARNINGS_BLACKOUT = "earnings_blackout"
    ILLIQUID = "illiquid"
    HALTED = "halted"
    DUPLICATE = "duplicate"
    COOLDOWN = "cooldown"
    CALIBRATION_DEGRADED = "calibration_degraded"
    MODEL_UNRELIABLE = "model_unreliable"


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """A reason not to act, with what was seen and what was allowed."""

    code: SuppressionCode
    observed: float | None
    limit: float | None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One signal for or against: a row of ``recommendation_evidence``."""

    signal_id: UUID
    weight_share: Unit
    contribution: float
    side: str


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``recommendations``; probabilities and returns are over the window's horizon."""

    id: UUID
    ticker: str
    window: Window
    trend_id: UUID
    action: Advice
    mode: Mode
    probability: Unit
    probability_low: Unit
    probability_high: Unit
    confidence: Unit
    expected_return: float
    volatility: float | None
    cost: float
    price: Decimal | None
    contradiction: Unit
    thesis_template: str
    thesis_llm: str | None = None
    suppressions: tuple[Suppression, ...]
    generated_at: datetime
    input_hash: str
