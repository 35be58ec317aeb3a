"""The chain from an order, a decision or a recommendation down to its evidence."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.api.answers.decisions import DecisionBody, RiskEvaluation
from stonks.api.answers.evidence import EvidenceItem
from stonks.api.answers.orders import FillRow, OrderEventRow, OrderRow
from stonks.api.answers.recommendations import RecommendationBody
from stonks.api.answers.trends import TrendSummary


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened on the way, and to what."""

    at: datetime
    what: str
    detail: str
    ref: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """Why: from orders through decision and recommendation to signals, documents, sentences and raw bytes.

    ``kind`` and ``id`` are of what was asked; ``intact`` is whether every quote stands in its stored text.
    """

    kind: str
    id: UUID
    recommendation: RecommendationBody
    trend: TrendSummary
    evidence_for: list[EvidenceItem]
    evidence_against: list[EvidenceItem]
    eligibility: RiskEvaluation | None
    decision: DecisionBody | None
    orders: list[OrderRow]
    timeline: list[Instant]
    intact: bool


class RecommendationDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its whole chain, and the ones before and after it for this ticker and window."""

    chain: Chain
    previous_id: UUID | None
    next_id: UUID | None


class DecisionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with every gate, and the chain it stands in."""

    decision: DecisionBody
    chain: Chain


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    """An order; its chain is absent where no recommendation led to it."""

    order: OrderRow
    events: list[OrderEventRow]
    fills: list[FillRow]
    evaluation: RiskEvaluation | None
    chain: Chain | None
