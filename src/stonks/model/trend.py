"""Trends: what the signals of a window add up to, and how that would decay."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.units import Polarity, Unit


class Window(StrEnum):
    """The five spans over which signals are added up (signals.md 4.2)."""

    INTRADAY = "intraday"
    D1 = "1d"
    D7 = "7d"
    D30 = "30d"
    D90 = "90d"

    @property
    def length(self) -> timedelta:
        """The age at which a signal leaves the window."""
        return _LENGTHS[self]

    @property
    def half_life(self) -> timedelta:
        """The age at which a signal counts half in this window, beside its own half-life."""
        return _HALF_LIVES[self]


_LENGTHS = {
    Window.INTRADAY: timedelta(days=1),
    Window.D1: timedelta(days=2),
    Window.D7: timedelta(days=7),
    Window.D30: timedelta(days=30),
    Window.D90: timedelta(days=90),
}
_HALF_LIVES = {
    Window.INTRADAY: timedelta(hours=3),
    Window.D1: timedelta(hours=12),
    Window.D7: timedelta(days=3),
    Window.D30: timedelta(days=12),
    Window.D90: timedelta(days=36),
}


class Direction(StrEnum):
    """Which way a trend points; it leaves a state later than it enters it."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """One story's part in a trend, under its loudest signal: weight times direction, and its share of all weight."""

    signal_id: UUID
    contribution: float
    weight_share: Unit


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one trend: a row of ``trend_history``, the newest also in ``trend_windows``."""

    id: UUID
    ticker: str
    window: Window
    as_of: datetime
    score: Polarity
    direction: Direction
    strength: Unit
    confidence: Unit
    p_sign: Unit
    contradiction: Unit
    contradiction_entropy: Unit
    n_eff: float
    weight: float
    layer_scores: dict[str, float]
    momentum: float
    acceleration: float
    drivers: tuple[Driver, ...]
    suppressions: tuple[str, ...]
    source_share: Unit
    newest_known_at: datetime | None
    weights_version: str
    input_hash: str


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """Where a trend's score goes if nothing new is learned, with the interval that covers most outcomes."""

    trend_id: UUID
    horizon: timedelta
    value: Polarity
    low: float
    high: float
    method: str
    coverage: float | None
