"""Breakers as people see them and ask for their reset: what was measured, what it does, how it ends."""

from datetime import datetime

import msgspec

from stonks.risk.breaker_limits import BreakerLimits
from stonks.risk.breaker_words import consequences, scope_in_words, words_of
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState


class BreakerView(msgspec.Struct, frozen=True, kw_only=True):
    """One breaker; what was observed and its limit are in the unit of its kind: a share, a count, dollars, seconds."""

    scope: str
    covers: str
    kind: BreakerKind
    state: BreakerState
    observed: float | None
    limit: float | None
    opened_at: datetime | None
    changed_at: datetime | None
    opener: str
    inputs: dict[str, datetime]
    reason: str | None
    does: str
    ends: str
    reset: str
    """What a reset does and does not do; empty for one that is closed."""


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """Who closes which breaker, when and why."""

    scope: str
    kind: str
    by: str
    reason: str
    now: datetime
    request_id: str | None = None


class ResetDone(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker after its reset, and what that does and does not do."""

    breaker: BreakerView
    means: str


def view(breaker: Breaker, limits: BreakerLimits) -> BreakerView:
    """Return a breaker with what its kind means in words."""
    words = words_of(breaker.kind, limits)
    return BreakerView(
        scope=breaker.scope,
        covers=scope_in_words(breaker.scope),
        kind=breaker.kind,
        state=breaker.state,
        observed=breaker.observed,
        limit=breaker.limit,
        opened_at=breaker.opened_at,
        changed_at=breaker.changed_at,
        opener=breaker.opener,
        inputs=breaker.inputs,
        reason=breaker.reason,
        does=words.does,
        ends=words.ends,
        reset="" if breaker.state is BreakerState.CLOSED else consequences(breaker, limits),
    )
