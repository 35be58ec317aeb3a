"""What a person should hear about orders and breakers, in words that say what it means."""

from datetime import datetime
from decimal import Decimal

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.model.order import Fill, Intent
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


def breaker_alert(breaker: Breaker, now: datetime) -> Alert:
    """Return the news that a breaker opened or closed, with its scope and what that does."""
    opened = breaker.state is BreakerState.OPEN
    kind = "breaker_opened" if opened else "breaker_closed"
    text = f"{breaker.reason}; no entries, exits go on" if opened else f"{breaker.kind}: entries pass again"
    return Alert(
        id=alert_id(kind, f"{breaker.scope}:{breaker.kind}", now),
        kind=kind,
        severity=Severity.CRITICAL if opened else Severity.INFO,
        subject=breaker.scope,
        text=text,
        raised_at=now,
    )


def mismatch_reason(ticker: str, ours: Decimal, theirs: Decimal) -> str:
    """Return in words how our fills and the broker's position differ."""
    return f"our fills of {ticker} add up to {ours} shares, the broker says {theirs}"
