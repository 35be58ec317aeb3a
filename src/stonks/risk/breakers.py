"""Circuit breakers: what was measured against which limit, and when an open one closes (trading.md 3.8)."""

import math
from datetime import datetime
from enum import StrEnum

import msgspec

from stonks.risk.policy import BreakerLimits


class BreakerState(StrEnum):
    """Closed lets entries pass; half open lets one probe pass; open lets none."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerKind(StrEnum):
    """What can trip."""

    DAILY_LOSS = "DAILY_LOSS"
    DRAWDOWN = "DRAWDOWN"
    RECON_MISMATCH = "RECON_MISMATCH"


GLOBAL = "global"


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``breakers``; the scope is ``global``, ``sector:NAME`` or ``ticker:NAME``."""

    scope: str
    kind: BreakerKind
    state: BreakerState
    observed: float | None
    limit: float | None
    opened_at: datetime | None
    reason: str | None = None

    def covers(self, ticker: str, sector: str | None) -> bool:
        """Return whether this breaker keeps entries in an instrument from passing."""
        return self.state is not BreakerState.CLOSED and self.scope in {GLOBAL, f"ticker:{ticker}", f"sector:{sector}"}


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What the account is worth now, was at the day's start and was at its best; dollars, NaN where unknown."""

    equity: float
    day_start: float
    high_water: float


def measure(worth: Worth, limits: BreakerLimits, now: datetime) -> tuple[Breaker, ...]:
    """Return each breaker as this measurement alone would have it; an unknown worth trips."""
    falls = (
        (BreakerKind.DAILY_LOSS, worth.day_start, limits.daily_loss),
        (BreakerKind.DRAWDOWN, worth.high_water, limits.drawdown),
    )
    return tuple(_fallen(kind, worth.equity, reference, limit, now) for kind, reference, limit in falls)


def _fallen(kind: BreakerKind, equity: float, reference: float, limit: float, now: datetime) -> Breaker:
    known = math.isfinite(equity) and math.isfinite(reference) and reference > 0
    change = equity / reference - 1 if known else None
    tripped = change is None or change <= limit
    return Breaker(
        scope=GLOBAL,
        kind=kind,
        state=BreakerState.OPEN if tripped else BreakerState.CLOSED,
        observed=change,
        limit=limit,
        opened_at=now if tripped else None,
        reason=_reason(kind, change, limit) if tripped else None,
    )


def _reason(kind: BreakerKind, change: float | None, limit: float) -> str:
    if change is None:
        return f"{kind}: the account's worth is unknown, which counts as tripped"
    return f"{kind}: equity changed by {change:.2%}, the limit is {limit:.2%}"


def settle(stored: Breaker | None, measured: Breaker, day_began: datetime) -> Breaker | None:
    """Return the row to write, or None where the stored one stands.

    An open breaker keeps what opened it. Daily loss closes with a session that begins within its limit; drawdown and a
    mismatch stay open until a person closes them.
    """
    was_open = stored is not None and stored.state is not BreakerState.CLOSED
    trips = measured.state is not BreakerState.CLOSED
    if trips:
        return None if was_open else measured
    if not was_open or stored is None or stored.kind is not BreakerKind.DAILY_LOSS:
        return None
    over = stored.opened_at is not None and stored.opened_at < day_began
    return measured if over else None
