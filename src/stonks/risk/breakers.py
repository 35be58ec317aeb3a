"""Circuit breakers as rows: their kinds and scopes, what an open one stops, and how it opens and closes.

``risk.breaker_findings`` says what was measured against which limit; ``settle`` makes of it the row to write
(trading.md 3.8). Exits are never asked: no breaker keeps a position from being left.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from stonks.model.market import Session
from stonks.risk.breaker_limits import BreakerLimits


class BreakerState(StrEnum):
    """Closed lets entries pass; half open lets one probe pass; open lets none."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerKind(StrEnum):
    """What can trip."""

    DAILY_LOSS = "DAILY_LOSS"
    DAILY_FLATTEN = "DAILY_FLATTEN"
    """The second level of a day's loss: every position is given up."""
    DRAWDOWN = "DRAWDOWN"
    WEEKLY_LOSS = "WEEKLY_LOSS"
    LOSS_STREAK = "LOSS_STREAK"
    STOP_CLUSTER = "STOP_CLUSTER"
    LOW_PROFIT = "LOW_PROFIT"
    ORDER_ERRORS = "ORDER_ERRORS"
    STALE_DATA = "STALE_DATA"
    STREAM_DEAD = "STREAM_DEAD"
    RECON_MISMATCH = "RECON_MISMATCH"
    LLM_QUALITY = "LLM_QUALITY"


GLOBAL = "global"
BROKER = "broker"
STRATEGY = "strategy"
SIGNALS = "signals"
MEASURED = "measured"
"""Who opened a breaker that a measurement opened."""

_OF_EVERY_ENTRY = {GLOBAL, BROKER, STRATEGY}
_LETS_PASS = {BreakerKind.WEEKLY_LOSS, BreakerKind.LLM_QUALITY}
"""What does not keep entries from passing: it makes them smaller, or makes recommendations advisory."""


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``breakers``; the scope is global, broker, strategy, signals, ``sector:NAME`` or ``ticker:NAME``."""

    scope: str
    kind: BreakerKind
    state: BreakerState
    observed: float | None
    """What was measured; None where it was not known, which counts as tripped."""
    limit: float | None
    opened_at: datetime | None
    reason: str | None = None
    """Scope, what was measured, what it does, how it ends, and what a reset does and does not do."""
    opener: str = MEASURED
    inputs: dict[str, datetime] = {}
    """From when each input was that it was opened on."""
    changed_at: datetime | None = None
    """When it came into its state."""
    since: datetime | None = None
    """What happened before is not measured any more: it closed, or was reset, then."""
    calm_since: datetime | None = None
    """From when on what opened it was over, where that has to last."""
    probing: bool = False
    """Whether the one entry that half open lets pass is out already; not a column."""

    def covers(self, ticker: str, sector: str | None) -> bool:
        """Return whether this breaker keeps entries in an instrument from passing."""
        stops = self.state is BreakerState.OPEN or (self.state is BreakerState.HALF_OPEN and self.probing)
        return stops and self._concerns(ticker, sector)

    def probes(self, ticker: str, sector: str | None) -> bool:
        """Return whether this breaker lets one more entry in an instrument pass, of a probe's size."""
        return self.state is BreakerState.HALF_OPEN and not self.probing and self._concerns(ticker, sector)

    def _concerns(self, ticker: str, sector: str | None) -> bool:
        if self.kind in _LETS_PASS:
            return False
        return self.scope in _OF_EVERY_ENTRY | {f"ticker:{ticker}", f"sector:{sector}"}

    @property
    def place(self) -> tuple[str, BreakerKind]:
        """Scope and kind, of which there is one breaker."""
        return self.scope, self.kind


Rows = Mapping[tuple[str, BreakerKind], Breaker]
"""Breakers by their place."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one breaker's measurement says now; ``observed`` is None where it could not be measured."""

    scope: str
    kind: BreakerKind
    tripped: bool
    observed: float | None
    limit: float
    words: str
    """What was measured, in words."""
    inputs: dict[str, datetime]
    probe: bool | None = None
    """How the probe of a half-open breaker ended; None where it has not, or there was none."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When breakers are settled, and by which limits; sessions oldest first."""

    now: datetime
    sessions: Sequence[Session]
    limits: BreakerLimits

    @property
    def day_began(self) -> datetime:
        """When the newest session opened; now where there was none."""
        return max((each.opens_at for each in self.sessions if each.opens_at <= self.now), default=self.now)

    def whole_sessions(self, since: datetime) -> int:
        """Return how many sessions opened after ``since`` and are over."""
        return sum(since < each.opens_at and each.closes_at <= self.now for each in self.sessions)


