"""When a position is given up: a stop, a target, a time limit and a stop that trails, as one triple barrier."""

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

import msgspec

from stonks.model.market import Bar
from stonks.risk.policy import Sizes


class Hit(StrEnum):
    """Which barrier was reached."""

    STOP = "stop"
    TRAILING = "trailing"
    TARGET = "target"
    TIME_LIMIT = "time_limit"


STOPS = frozenset({Hit.STOP, Hit.TRAILING})
_TICK, _FINE_TICK = Decimal("0.01"), Decimal("0.0001")


class Barrier(msgspec.Struct, frozen=True, kw_only=True):
    """The barriers of a long position: dollars a share, and sessions."""

    entry: float
    stop: float
    target: float
    trails_from: float
    trails_by: float
    sessions: int


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A barrier that was reached, its level, and the end of the bar that shows it."""

    hit: Hit
    level: float
    at: datetime


def around(entry: float, distance: float, sizes: Sizes) -> Barrier:
    """Return the barriers of a long position bought at ``entry`` whose stop lies ``distance`` dollars below."""
    return Barrier(
        entry=entry,
        stop=entry - distance,
        target=entry + sizes.target_r * distance,
        trails_from=entry + sizes.trailing_after_r * distance,
        trails_by=sizes.trailing_r * distance,
        sessions=sizes.time_limit,
    )


def reached(barrier: Barrier, bars: Sequence[Bar]) -> Reached | None:
    """Return the first barrier that bars since the entry reached, or None; one bar is one session, oldest first.

    Within a bar the stop counts before the target, and the trailing stop follows only highs of earlier bars.
    """
    high = barrier.entry
    for count, bar in enumerate(bars, start=1):
        hit = _in_bar(barrier, bar, high)
        if hit is None and count >= barrier.sessions:
            hit = (Hit.TIME_LIMIT, float(bar.close))
        if hit is not None:
            return Reached(hit=hit[0], level=hit[1], at=bar.ends_at)
        high = max(high, float(bar.high))
    return None


def _in_bar(barrier: Barrier, bar: Bar, high: float) -> tuple[Hit, float] | None:
    trailed = high - barrier.trails_by if high >= barrier.trails_from else barrier.stop
    if trailed > barrier.stop and float(bar.low) <= trailed:
        return Hit.TRAILING, trailed
    if float(bar.low) <= barrier.stop:
        return Hit.STOP, barrier.stop
    if float(bar.high) >= barrier.target:
        return Hit.TARGET, barrier.target
    return None


def trailed(barrier: Barrier, bars: Sequence[Bar]) -> float | None:
    """Return where the stop trails after these bars, or None where they have not taken it above the first one."""
    high = max((float(bar.high) for bar in bars), default=barrier.entry)
    level = high - barrier.trails_by
    return level if high >= barrier.trails_from and level > barrier.stop else None


def unstopped(barrier: Barrier) -> Barrier:
    """Return a barrier without its stops: what is left to be watched where they rest at the exchange."""
    return msgspec.structs.replace(barrier, stop=-math.inf, trails_from=math.inf)


def on_tick(level: float) -> Decimal:
    """Return a stop's price as the venue takes it, above zero: in cents from a dollar on, else in hundredths of one.

    It is rounded down, so that a stop never comes nearer to the market than it was meant to be.
    """
    exact = Decimal(repr(level))
    tick = _TICK if exact >= 1 else _FINE_TICK
    return max(tick, exact.quantize(tick, ROUND_DOWN))
