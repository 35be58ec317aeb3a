"""The numbers of every gate, cap, size and breaker: one frozen policy a tier (trading.md 3.1, 3.2, 3.8)."""

from datetime import timedelta

import msgspec

from stonks.model.units import Unit


class Cooldown(msgspec.Struct, frozen=True, kw_only=True):
    """How long a ticker rests after an exit, in sessions that opened since and in time; a stop doubles both."""

    sessions: int = 0
    time: timedelta = timedelta(0)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the gates allow; shares are of equity unless a field says otherwise."""

    max_age: timedelta
    """Age of a recommendation, counted while the trading window is open."""
    after_open: timedelta
    before_close: timedelta
    max_quote_age: timedelta
    max_spread: float
    """Ask less bid, over their middle."""
    min_confidence: Unit
    min_sources: int
    max_contradiction: Unit
    adv_share: float
    """Share of the 20-day mean of dollars traded a day."""
    min_price: float
    name_cap: float
    sector_cap: float
    gross_cap: float
    net_cap: float
    max_correlation: float
    """Weighted mean correlation to the book; above it the cap of the name shrinks to zero at 1."""
    twin_correlation: float
    twin_weight: float
    """No entry beside a holding heavier than ``twin_weight`` that correlates at least ``twin_correlation``."""
    blackout_before: int
    blackout_after: int
    """Sessions around a report of earnings."""
    cooldown: Cooldown
    max_positions: int
    max_new: int
    """Names held, and entries a session."""
    approval_share: dict[str, float]
    """Mode to the share of equity above which a person must approve; an absent mode never asks."""
    max_drift: float
    """Move of the price between decision and submission."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How large a position may get, and where it is given up."""

    kelly_share: float
    payoff: float
    """Mean gain over mean loss; the prior of 1 until closed trades say otherwise."""
    risk_per_trade: float
    volatility_target: float
    volatility_floor: float
    """Annual."""
    min_notional: float
    """US dollars."""
    stop_atr: float
    stop_share: float
    """The stop is ``stop_atr`` ATRs or ``stop_share`` of the price away, whichever is more."""
    target_r: float
    trailing_after_r: float
    trailing_r: float
    """In stop distances: where the profit is taken, from where on the stop trails, and how far behind."""
    time_limit: int
    """Sessions."""


class BreakerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Falls of equity at which entries stop; negative shares."""

    daily_loss: float
    drawdown: float


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of one tier; the version changes whenever one of them does."""

    tier: str
    version: str
    limits: Limits
    sizes: Sizes
    breakers: BreakerLimits


_VERSION = "1"

CONSERVATIVE = Policy(
    tier="conservative",
    version=f"conservative-{_VERSION}",
    limits=Limits(
        max_age=timedelta(minutes=30),
        after_open=timedelta(minutes=15),
        before_close=timedelta(minutes=15),
        max_quote_age=timedelta(seconds=10),
        max_spread=0.0020,
        min_confidence=0.75,
        min_sources=3,
        max_contradiction=0.25,
        adv_share=0.001,
        min_price=5.0,
        name_cap=0.03,
        sector_cap=0.15,
        gross_cap=0.50,
        net_cap=0.40,
        max_correlation=0.50,
        twin_correlation=0.90,
        twin_weight=0.05,
        blackout_before=3,
        blackout_after=1,
        cooldown=Cooldown(sessions=2),
        max_positions=15,
        max_new=3,
        approval_share={"live": 0.0, "paper": 0.02},
        max_drift=0.01,
    ),
    sizes=Sizes(
        kelly_share=0.10,
        payoff=1.0,
        risk_per_trade=0.0025,
        volatility_target=0.08,
        volatility_floor=0.10,
        min_notional=100.0,
        stop_atr=2.5,
        stop_share=0.05,
        target_r=1.5,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=10,
    ),
    breakers=BreakerLimits(daily_loss=-0.015, drawdown=-0.06),
)

MODERATE = Policy(
    tier="moderate",
    version=f"moderate-{_VERSION}",
    limits=Limits(
        max_age=timedelta(minutes=60),
        after_open=timedelta(minutes=5),
        before_close=timedelta(minutes=10),
        max_quote_age=timedelta(seconds=15),
        max_spread=0.0035,
        min_confidence=0.65,
        min_sources=2,
        max_contradiction=0.35,
        adv_share=0.005,
        min_price=3.0,
        name_cap=0.05,
        sector_cap=0.25,
        gross_cap=0.80,
        net_cap=0.60,
        max_correlation=0.65,
        twin_correlation=0.90,
        twin_weight=0.05,
        blackout_before=2,
        blackout_after=1,
        cooldown=Cooldown(sessions=1),
        max_positions=25,
        max_new=6,
        approval_share={"live": 0.02},
        max_drift=0.01,
    ),
    sizes=Sizes(
        kelly_share=0.25,
        payoff=1.0,
        risk_per_trade=0.005,
        volatility_target=0.12,
        volatility_floor=0.10,
        min_notional=100.0,
        stop_atr=2.0,
        stop_share=0.06,
        target_r=2.0,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=20,
    ),
    breakers=BreakerLimits(daily_loss=-0.025, drawdown=-0.10),
)

AGGRESSIVE = Policy(
    tier="aggressive",
    version=f"aggressive-{_VERSION}",
    limits=Limits(
        max_age=timedelta(minutes=120),
        after_open=timedelta(minutes=1),
        before_close=timedelta(minutes=5),
        max_quote_age=timedelta(seconds=30),
        max_spread=0.0060,
        min_confidence=0.55,
        min_sources=1,
        max_contradiction=0.50,
        adv_share=0.01,
        min_price=1.0,
        name_cap=0.10,
        sector_cap=0.35,
        gross_cap=1.00,
        net_cap=0.90,
        max_correlation=0.80,
        twin_correlation=0.90,
        twin_weight=0.05,
        blackout_before=1,
        blackout_after=0,
        cooldown=Cooldown(time=timedelta(hours=2)),
        max_positions=40,
        max_new=12,
        approval_share={"live": 0.05},
        max_drift=0.01,
    ),
    sizes=Sizes(
        kelly_share=0.50,
        payoff=1.0,
        risk_per_trade=0.01,
        volatility_target=0.18,
        volatility_floor=0.10,
        min_notional=50.0,
        stop_atr=1.5,
        stop_share=0.08,
        target_r=3.0,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=30,
    ),
    breakers=BreakerLimits(daily_loss=-0.04, drawdown=-0.18),
)

POLICIES: dict[str, Policy] = {policy.tier: policy for policy in (CONSERVATIVE, MODERATE, AGGRESSIVE)}
"""The policy of each tier by its name."""
