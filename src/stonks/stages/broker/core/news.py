"""What a person should hear about orders and breakers, in words that say what it means."""

from datetime import datetime
from decimal import Decimal

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.model.order import Fill, Intent
from stonks.ports.broker import Execution
from stonks.risk.breakers import Breaker, BreakerState


def fill_alert(fill: Fill) -> Alert:
    """Return the news of an execution."""
    return Alert(
        id=alert_id("order_filled", fill.id, fill.at),
        kind="order_filled",
        severity=Severity.INFO,
        subject=fill.ticker,
        text=f"{fill.side.value} {fill.quantity} {fill.ticker} at {fill.price}",
        raised_at=fill.at,
    )


def external_alert(execution: Execution) -> Alert:
    """Return the news of a trade that somebody else made in the account."""
    what = f"{execution.side.value} {execution.quantity} {execution.ticker} at {execution.price}"
    return Alert(
        id=alert_id("order_external", execution.execution_id, execution.at),
        kind="order_external",
        severity=Severity.WARNING,
        subject=execution.ticker,
        text=f"{what} was not ordered by us: booked as an external trade ({execution.client_order_id})",
        raised_at=execution.at,
    )


def cash_alert(account: str, ours: Decimal, theirs: Decimal, now: datetime) -> Alert:
    """Return the news that cash moved by something that nobody has told of."""
    return Alert(
        id=alert_id("cash_mismatch", account, now),
        kind="cash_mismatch",
        severity=Severity.WARNING,
        subject=account,
        text=f"cash changed by {theirs}, trades, fees and dividends explain {ours}: {theirs - ours} is unexplained",
        raised_at=now,
    )


def order_alert(kind: str, intent: Intent, why: str, now: datetime) -> Alert:
    """Return the news that an order came to nothing: denied, rejected, expired, canceled, unknown or odd."""
    return Alert(
        id=alert_id(kind, intent.id, now),
        kind=kind,
        severity=Severity.CRITICAL if kind == "order_unknown" else Severity.WARNING,
        subject=intent.ticker,
        text=f"{intent.side.value} {intent.quantity} {intent.ticker} {kind.removeprefix('order_')}: {why}",
        raised_at=now,
    )


_AFTER = {
    BreakerState.OPEN: "no entry passes, exits do",
    BreakerState.HALF_OPEN: "one small entry passes; when the broker takes it, entries of any size do",
    BreakerState.CLOSED: "entries pass again",
}


def breaker_alert(breaker: Breaker, now: datetime) -> Alert:
    """Return the news that a breaker opened or closed, with its scope and what that does."""
    opened = breaker.state is BreakerState.OPEN
    kind = f"breaker_{'opened' if opened else breaker.state.value}"
    text = breaker.reason if opened and breaker.reason else f"{breaker.kind}: {_AFTER[breaker.state]}"
    return Alert(
        id=alert_id(kind, f"{breaker.scope}:{breaker.kind}", now),
        kind=kind,
        severity=Severity.CRITICAL if opened else Severity.INFO,
        subject=breaker.scope,
        text=text,
        raised_at=now,
    )
