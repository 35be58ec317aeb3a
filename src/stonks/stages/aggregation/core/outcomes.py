"""What became of a signal: in at the first price after it could be acted on, out at a later session's close.

With daily bars the first price is an open: that of the session that has not begun a minute after the signal was known.
Returns are against the equal-weight mean of all followed companies, a beta of one (signals.md 4.7, 5.6).
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from operator import mul
from uuid import UUID

import msgspec

from stonks.risk.measures import daily_volatility

LATENCY = timedelta(seconds=60)
"""How long after a signal is known an order on it can be at the exchange (signals.md 5.5)."""
HORIZONS = (1, 5, 21)
"""Sessions after which a signal is judged: those of the windows that are turned into recommendations."""
CALM_SESSIONS = 60
"""Sessions before the entry from which the volatility is taken."""
PRICE_SOURCE = "daily bars: open to close"
_EXTREME = 5.0
"""Standard deviations at which a z is cut off."""


class PendingSignal(msgspec.Struct, frozen=True, kw_only=True):
    """A signal whose horizons have not all closed."""

    id: UUID
    known_at: datetime
    direction: float
    judged: int = 0
    """How many of its horizons have an outcome already."""


class SessionMove(msgspec.Struct, frozen=True, kw_only=True):
    """One session of a stock, as price relatives, beside the mean of all."""

    starts_at: datetime
    ends_at: datetime
    open: Decimal
    close: Decimal
    intraday: float
    """Close over open."""
    daily: float
    """Close over the close before."""
    market_intraday: float
    market_daily: float


class SignalOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``signal_outcomes``."""

    signal_id: UUID
    horizon: timedelta
    """As many days as sessions."""
    entry_at: datetime
    entry_price: Decimal
    exit_at: datetime
    exit_price: Decimal
    gain: float = msgspec.field(name="return")
    abnormal: float
    z: float | None
    """The abnormal return in standard deviations of the horizon before the entry; None with too few bars."""
    hit: bool | None
    """Whether the stock beat the mean as the signal leant; None where either is nothing."""
    price_source: str
    known_at: datetime


def outcomes_of(
    pending: Sequence[PendingSignal], moves: Sequence[SessionMove], now: datetime
) -> Iterator[SignalOutcome]:
    """Yield the outcome of every horizon that has closed, given the stock's sessions in order, none known later."""
    starts = [move.starts_at for move in moves]
    for signal in pending:
        entry = bisect_left(starts, signal.known_at + LATENCY)
        calm = None
        for horizon in HORIZONS:
            held = moves[entry : entry + horizon]
            if len(held) < horizon or held[-1].ends_at > now:
                break
            if horizon in HORIZONS[: signal.judged]:
                continue
            calm = calm or _volatility(moves[max(0, entry - CALM_SESSIONS) : entry])
            yield _outcome(signal, held, calm, now)


def _outcome(signal: PendingSignal, held: Sequence[SessionMove], calm: float | None, now: datetime) -> SignalOutcome:
    own = held[0].intraday * math.prod(move.daily for move in held[1:]) - 1.0
    market = held[0].market_intraday * math.prod(move.market_daily for move in held[1:]) - 1.0
    abnormal = own - market
    leant = signal.direction * abnormal
    z = abnormal / (calm * math.sqrt(len(held))) if calm else None
    return SignalOutcome(
        signal_id=signal.id,
        horizon=timedelta(days=len(held)),
        entry_at=held[0].starts_at,
        entry_price=held[0].open,
        exit_at=held[-1].ends_at,
        exit_price=held[-1].close,
        gain=own,
        abnormal=abnormal,
        z=None if z is None else max(-_EXTREME, min(_EXTREME, z)),
        hit=leant > 0.0 if leant else None,
        price_source=PRICE_SOURCE,
        known_at=now,
    )


def _volatility(before: Sequence[SessionMove]) -> float | None:
    return daily_volatility(tuple(accumulate((move.daily for move in before[1:]), mul, initial=1.0)))
