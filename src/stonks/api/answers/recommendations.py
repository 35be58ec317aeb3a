"""Recommendations as the API shows them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.recommendation import Suppression


class RecommendationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation in a list, with what became of it."""

    id: UUID
    ticker: str
    company: str
    window: str
    action: str
    mode: str
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_return: float
    contradiction: float
    price: Decimal | None
    suppressions: list[Suppression]
    generated_at: datetime
    decision_id: UUID | None
    verdict: str | None
    primary_reason: str | None
    order_id: UUID | None
    order_status: str | None


class RecommendationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Recommendations, newest first."""

    items: list[RecommendationRow]
    next_cursor: str | None


class RecommendationBody(msgspec.Struct, frozen=True, kw_only=True):
    """All that a recommendation says; returns are shares of price over the window's horizon."""

    id: UUID
    ticker: str
    company: str
    window: str
    trend_id: UUID
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
    thesis_template: str
    thesis_llm: str | None
    suppressions: list[Suppression]
    generated_at: datetime
    input_hash: str
