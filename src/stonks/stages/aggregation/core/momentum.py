"""How a ticker's momentum compares with its own past: what is much for one company is an ordinary day for another.

The past is the time before, not the versions before: a value counts as long as it stood, and half as much for every
sixty days since. What travels are three fading sums, so that a new version looks at the one before it and no further.
"""

import math
from datetime import datetime, timedelta

import msgspec

MEMORY = timedelta(days=60)
"""Age at which the past counts half."""
FLOOR = 0.05
"""Least standard deviation by which a deviation is measured."""
LEAST = timedelta(days=5)
"""Time that must be remembered before anything is compared with it."""

_LEAST_MASS = 1.0 - math.exp2(-(LEAST / MEMORY))


class Norm(msgspec.Struct, frozen=True):
    """Fading sums over the time before: of its weight, which nears 1, of a value, and of its square."""

    mass: float = 0.0
    first: float = 0.0
    second: float = 0.0

    def after(self, value: float, stood: timedelta) -> "Norm":
        """Return the norm once a value has stood for this time."""
        kept = math.exp2(-(stood / MEMORY))
        new = 1.0 - kept
        return Norm(self.mass * kept + new, self.first * kept + value * new, self.second * kept + value * value * new)

    def deviations(self, value: float) -> float | None:
        """Return by how many standard deviations a value lies over the past's mean; None with too little past."""
        if self.mass < _LEAST_MASS:
            return None
        mean = self.first / self.mass
        spread = math.sqrt(max(self.second / self.mass - mean * mean, 0.0))
        return (value - mean) / max(spread, FLOOR)


class Momentum(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``momentum_history``."""

    ticker: str
    as_of: datetime
    momentum: float
    acceleration: float
    momentum_z: float | None
    acceleration_z: float | None
    momentum_norm: Norm
    acceleration_norm: Norm


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticker's momentum stood before, and what is scheduled; all of it None for a ticker's first version."""

    as_of: datetime | None = None
    momentum: float | None = None
    acceleration: float | None = None
    momentum_norm: Norm | None = None
    acceleration_norm: Norm | None = None
    earnings_in_days: int | None = None


def compared(ticker: str, now: datetime, momentum: float, acceleration: float, past: Past) -> Momentum:
    """Return a ticker's momentum at ``now`` beside its past."""
    stood = timedelta() if past.as_of is None else now - past.as_of
    first = (past.momentum_norm or Norm()).after(past.momentum or 0.0, stood)
    second = (past.acceleration_norm or Norm()).after(past.acceleration or 0.0, stood)
    return Momentum(
        ticker=ticker,
        as_of=now,
        momentum=momentum,
        acceleration=acceleration,
        momentum_z=first.deviations(momentum),
        acceleration_z=second.deviations(acceleration),
        momentum_norm=first,
        acceleration_norm=second,
    )
