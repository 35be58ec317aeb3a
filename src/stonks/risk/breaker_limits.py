"""At which numbers breakers open, how long they stay so, and how small a probe is: one set a tier (trading.md 3.8)."""

from datetime import timedelta
from typing import Annotated

import msgspec

from stonks.model.units import Unit

Fall = Annotated[float, msgspec.Meta(ge=-1.0, lt=0.0)]
"""A loss as a negative share."""
Least = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
"""A count from which on something is judged: never none, so that nothing is judged by nothing."""


class BreakerLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where each breaker opens; what the tiers share has its number here."""

    daily_loss: Fall
    daily_flatten: Fall
    """Since the day's start: where entries stop, and where everything is given up."""
    drawdown: Fall
    """Since the account was worth most."""
    weekly_loss: Fall
    """Over ``weekly_sessions``."""
    loss_streak: Least
    """Closed trades that lost, one after another."""
    streak_pause: Least
    """Sessions that a streak pauses."""
    stop_cluster: Least
    """Stops within ``stop_sessions``."""
    low_profit: bool
    """Whether a ticker that lost money over its last trades is locked."""
    order_errors: Unit
    """Share of orders sent that were rejected or left unanswered."""
    stale_after: timedelta
    """Age of a holding's price in a session."""
    stream_silence: timedelta
    """How long the broker may leave us without an answer."""
    llm_quality: Unit
    """Share of a model's answers, or of the claims in them, that did not hold."""

    weekly_sessions: Least = 5
    weekly_share: Unit = 0.5
    """What is left of a size while a week's loss is over its limit."""
    stop_sessions: Least = 2
    stop_pause: Least = 1
    low_profit_trades: Least = 3
    low_profit_window: timedelta = timedelta(days=30)
    low_profit_lock: Least = 10
    """Sessions."""
    error_window: timedelta = timedelta(minutes=10)
    error_submits: Least = 5
    unanswered_after: timedelta = timedelta(seconds=10)
    """How long after an order was claimed it counts as unanswered."""
    half_open_after: timedelta = timedelta(minutes=5)
    probe_share: Unit = 0.005
    """Share of equity of the one entry that a half-open breaker lets pass."""
    stale_share: Unit = 0.2
    """Share of holdings with a stale price."""
    calm: timedelta = timedelta(minutes=2)
    """How long prices must be fresh again."""
    answers: Least = 50
    least_answers: Least = 20
    """How many of a model's newest answers are looked at, and how many there must be."""
    mismatches: Least = 3
    """Tickers with a mismatch from which on none is entered."""


BREAKER_LIMITS: dict[str, BreakerLimits] = {
    "conservative": BreakerLimits(
        daily_loss=-0.015,
        daily_flatten=-0.03,
        drawdown=-0.06,
        weekly_loss=-0.03,
        loss_streak=3,
        streak_pause=2,
        stop_cluster=2,
        low_profit=True,
        order_errors=0.2,
        stale_after=timedelta(minutes=5),
        stream_silence=timedelta(seconds=60),
        llm_quality=0.1,
    ),
    "moderate": BreakerLimits(
        daily_loss=-0.025,
        daily_flatten=-0.05,
        drawdown=-0.10,
        weekly_loss=-0.05,
        loss_streak=5,
        streak_pause=1,
        stop_cluster=4,
        low_profit=True,
        order_errors=0.3,
        stale_after=timedelta(minutes=10),
        stream_silence=timedelta(seconds=120),
        llm_quality=0.2,
    ),
    "aggressive": BreakerLimits(
        daily_loss=-0.04,
        daily_flatten=-0.08,
        drawdown=-0.18,
        weekly_loss=-0.08,
        loss_streak=7,
        streak_pause=1,
        stop_cluster=6,
        low_profit=False,
        order_errors=0.4,
        stale_after=timedelta(minutes=15),
        stream_silence=timedelta(seconds=120),
        llm_quality=0.3,
    ),
}
"""The limits of each tier by its name."""
