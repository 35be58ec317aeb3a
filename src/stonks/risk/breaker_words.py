"""What a person reads of a breaker: what it stops, how it ends, and what a reset does and does not do."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from stonks.risk.breaker_limits import BreakerLimits
from stonks.risk.breakers import BROKER, GLOBAL, SIGNALS, STRATEGY, Breaker, BreakerKind as Kind

_NO_ENTRIES = "no entry passes, exits and cancels do"
_COUNTED_ANEW = "the same trades and orders are not counted again"
_SCOPES = {
    GLOBAL: "the whole account",
    BROKER: "all orders",
    STRATEGY: "the strategy",
    SIGNALS: "signals",
}


class Words(NamedTuple):
    """What an open breaker does, how it ends by itself, and what a reset changes besides closing it."""

    does: str
    ends: str
    reset: str


def words_of(kind: Kind, limits: BreakerLimits) -> Words:
    """Return the words for a kind of breaker by these limits."""
    return _WORDS[kind](limits)


def scope_in_words(scope: str) -> str:
    """Return what a scope covers: "the whole account", "AAPL alone"."""
    kind, _, name = scope.partition(":")
    return f"{name} alone" if kind == "ticker" else f"the sector {name}" if name else _SCOPES.get(scope, scope)


def consequences(breaker: Breaker, limits: BreakerLimits) -> str:
    """Return what a reset of a breaker does and what it does not do, in one line."""
    reset = words_of(breaker.kind, limits).reset
    return (
        f"A reset closes {breaker.kind} for {scope_in_words(breaker.scope)}: {reset}. It changes no position and no"
        " order, leaves other breakers and the account's state as they are, and it opens again when it trips anew."
    )


def worded(breaker: Breaker, limits: BreakerLimits) -> Breaker:
    """Return a breaker that has just opened with its message: scope, measurement, effect, end and reset."""
    words = words_of(breaker.kind, limits)
    message = (
        f"{breaker.kind} for {scope_in_words(breaker.scope)}: {breaker.reason}. Now {words.does}. It ends {words.ends}."
        f" {consequences(breaker, limits)}"
    )
    return msgspec.structs.replace(breaker, reason=message)


def _sessions(count: int) -> str:
    return "one whole session" if count == 1 else f"{count} whole sessions"


_WORDS: dict[Kind, Callable[[BreakerLimits], Words]] = {
    Kind.DAILY_LOSS: lambda _: Words(
        _NO_ENTRIES,
        "with the next session that begins within the limit",
        "the rest of the day is measured from what the account is worth now",
    ),
    Kind.DAILY_FLATTEN: lambda _: Words(
        f"every position is given up and {_NO_ENTRIES}",
        "with the next session that begins within the limit",
        "the rest of the day is measured from what the account is worth now; positions to be given up stay so",
    ),
    Kind.DRAWDOWN: lambda _: Words(
        _NO_ENTRIES,
        "only when a person resets it",
        "falls are measured from what the account is worth now, no longer from its best before",
    ),
    Kind.WEEKLY_LOSS: lambda limits: Words(
        f"entries are cut to {limits.weekly_share:.0%} of their size",
        "with the first session of the next week, or when a person resets it",
        "the week is measured from what the account is worth now",
    ),
    Kind.LOSS_STREAK: lambda limits: Words(
        _NO_ENTRIES, f"after {_sessions(limits.streak_pause)}", f"the streak begins anew, {_COUNTED_ANEW}"
    ),
    Kind.STOP_CLUSTER: lambda limits: Words(
        _NO_ENTRIES, f"after {_sessions(limits.stop_pause)}", f"stops are counted anew, {_COUNTED_ANEW}"
    ),
    Kind.LOW_PROFIT: lambda limits: Words(
        "the ticker is not entered, but may be left",
        f"after {_sessions(limits.low_profit_lock)}",
        f"its trades are added up anew, {_COUNTED_ANEW}",
    ),
    Kind.ORDER_ERRORS: lambda limits: Words(
        _NO_ENTRIES,
        f"after {limits.half_open_after.total_seconds() / 60:.0f} minutes, when one entry of at most"
        f" {limits.probe_share:.2%} of equity passes and the broker takes it",
        f"entries of any size pass without a probe, {_COUNTED_ANEW}",
    ),
    Kind.STALE_DATA: lambda limits: Words(
        _NO_ENTRIES,
        f"when prices have been fresh for {limits.calm.total_seconds() / 60:.0f} minutes",
        "prices are looked at again at the next count",
    ),
    Kind.STREAM_DEAD: lambda _: Words(
        _NO_ENTRIES, "when the broker answers again", "whether the broker answers is looked at again at the next count"
    ),
    Kind.RECON_MISMATCH: lambda _: Words(
        _NO_ENTRIES,
        "when our fills and the broker's position agree",
        "positions are compared again at the next count, and the difference itself stays",
    ),
    Kind.LLM_QUALITY: lambda _: Words(
        "recommendations are advisory only and exits pass",
        "only when a person resets it",
        f"answers are counted anew, {_COUNTED_ANEW}",
    ),
}