def settle(stored: Breaker | None, finding: Finding, moment: Moment) -> Breaker | None:
    """Return the row to write, or None where the stored one stands; an open breaker keeps what opened it."""
    if stored is None or stored.state is BreakerState.CLOSED:
        return opened(stored, finding, moment.now) if finding.tripped else None
    if stored.state is BreakerState.HALF_OPEN:
        return _after_probe(stored, finding, moment.now)
    return _while_open(stored, finding, moment)


def opened(stored: Breaker | None, finding: Finding, now: datetime) -> Breaker:
    """Return the breaker that a finding opens; its ``reason`` is the measurement alone until words are put to it."""
    return Breaker(
        scope=finding.scope,
        kind=finding.kind,
        state=BreakerState.OPEN,
        observed=finding.observed,
        limit=finding.limit,
        opened_at=now,
        reason=finding.words,
        inputs=finding.inputs,
        changed_at=now,
        since=None if stored is None else stored.since,
    )


def closed(stored: Breaker, now: datetime) -> Breaker:
    """Return an open breaker as closed: what happened until now is not measured again."""
    return msgspec.structs.replace(
        stored, state=BreakerState.CLOSED, changed_at=now, since=now, calm_since=None, probing=False
    )


def _after_probe(stored: Breaker, finding: Finding, now: datetime) -> Breaker | None:
    if finding.probe is False or finding.tripped:
        return opened(stored, finding, now)
    return closed(stored, now) if finding.probe else None


def _while_open(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:
    if stored.observed is None and not finding.tripped:
        return closed(stored, moment.now)  # it was not known, and now it is
    return _ENDS[stored.kind](stored, finding, moment)


# ------------------------------------------------------------------------------------------------ how each kind ends

_End = Callable[[Breaker, Finding, Moment], Breaker | None]


def _by_hand(stored: Breaker, finding: Finding, moment: Moment) -> None:
    """Let it stay open: a person resets it."""


def _next_session(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:
    return closed(stored, moment.now) if not finding.tripped and _opened_at(stored, moment) < moment.day_began else None


def _next_week(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:  # noqa: ARG001 - as above
    began, since = moment.day_began, _opened_at(stored, moment)
    return closed(stored, moment.now) if since < began and since.isocalendar()[:2] != began.isocalendar()[:2] else None


def _after_sessions(count: Callable[[BreakerLimits], int]) -> _End:
    def end(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:  # noqa: ARG001 - as above
        over = moment.whole_sessions(_opened_at(stored, moment)) >= count(moment.limits)
        return closed(stored, moment.now) if over else None

    return end


def _by_probe(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:  # noqa: ARG001 - as above
    now = moment.now
    if now - (stored.changed_at or _opened_at(stored, moment)) < moment.limits.half_open_after:
        return None
    return msgspec.structs.replace(stored, state=BreakerState.HALF_OPEN, changed_at=now, since=now)


def _when_calm(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:
    """Note calm at first, close once it lasted, forget it when it is disturbed."""
    if finding.tripped:
        return None if stored.calm_since is None else msgspec.structs.replace(stored, calm_since=None)
    if stored.calm_since is None:
        return msgspec.structs.replace(stored, calm_since=moment.now)
    return closed(stored, moment.now) if moment.now - stored.calm_since >= moment.limits.calm else None


def _when_over(stored: Breaker, finding: Finding, moment: Moment) -> Breaker | None:
    return None if finding.tripped else closed(stored, moment.now)


def _opened_at(stored: Breaker, moment: Moment) -> datetime:
    return stored.opened_at or moment.now


_ENDS: dict[BreakerKind, _End] = {
    BreakerKind.DAILY_LOSS: _next_session,
    BreakerKind.DAILY_FLATTEN: _next_session,
    BreakerKind.DRAWDOWN: _by_hand,
    BreakerKind.WEEKLY_LOSS: _next_week,
    BreakerKind.LOSS_STREAK: _after_sessions(lambda limits: limits.streak_pause),
    BreakerKind.STOP_CLUSTER: _after_sessions(lambda limits: limits.stop_pause),
    BreakerKind.LOW_PROFIT: _after_sessions(lambda limits: limits.low_profit_lock),
    BreakerKind.ORDER_ERRORS: _by_probe,
    BreakerKind.STALE_DATA: _when_calm,
    BreakerKind.STREAM_DEAD: _when_over,
    BreakerKind.RECON_MISMATCH: _when_over,
    BreakerKind.LLM_QUALITY: _by_hand,
}
