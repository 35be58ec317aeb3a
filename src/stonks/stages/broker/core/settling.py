"""From what was measured to the breaker rows that change, and what Redis shows of all of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from stonks.model.order import Snapshot
from stonks.risk.breaker_findings import Known, Worth, by_place, measure, mismatched
from stonks.risk.breaker_limits import BREAKER_LIMITS, BreakerLimits
from stonks.risk.breaker_words import worded
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState, Finding, Moment, Rows, settle
from stonks.stages.broker.core.worth import DayStart

_UNKNOWN = float("nan")


def worth_of(snapshot: Snapshot | None, start: DayStart, week_start: Decimal | None, now: datetime) -> Worth:
    """Return what the falls of equity are measured on; without a snapshot it is unknown."""
    if snapshot is None:
        return Worth(equity=_UNKNOWN, day_start=_UNKNOWN, high_water=_UNKNOWN, week_start=_UNKNOWN, at=now)
    return Worth(
        equity=float(snapshot.equity),
        day_start=float(start.equity),
        high_water=float(snapshot.high_water_mark),
        week_start=float(snapshot.equity if week_start is None else week_start),
        at=now,
    )


def settled(stored: Sequence[Breaker], known: Known, limits: BreakerLimits) -> list[Breaker]:
    """Return the breaker rows that a count changes, those that open with their message."""
    rows = by_place(stored)
    return _settled(rows, measure(known, rows, limits), Moment(now=known.now, sessions=known.sessions, limits=limits))


def mismatch_breakers(
    stored: Sequence[Breaker],
    found: Sequence[tuple[str, Decimal, Decimal]],
    now: datetime,
    limits: BreakerLimits = BREAKER_LIMITS["moderate"],
) -> list[Breaker]:
    """Return the rows that change where these are all tickers whose fills and position differ.

    A new one opens, one that agrees again closes, and with three of them no ticker is entered.
    """
    worth = Worth(equity=_UNKNOWN, day_start=_UNKNOWN, high_water=_UNKNOWN, week_start=_UNKNOWN, at=now)
    known = Known(worth=worth, sessions=(), mismatches={ticker: (ours, theirs) for ticker, ours, theirs in found})
    rows = by_place(stored)
    return _settled(rows, mismatched(known, rows, limits), Moment(now=now, sessions=(), limits=limits))


def _settled(rows: Rows, findings: Iterable[Finding], moment: Moment) -> list[Breaker]:
    changed = []
    for finding in findings:
        row = rows.get((finding.scope, finding.kind))
        new = settle(row, finding, moment)
        if new is not None:
            changed.append(worded(new, moment.limits) if is_opening(row, new) else new)
    return changed


def is_opening(before: Breaker | None, after: Breaker) -> bool:
    """Return whether a breaker opens with this row, and did not merely stay open."""
    return after.state is BreakerState.OPEN and (before is None or before.state is not BreakerState.OPEN)


def changes_state(before: Breaker | None, after: Breaker) -> bool:
    """Return whether a row is one that a person should hear of."""
    return before is None or before.state is not after.state


def flattens(changed: Iterable[Breaker], stored: Sequence[Breaker]) -> Breaker | None:
    """Return the second level of a day's loss where it opens now on a worth that is known, else None.

    A worth that nobody knows stops entries. It is no reason to sell everything.
    """
    rows = by_place(stored)
    for breaker in changed:
        opening = breaker.kind is BreakerKind.DAILY_FLATTEN and is_opening(rows.get(breaker.place), breaker)
        if opening and breaker.observed is not None:
            return breaker
    return None


def mirror(breakers: Sequence[Breaker]) -> dict[str, str]:
    """Return what Redis shows of breakers, the last word on each: its key and its state."""
    return {f"trading:circuit_breaker:{breaker.scope}:{breaker.kind}": breaker.state.value for breaker in breakers}
