"""Risk verdicts on orders that were asked for, the limits they are held to, and approvals, as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec

from stonks.api.answers.asked import Asked
from stonks.model.approval import Approval, ApprovalKind, ApprovalState
from stonks.model.decision import Check, Clamp
from stonks.model.order import OrderType, Side
from stonks.model.order_request import Asker, OrderVerdict, RiskVerdict
from stonks.model.recommendation import Mode
from stonks.risk.breaker_limits import BreakerLimits
from stonks.risk.policy import Limits, Policy, Sizes

Ticker = Annotated[str, msgspec.Meta(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9.\-]+$")]


class OrderBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to judge: a ticker, a side, and shares or dollars; amounts are decimal strings."""

    ticker: Ticker
    side: Side
    quantity: Decimal | None = None
    notional: Decimal | None = None
    type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "day"
    reduce_only: bool = False
    mode: Mode | None = None
    """None: whichever the account trades in; another one is refused."""
    source: Asker = Asker.MANUAL
    recommendation_id: UUID | None = None
    """What the engine asks for."""
    account: str | None = None
    """None: the account of the settings."""
    intent_id: str | None = None
    """The Idempotency-Key once more, where it is given."""
    as_of: datetime | None = None


class OverrideBody(Asked, frozen=True, kw_only=True):
    """An order to place by hand, at the market or with a limit, and why."""

    ticker: Ticker
    side: Side
    quantity: Decimal | None = None
    notional: Decimal | None = None
    type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: str = "day"
    mode: Mode | None = None
    """None: whichever the account trades in; another one is refused."""


class EvaluationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an order was answered: every gate, what made it smaller, and for how long that holds."""

    evaluation_id: UUID
    intent_id: str
    account: str
    mode: Mode
    source: Asker
    asked_by: str
    ticker: str
    side: Side
    type: OrderType
    quantity_asked: Decimal | None
    notional_asked: Decimal | None
    verdict: RiskVerdict
    quantity_approved: Decimal
    """Of an order that waits for a person: what he may allow."""
    primary_reason: str | None
    checks: list[Check]
    clamps: list[Clamp]
    sizing: dict[str, float]
    policy_version: str
    portfolio_hash: str
    evaluated_at: datetime
    expires_at: datetime
    order_id: UUID | None
    approval_id: UUID | None


def evaluation_answer(verdict: OrderVerdict) -> EvaluationAnswer:
    """Return a verdict as the API shows it."""
    request = verdict.request
    return EvaluationAnswer(
        evaluation_id=verdict.id,
        intent_id=request.intent_id,
        account=request.account,
        mode=request.mode,
        source=request.source,
        asked_by=verdict.asked_by,
        ticker=request.ticker,
        side=request.side,
        type=request.type,
        quantity_asked=request.quantity,
        notional_asked=request.notional,
        verdict=verdict.verdict,
        quantity_approved=verdict.quantity,
        primary_reason=verdict.primary_reason,
        checks=list(verdict.checks),
        clamps=list(verdict.clamps),
        sizing=verdict.sizing,
        policy_version=verdict.policy_version,
        portfolio_hash=verdict.portfolio_hash,
        evaluated_at=verdict.evaluated_at,
        expires_at=verdict.expires_at,
        order_id=verdict.order_id,
        approval_id=verdict.approval_id,
    )


class RiskLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers in force for a tier; spans are ISO 8601 durations, shares are of equity."""

    tier: str
    version: str
    limits: Limits
    sizes: Sizes
    breakers: BreakerLimits


class LimitsBody(Asked, frozen=True, kw_only=True):
    """All numbers of the tier as they are to be, and why."""

    limits: Limits
    sizes: Sizes
    breakers: BreakerLimits


def risk_limits(policy: Policy) -> RiskLimits:
    """Return a policy as the API shows it."""
    return RiskLimits(
        tier=policy.tier,
        version=policy.version,
        limits=policy.limits,
        sizes=policy.sizes,
        breakers=policy.breakers,
    )


class ApprovalRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a person, or did: the terms that a yes holds for, and what became of it."""

    id: UUID
    account: str
    kind: ApprovalKind
    mode: Mode
    subject_id: UUID
    ticker: str
    side: Side
    quantity: Decimal
    price_low: Decimal
    price_high: Decimal
    policy_version: str
    body_hash: str
    order_id: UUID
    why: str
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    consumed_at: datetime | None
    reason: str | None


def approval_row(approval: Approval) -> ApprovalRow:
    """Return an approval as the API shows it."""
    given = {name: getattr(approval, name) for name in ApprovalRow.__struct_fields__ if name != "order_id"}
    return ApprovalRow(**given, order_id=approval.order_body.id)


class ApprovalPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of approvals, newest first."""

    items: list[ApprovalRow]
    next_cursor: str | None


class ApprovalDecision(Asked, frozen=True, kw_only=True):
    """What to do about an approval, and why."""

    decision: Annotated[str, msgspec.Meta(pattern="^(approve|reject)$")]
