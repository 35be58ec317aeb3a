"""What a person is asked to let pass, for how long, who may say yes, and what is asked again before it goes."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.alert import Alert, Severity
from stonks.model.approval import Approval, ApprovalKind, ApprovalState, Terms
from stonks.model.decision import Check
from stonks.model.identity import alert_id, approval_id
from stonks.model.order import Intent, Side
from stonks.model.principal import LOCAL
from stonks.model.recommendation import Mode
from stonks.risk.facts import Proposal
from stonks.stages.trading.core.desk import Desk

ENGINE = "engine"
_LIVE_TTL = timedelta(minutes=15)
_PAPER_TTL = timedelta(minutes=60)
_TICK = Decimal("0.0001")
_COMMANDS = "cli:"
"""What the names of people begin with who ask by a command."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """An order that waits for a person, and what asks for him."""

    kind: ApprovalKind
    subject: UUID
    mode: Mode
    order: Intent
    price: float
    checks: tuple[Check, ...]
    asked_by: str


def approval_of(desk: Desk, question: Question) -> Approval:
    """Return a question as it is kept: for 15 minutes where the money is real, otherwise for an hour."""
    order = question.order
    low, high = band(order, question.price, desk.policy.limits.max_drift)
    terms = Terms(
        ticker=order.ticker,
        side=order.side,
        quantity=order.quantity,
        price_low=low,
        price_high=high,
        policy_version=desk.policy.version,
    )
    return Approval(
        id=approval_id(question.subject, terms.hash),
        account=desk.account,
        kind=question.kind,
        mode=question.mode,
        subject_id=question.subject,
        **msgspec.structs.asdict(terms),
        body_hash=terms.hash,
        order_body=order,
        decided_price=question.price,
        why=why(question.checks),
        state=ApprovalState.PENDING,
        requested_by=question.asked_by,
        requested_at=desk.now,
        expires_at=desk.now + (_LIVE_TTL if question.mode is Mode.LIVE else _PAPER_TTL),
    )


def band(order: Intent, price: float, drift: float) -> tuple[Decimal, Decimal]:
    """Return between which prices an order may go: its own limit, or as far from a price as one may drift."""
    if order.limit_price is not None:
        return order.limit_price, order.limit_price
    low, high = (Decimal(price * factor).quantize(_TICK) for factor in (1 - drift, 1 + drift))
    return low, high


def why(checks: tuple[Check, ...]) -> str:
    """Return in words what a person is asked for."""
    asks = next((check for check in checks if check.gate == "approval"), None)
    if asks is None or not isinstance(asks.observed, float) or not isinstance(asks.limit, float):
        return "the policy asks for a person"
    return f"{asks.observed:.1%} of equity; a person is asked above {asks.limit:.1%}"


def same_person(one: str, other: str) -> bool:
    """Return whether two names may be one person's: a client of this machine without a key may be any of its users."""
    if LOCAL in {one, other}:
        return all(name == LOCAL or name.startswith(_COMMANDS) for name in (one, other))
    return one == other


def again(approval: Approval, now: datetime) -> Proposal:
    """Return an allowed order as the gates judge it once more: all of them but those on its recommendation."""
    order = approval.order_body
    return Proposal(
        ticker=order.ticker,
        side=order.side,
        mode=approval.mode,
        generated_at=now,
        reduce_only=order.reduce_only,
        manual=True,
        quantity=order.quantity,
        limit=order.limit_price,
    )


def allowed(desk: Desk, approval: Approval) -> Decimal:
    """Return how many shares of an allowed order may be sent now: none while a gate that is asked again fails.

    Besides gates 1-2, 5-6 and 16-18 (trading.md 3.3) every cap is asked again: others may have used it up meanwhile.
    """
    evaluation = desk.judge(again(approval, desk.now))
    passes = evaluation.primary_reason is None or evaluation.needs_approval
    return evaluation.quantity if passes and _within(desk, approval) else Decimal(0)


def still_holds(desk: Desk, approval: Approval) -> bool:
    """Return whether what would be sent under the policy in force is what was allowed."""
    return approval.terms(desk.policy.version).hash == approval.body_hash


def _within(desk: Desk, approval: Approval) -> bool:
    order, price = approval.order_body, desk.markets[approval.ticker].price
    now = order.limit_price
    if now is None and price is not None:
        now = price.ask if order.side is Side.BUY else price.bid
    return now is not None and approval.price_low <= now <= approval.price_high


def requested_alert(approval: Approval) -> Alert:
    """Return the news that something waits for a person."""
    return _alert(
        "approval_requested",
        Severity.WARNING,
        approval,
        f"waits for a yes until {approval.expires_at:%H:%M} UTC: {approval.why}",
        approval.requested_at,
    )


def ended_alert(approval: Approval, now: datetime) -> Alert:
    """Return the news that nothing came of something that waited."""
    words = {
        ApprovalState.PENDING: "expired: nobody decided in time",
        ApprovalState.APPROVED: "expired: it was allowed, but its gates never let it pass",
    }
    return _alert("approval_expired", Severity.INFO, approval, words[approval.state], now)


def cancelled_alert(approval: Approval, version: str, now: datetime) -> Alert:
    """Return the news that a yes is worth nothing any more."""
    text = f"is no longer allowed: it was under {approval.policy_version}, and {version} is in force"
    return _alert("approval_cancelled", Severity.WARNING, approval, text, now)


def _alert(kind: str, severity: Severity, approval: Approval, text: str, now: datetime) -> Alert:
    return Alert(
        id=alert_id(kind, approval.id, now),
        kind=kind,
        severity=severity,
        subject=approval.ticker,
        text=f"{approval.side.value} {approval.quantity} {approval.ticker} {text}",
        raised_at=now,
    )
