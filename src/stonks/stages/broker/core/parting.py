"""What a person hears when a position is stopped out, or given up because it cannot be protected."""

from datetime import datetime

from stonks.model.alert import Alert, Severity
from stonks.model.identity import alert_id
from stonks.model.order import Fill
from stonks.risk.barrier import Hit


def surrender_alert(ticker: str, reason: str, why: str, now: datetime) -> Alert:
    """Return the news that a position is given up because it is not protected: critical, but for a stop passed."""
    passed = reason == Hit.STOP
    kind = "stop_reached" if passed else reason
    return Alert(
        id=alert_id(kind, ticker, now),
        kind=kind,
        severity=Severity.WARNING if passed else Severity.CRITICAL,
        subject=ticker,
        text=f"selling all {ticker} at the market: {why}",
        raised_at=now,
    )


def bare_alert(ticker: str, account: str, now: datetime) -> Alert:
    """Return the news that a position has no stop and gets none, for its account is halted."""
    return Alert(
        id=alert_id("unprotected", ticker, now),
        kind="unprotected",
        severity=Severity.CRITICAL,
        subject=ticker,
        text=f"{ticker} has no stop for all of it: {account} is halted, and a halted account sends no order",
        raised_at=now,
    )


def stopped_alert(fill: Fill) -> Alert:
    """Return the news that a stop at the exchange has sold."""
    return Alert(
        id=alert_id("stop_reached", fill.id, fill.at),
        kind="stop_reached",
        severity=Severity.WARNING,
        subject=fill.ticker,
        text=f"{fill.ticker} reached its stop: sold {fill.quantity} at {fill.price}",
        raised_at=fill.at,
    )
