"""What every breaker measures, from what is known of the account, its trades, its orders and its inputs.

Each measure says what it saw of how much: with nothing to judge by none trips, and what should be known and is not
trips (trading.md 3.8).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile

import msgspec

from stonks.model.market import Session
from stonks.risk.breaker_limits import BreakerLimits
from stonks.risk.breakers import (
    BROKER,
    GLOBAL,
    SIGNALS,
    STRATEGY,
    Breaker,
    BreakerKind as Kind,
    BreakerState,
    Finding,
    Rows,
)
from stonks.risk.trades import ClosedTrade

_MINUTE = timedelta(minutes=1)


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What the account is worth now, was at the day's start, at its best and a week ago; dollars, NaN where unknown.

    Earlier worths are of as many units as there are now, so that money put in is no gain and money taken out no loss.
    """

    equity: float
    day_start: float
    high_water: float
    week_start: float
    at: datetime


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A position that was left by its stop."""

    ticker: str
    at: datetime


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Orders sent lately, and how many of them were rejected or left unanswered; how a half-open probe ended."""

    submits: int
    errors: int
    newest_at: datetime | None = None
    probe: bool | None = None


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """A model's newest answers: how many did not hold at all, and how many claims in them, of how many, did not."""

    answers: int
    rejected: int
    claims: int
    unverified: int
    newest_at: datetime | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the breakers of one count are measured on."""

    worth: Worth
    sessions: Sequence[Session]
    trades: Sequence[ClosedTrade] = ()
    """Oldest first."""
    stops: Sequence[Stop] = ()
    sent: Sent = Sent(submits=0, errors=0)
    priced: Mapping[str, datetime | None] = {}
    """From when the price of each holding is; None where there is none."""
    mismatches: Mapping[str, tuple[Decimal, Decimal]] | None = None
    """Tickers whose fills and position differ, with ours and theirs; None where it was not looked at."""
    answers: Answers = Answers(answers=0, rejected=0, claims=0, unverified=0)

    @property
    def now(self) -> datetime:
        """The instant of the count."""
        return self.worth.at


def measure(known: Known, stored: Rows, limits: BreakerLimits) -> list[Finding]:
    """Return what every breaker measures now, those of tickers only where there is something to say."""
    return [
        *_falls(known.worth, limits),
        _loss_streak(known, stored, limits),
        _stop_cluster(known, stored, limits),
        *_low_profit(known, stored, limits),
        _order_errors(known, limits),
        _stale_data(known, limits),
        stream_dead(timedelta(0), known.now, limits),
        *mismatched(known, stored, limits),
        _llm_quality(known, limits),
    ]


# ------------------------------------------------------------------------------------------------ the account's worth


def _falls(worth: Worth, limits: BreakerLimits) -> list[Finding]:
    return [
        _fall(worth, Kind.DAILY_LOSS, worth.day_start, limits.daily_loss, "since the day's start"),
        _fall(worth, Kind.DAILY_FLATTEN, worth.day_start, limits.daily_flatten, "since the day's start"),
        _fall(worth, Kind.DRAWDOWN, worth.high_water, limits.drawdown, "from its best"),
        _fall(worth, Kind.WEEKLY_LOSS, worth.week_start, limits.weekly_loss, f"over {limits.weekly_sessions} sessions"),
    ]


def _fall(worth: Worth, kind: Kind, reference: float, limit: float, over: str) -> Finding:
    known = math.isfinite(worth.equity) and math.isfinite(reference) and reference > 0
    change = worth.equity / reference - 1 if known else None
    return Finding(
        scope=GLOBAL,
        kind=kind,
        tripped=change is None or change <= limit,
        observed=change,
        limit=limit,
        words=f"what the account is worth {over} is unknown, which counts as tripped"
        if change is None
        else f"equity changed by {change:.2%} {over}, from {reference:,.2f} to {worth.equity:,.2f} dollars;"
        f" the limit is {limit:.2%}",
        inputs={"equity": worth.at},
    )


# ------------------------------------------------------------------------------------------------ trades and stops


def _since(stored: Rows, scope: str, kind: Kind, otherwise: datetime) -> datetime:
    """Return from when on something counts: what came before a breaker closed is over."""
    row = stored.get((scope, kind))
    return otherwise if row is None or row.since is None else max(row.since, otherwise)


def _loss_streak(known: Known, stored: Rows, limits: BreakerLimits) -> Finding:
    row = stored.get((STRATEGY, Kind.LOSS_STREAK))
    counted = [each for each in known.trades if row is None or row.since is None or each.closed_at > row.since]
    losing = list(takewhile(lambda each: each.profit < 0, reversed(counted)))
    return Finding(
        scope=STRATEGY,
        kind=Kind.LOSS_STREAK,
        tripped=len(losing) >= limits.loss_streak,
        observed=len(losing),
        limit=limits.loss_streak,
        words=f"the last {len(losing)} closed trades lost money; the limit is {limits.loss_streak}",
        inputs={"newest trade": losing[0].closed_at} if losing else {},
    )


def _stop_cluster(known: Known, stored: Rows, limits: BreakerLimits) -> Finding:
    opens = [each.opens_at for each in known.sessions if each.opens_at <= known.now][-limits.stop_sessions :]
    start = _since(stored, GLOBAL, Kind.STOP_CLUSTER, opens[0] if opens else known.now)
    stops = [each.at for each in known.stops if start < each.at <= known.now]
    return Finding(
        scope=GLOBAL,
        kind=Kind.STOP_CLUSTER,
        tripped=len(stops) >= limits.stop_cluster,
        observed=len(stops),
        limit=limits.stop_cluster,
        words=f"{len(stops)} positions were left by their stop in {limits.stop_sessions} sessions;"
        f" the limit is {limits.stop_cluster}",
        inputs={"newest stop": max(stops)} if stops else {},
    )


def _low_profit(known: Known, stored: Rows, limits: BreakerLimits) -> list[Finding]:
    locked = {scope.removeprefix("ticker:") for scope, kind in open_places(stored) if kind is Kind.LOW_PROFIT}
    if not limits.low_profit:
        return [_profit_of(ticker, (), limits) for ticker in sorted(locked)]
    begin = known.now - limits.low_profit_window
    recent = [each for each in known.trades if each.closed_at > begin]
    found = []
    for ticker in sorted({each.ticker for each in recent} | locked):
        start = _since(stored, f"ticker:{ticker}", Kind.LOW_PROFIT, begin)
        found.append(
            _profit_of(ticker, [each for each in recent if each.ticker == ticker and each.closed_at > start], limits)
        )
    return [each for each in found if each.tripped or each.scope.removeprefix("ticker:") in locked]


def _profit_of(ticker: str, trades: Sequence[ClosedTrade], limits: BreakerLimits) -> Finding:
    profit = float(sum((each.profit for each in trades), Decimal(0)))
    return Finding(
        scope=f"ticker:{ticker}",
        kind=Kind.LOW_PROFIT,
        tripped=len(trades) >= limits.low_profit_trades and profit < 0,
        observed=profit,
        limit=0.0,
        words=f"{len(trades)} trades of {ticker} in {limits.low_profit_window.days} days brought {profit:,.2f} dollars;"
        f" from {limits.low_profit_trades} trades on less than 0 locks it",
        inputs={"newest trade": max(each.closed_at for each in trades)} if trades else {},
    )


# ------------------------------------------------------------------------------------------------ broker and prices


def _order_errors(known: Known, limits: BreakerLimits) -> Finding:
    sent = known.sent
    share = sent.errors / sent.submits if sent.submits else 0.0
    return Finding(
        scope=BROKER,
        kind=Kind.ORDER_ERRORS,
        tripped=sent.submits >= limits.error_submits and share >= limits.order_errors,
        observed=share,
        limit=limits.order_errors,
        words=f"{sent.errors} of {sent.submits} orders sent in {limits.error_window // _MINUTE} minutes were rejected"
        f" or left unanswered; from {limits.error_submits} orders on the limit is {limits.order_errors:.0%}",
        inputs={"newest order": sent.newest_at} if sent.newest_at else {},
        probe=sent.probe,
    )


def _stale_data(known: Known, limits: BreakerLimits) -> Finding:
    now = known.now
    session = next((each for each in known.sessions if each.opens_at <= now < each.closes_at), None)
    asked = session is not None and now - session.opens_at > limits.stale_after
    stale = [ticker for ticker, at in known.priced.items() if at is None or now - at > limits.stale_after]
    share = len(stale) / len(known.priced) if asked and known.priced else 0.0
    oldest = min((at for at in known.priced.values() if at is not None), default=None)
    return Finding(
        scope=GLOBAL,
        kind=Kind.STALE_DATA,
        tripped=bool(stale) and share >= limits.stale_share,
        observed=share,
        limit=limits.stale_share,
        words=f"{len(stale)} of {len(known.priced)} holdings have had no price for more than"
        f" {limits.stale_after // _MINUTE} minutes of a session ({', '.join(sorted(stale))});"
        f" the limit is {limits.stale_share:.0%}",
        inputs={"oldest price": oldest} if oldest else {},
    )


def stream_dead(silence: timedelta, since: datetime, limits: BreakerLimits) -> Finding:
    """Return what a broker comes to that has answered nothing for so long, since then."""
    limit = limits.stream_silence
    return Finding(
        scope=BROKER,
        kind=Kind.STREAM_DEAD,
        tripped=silence >= limit,
        observed=silence.total_seconds(),
        limit=limit.total_seconds(),
        words=f"the broker has answered nothing that it was asked for {silence.total_seconds():.0f} s;"
        f" the limit is {limit.total_seconds():.0f} s",
        inputs={"first silence": since},
    )


def mismatched(known: Known, stored: Rows, limits: BreakerLimits) -> list[Finding]:
    """Return each ticker whose fills and position differ, each that did, and the account where too many do."""
    if known.mismatches is None:
        return []
    before = {scope for scope, kind in open_places(stored) if kind is Kind.RECON_MISMATCH}
    names = {scope.removeprefix("ticker:") for scope in before if scope.startswith("ticker:")}
    nothing = (Decimal(0), Decimal(0))
    found = [
        _mismatch(ticker, *known.mismatches.get(ticker, nothing), at=known.now)
        for ticker in sorted(names | known.mismatches.keys())
    ]
    many = len(known.mismatches)
    everywhere = Finding(
        scope=GLOBAL,
        kind=Kind.RECON_MISMATCH,
        tripped=many >= limits.mismatches,
        observed=many,
        limit=limits.mismatches,
        words=f"fills and positions differ in {many} tickers ({', '.join(sorted(known.mismatches))});"
        f" the limit is {limits.mismatches}",
        inputs={"positions": known.now},
    )
    return [*found, everywhere]


def _mismatch(ticker: str, ours: Decimal, theirs: Decimal, *, at: datetime) -> Finding:
    return Finding(
        scope=f"ticker:{ticker}",
        kind=Kind.RECON_MISMATCH,
        tripped=ours != theirs,
        observed=float(ours),
        limit=float(theirs),
        words=f"our fills of {ticker} add up to {ours} shares, the broker says {theirs}",
        inputs={"positions": at},
    )


# ------------------------------------------------------------------------------------------------ the language model


def _llm_quality(known: Known, limits: BreakerLimits) -> Finding:
    seen = known.answers
    rejected = seen.rejected / seen.answers if seen.answers else 0.0
    unverified = seen.unverified / seen.claims if seen.claims else 0.0
    share = max(rejected, unverified)
    return Finding(
        scope=SIGNALS,
        kind=Kind.LLM_QUALITY,
        tripped=seen.answers >= limits.least_answers and share >= limits.llm_quality,
        observed=share,
        limit=limits.llm_quality,
        words=f"of a model's last {seen.answers} answers {rejected:.0%} did not hold, and of {seen.claims} claims in"
        f" them {unverified:.0%} do not stand in the text; from {limits.least_answers} answers on"
        f" the limit is {limits.llm_quality:.0%}",
        inputs={"newest answer": seen.newest_at} if seen.newest_at else {},
    )


def open_places(stored: Rows) -> list[tuple[str, Kind]]:
    """Return the places of the breakers that are not closed."""
    return [place for place, breaker in stored.items() if breaker.state is not BreakerState.CLOSED]


def by_place(breakers: Sequence[Breaker]) -> dict[tuple[str, Kind], Breaker]:
    """Return breakers by their place."""
    return {breaker.place: breaker for breaker in breakers}
