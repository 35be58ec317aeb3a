"""What the account is worth, and when that is counted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from stonks.model.market import Price, Session
from stonks.model.order import Position, Snapshot
from stonks.ports.broker import Account

_FINE, _CENT = Decimal("0.000000000001"), Decimal("0.01")


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Where the account stood when it was last looked at; equity in dollars."""

    execution_cursor: str | None
    day: date | None
    day_start_equity: Decimal | None
    high_water_mark: Decimal | None
    counted_at: datetime | None
    equity: Decimal | None
    working: int
    units: Decimal | None = None
    transferred: Decimal | None = None
    standing: bool = False
    """Whether an order that the broker does not have yet has not moved for a minute."""
    adjusting: bool = False
    """Whether a dividend or split may have to go into the books."""


def last_boundary(sessions: Sequence[Session], now: datetime) -> datetime | None:
    """Return the latest open or close of a session that is not after ``now``."""
    edges = [edge for session in sessions for edge in (session.opens_at, session.closes_at) if edge <= now]
    return max(edges, default=None)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What may ask for a count besides time: what was executed or refused since the last one, or a breaker."""

    uncounted: bool
    refused: bool
    waiting: bool
    """Whether a breaker is not closed, and hence may be able to close."""


EVERY = timedelta(seconds=60)
"""How often the account is counted in a session whose prices move, or in which a breaker is open."""


def is_due(watch: Watch, due: Due, sessions: Sequence[Session], now: datetime, *, moving: bool) -> bool:
    """Return whether the account should be counted.

    It is when it never was, when a session opened or closed, or something was executed or refused since; and every
    minute of a session whose prices move, or in which a breaker may close.
    """
    if watch.counted_at is None or due.uncounted or due.refused:
        return True
    boundary = last_boundary(sessions, now)
    if boundary is not None and watch.counted_at < boundary:
        return True
    runs = any(session.opens_at <= now < session.closes_at for session in sessions)
    return runs and (moving or due.waiting) and now - watch.counted_at >= EVERY


def count(
    account: Account,
    positions: Sequence[Position],
    prices: Mapping[str, Price | None],
    watch: Watch,
    now: datetime,
    transferred: Decimal | None = None,
) -> Snapshot | None:
    """Return what cash and positions are worth, or None where a price is missing.

    ``transferred`` is what was ever put in, less what was taken out, as far as the account's cash has it.
    """
    values: list[Decimal] = []
    for position in positions:
        price = prices.get(position.ticker)
        if price is None:
            return None
        values.append(position.quantity * price.mid)
    net = sum(values, Decimal(0))
    equity = account.cash + net
    units = _units(equity, watch, transferred)
    return Snapshot(
        account=account.name,
        as_of=now,
        cash=account.cash,
        gross=sum(map(abs, values), Decimal(0)),
        net=net,
        equity=equity,
        high_water_mark=max(equity, _grown(watch.high_water_mark or equity, watch, units)),
        units=units,
        transferred=watch.transferred if transferred is None else transferred,
    )


def _units(equity: Decimal, watch: Watch, transferred: Decimal | None) -> Decimal:
    """Return how many units there are after what was transferred since the last count, at what each is worth now.

    A unit is worth the same before and after a transfer, so that falls in its worth are losses alone (the time-weighted
    return of funds). A transfer that leaves nothing, or comes when nothing is left, changes no number of units.
    """
    units = watch.units or Decimal(1)
    if watch.transferred is None or transferred is None:
        return units
    before = equity - (transferred - watch.transferred)
    if before <= 0 or equity <= 0:
        return units
    return max((units * equity / before).quantize(_FINE), _FINE)


def _grown(mark: Decimal, watch: Watch, units: Decimal) -> Decimal:
    """Return a worth at the last count as one of as many units as there are now, to the cent where they differ."""
    if watch.units is None or units == watch.units:
        return mark
    return (mark * units / watch.units).quantize(_CENT)


class DayStart(msgspec.Struct, frozen=True, kw_only=True):
    """The day that losses are measured in, what the account was worth before it, and when its session began."""

    day: date
    equity: Decimal
    began: datetime


def day_start(watch: Watch, sessions: Sequence[Session], snapshot: Snapshot | None, now: datetime) -> DayStart:
    """Return the start of the newest session's day.

    A new day starts at what was counted last, before its open, so that a gap is a loss of the day; zero where nothing
    is known. It is of as many units as there are now, so that what was put in since is no gain.
    """
    opened = [session for session in sessions if session.opens_at <= now]
    day = opened[-1].day if opened else now.date()
    began = opened[-1].opens_at if opened else now
    if watch.day == day and watch.day_start_equity is not None:
        equity = watch.day_start_equity
    else:
        equity = watch.equity or (snapshot.equity if snapshot else Decimal(0))
    return DayStart(day=day, equity=_grown(equity, watch, snapshot.units) if snapshot else equity, began=began)
