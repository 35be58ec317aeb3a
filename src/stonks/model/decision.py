"""Decisions: every gate that was asked, every clamp that bound, and what came of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.approval import Approval
from stonks.model.order import Intent


class Verdict(StrEnum):
    """What a decision came to."""

    ACT = "act"
    SKIP = "skip"
    NEEDS_APPROVAL = "needs_approval"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One gate's answer: what it saw, what it allows, and how old its inputs were."""

    gate: str
    code: str
    passed: bool
    hard: bool
    observed: float | str | None
    limit: float | str | None
    data_as_of: datetime | None


class Clamp(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that made an order smaller; shares of equity before and after."""

    code: str
    before: float
    after: float


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``trading_decisions``: one a recommendation and account."""

    id: UUID
    account: str
    recommendation_id: UUID
    ticker: str
    verdict: Verdict
    primary_reason: str | None
    checks: tuple[Check, ...]
    clamps: tuple[Clamp, ...]
    sizing: dict[str, float]
    quantity: Decimal
    intent: Intent | None
    approval: Approval | None = None
    """What a person is asked where his yes is all that is missing."""
    policy_version: str
    decided_at: datetime
