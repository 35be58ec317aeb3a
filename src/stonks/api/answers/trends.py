"""Trends as the API shows them."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.api.answers.signals import SignalRow


class TrendCell(msgspec.Struct, frozen=True, kw_only=True):
    """The current trend of one company over one window."""

    trend_id: UUID
    window: str
    as_of: datetime
    score: float
    direction: str
    strength: float
    confidence: float
    contradiction: float
    n_eff: float
    signals: int


class TrendRow(msgspec.Struct, frozen=True, kw_only=True):
    """One company's current trends, shortest window first."""

    ticker: str
    name: str
    sector: str
    cells: list[TrendCell]


class TrendMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Every company against every window."""

    windows: list[str]
    rows: list[TrendRow]


class TrendSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one trend, without its signals."""

    id: UUID
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
    layer_scores: dict[str, float]
    momentum: float
    acceleration: float
    suppressions: list[str]
    source_share: float
    newest_known_at: datetime | None
    weights_version: str
    input_hash: str


class ProjectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where a score goes if nothing new is learned."""

    horizon_hours: float
    value: float
    low: float
    high: float
    method: str
    coverage: float | None


class DriverRow(msgspec.Struct, frozen=True, kw_only=True):
    """One signal's part in a trend."""

    signal: SignalRow
    contribution: float
    weight_share: float


class TrendDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one trend with what drives it; ``current_id`` is the version that holds now."""

    trend: TrendSummary
    current_id: UUID | None
    drivers: list[DriverRow]
    projections: list[ProjectionRow]
    history: list[TrendCell]
