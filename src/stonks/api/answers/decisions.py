"""Decisions and risk verdicts as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from stonks.model.decision import Check, Clamp


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in a list."""

    id: UUID
    account: str
    recommendation_id: UUID
    ticker: str
    company: str
    window: str
    action: str
    verdict: str
    primary_reason: str | None
    quantity: Decimal
    gates_passed: int
    gates: int
    decided_at: datetime
    order_id: UUID | None
    order_status: str | None


class ReasonCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many decisions ended for this reason; None where they acted."""

    verdict: str
    primary_reason: str | None
    decisions: int


class DecisionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions, newest first; the first page also counts the reasons of all there are."""

    items: list[DecisionRow]
    next_cursor: str | None
    reasons: list[ReasonCount]


class DecisionBody(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with every gate that was asked and every step of its sizing."""

    id: UUID
    account: str
    recommendation_id: UUID
    ticker: str
    verdict: str
    primary_reason: str | None
    checks: list[Check]
    clamps: list[Clamp]
    sizing: dict[str, Any]
    quantity: Decimal
    policy_version: str
    decided_at: datetime


class RiskEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict on a recommendation or an order, with each check it asked."""

    id: UUID
    verdict: str
    checks: list[Check]
    clamps: list[Clamp]
    policy_version: str
    evaluated_at: datetime
