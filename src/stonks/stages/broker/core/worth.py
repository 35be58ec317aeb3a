"""What the account is worth, and which breakers that trips."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from stonks.model.market import Price, Session
from stonks.model.order import Position, Snapshot
from stonks.ports.broker import Account
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState, Worth, measure, settle
from stonks.risk.policy import BreakerLimits
from stonks.stages.broker.core.news import mismatch_reason


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Where the account stood when it was last looked at; equity in dollars."""

    execution_cursor: str | None
    day: date | None
    day_start_equity: Decimal | None
    high_water_mark: Decimal | None
    counted_at: datetime | None
    equity: Decimal | None
    working: int
    adjusting: bool = False
    """Whether a dividend or split may have to go into the books."""


def last_boundary(sessions: Sequence[Session], now: datetime) -> datetime | None:
    """Return the latest open or close of a session that is not after ``now``."""
    edges = [edge for session in sessions for edge in (session.opens_at, session.closes_at) if edge <= now]
    return max(edges, default=None)


def is_due(watch: Watch, sessions: Sequence[Session], now: datetime) -> bool:
    """Return whether the account should be counted: never yet, or not since a session opened or closed."""
    boundary = last_boundary(sessions, now)
    return watch.counted_at is None or (boundary is not None and watch.counted_at < boundary)


def count(
    account: Account, positions: Sequence[Position], prices: Mapping[str, Price | None], watch: Watch, now: datetime
) -> Snapshot | None:
    """Return what cash and positions are worth, or None where a price is missing."""
    values: list[Decimal] = []
    for position in positions:
        price = prices.get(position.ticker)
        if price is None:
            return None
        values.append(position.quantity * price.mid)
    net = sum(values, Decimal(0))
    equity = account.cash + net
    return Snapshot(
        account=account.name,
        as_of=now,
        cash=account.cash,
        gross=sum(map(abs, values), Decimal(0)),
        net=net,
        equity=equity,
        high_water_mark=max(equity, watch.high_water_mark or equity),
    )


class DayStart(msgspec.Struct, frozen=True, kw_only=True):
    """The day that losses are measured in, what the account was worth before it, and when its session began."""

    day: date
    equity: Decimal
    began: datetime


def day_start(watch: Watch, sessions: Sequence[Session], snapshot: Snapshot | None, now: datetime) -> DayStart:
    """Return the start of the newest session's day.

    A new day starts at what was counted last, before its open, so that a gap is a loss of the day; zero where nothing
    is known.
    """
    opened = [session for session in sessions if session.opens_at <= now]
    day = opened[-1].day if opened else now.date()
    began = opened[-1].opens_at if opened else now
    if watch.day == day and watch.day_start_equity is not None:
        return DayStart(day=day, equity=watch.day_start_equity, began=began)
    first = snapshot.equity if snapshot else Decimal(0)
    return DayStart(day=day, equity=watch.equity or first, began=began)


def breakers_after(
    stored: Sequence[Breaker], snapshot: Snapshot | None, start: DayStart, limits: BreakerLimits, now: datetime
) -> list[Breaker]:
    """Return the breaker rows that a count changes; an account of unknown worth trips both."""
    worth = Worth(
        equity=float("nan") if snapshot is None else float(snapshot.equity),
        day_start=float(start.equity),
        high_water=float("nan") if snapshot is None else float(snapshot.high_water_mark),
    )
    kept = {(breaker.scope, breaker.kind): breaker for breaker in stored}
    settled = (settle(kept.get((each.scope, each.kind)), each, start.began) for each in measure(worth, limits, now))
    return [breaker for breaker in settled if breaker is not None]


def mismatch_breakers(
    stored: Sequence[Breaker], found: Sequence[tuple[str, Decimal, Decimal]], now: datetime
) -> list[Breaker]:
    """Return the breakers to open for tickers whose fills and position differ; one that is open stays as it is."""
    opened = {breaker.scope for breaker in stored if breaker.kind is BreakerKind.RECON_MISMATCH}
    return [
        Breaker(
            scope=f"ticker:{ticker}",
            kind=BreakerKind.RECON_MISMATCH,
            state=BreakerState.OPEN,
            observed=float(ours),
            limit=float(theirs),
            opened_at=now,
            reason=mismatch_reason(ticker, ours, theirs),
        )
        for ticker, ours, theirs in found
        if f"ticker:{ticker}" not in opened
    ]


def mirror(breakers: Sequence[Breaker]) -> dict[str, str]:
    """Return what Redis shows of breakers, the last word on each: its key and its state."""
    return {f"trading:circuit_breaker:{breaker.scope}:{breaker.kind}": breaker.state.value for breaker in breakers}
