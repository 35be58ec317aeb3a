"""The numbers of every gate, cap, size and breaker: one frozen policy a tier (trading.md 3.1, 3.2, 3.8).

What stands here are the defaults: which version of a tier is in force is a row of ``policy_versions``.
"""

from datetime import timedelta
from typing import Annotated

import msgspec

from stonks.model.units import Unit
from stonks.risk.breaker_limits import BREAKER_LIMITS, BreakerLimits

Factor = Annotated[float, msgspec.Meta(gt=0.0, le=100.0)]
"""A multiple of something, never none of it."""
Dollars = Annotated[float, msgspec.Meta(ge=0.0, le=1e9)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Sessions = Annotated[int, msgspec.Meta(ge=0, le=60)]
"""As many as a desk knows."""


class Cooldown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a ticker rests after an exit, in sessions that opened since and in time; a stop doubles both."""

    sessions: Sessions = 0
    time: timedelta = timedelta(0)


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gates allow; shares are of equity unless a field says otherwise."""

    max_age: timedelta
    """Age of a recommendation, counted while the trading window is open."""
    after_open: timedelta
    before_close: timedelta
    max_quote_age: timedelta
    max_spread: Unit
    """Ask less bid, over their middle."""
    min_confidence: Unit
    min_sources: Count
    max_contradiction: Unit
    adv_share: Unit
    """Share of the 20-day mean of dollars traded a day."""
    min_price: Dollars
    name_cap: Unit
    sector_cap: Unit
    gross_cap: Unit
    net_cap: Unit
    max_correlation: Unit
    """Weighted mean correlation to the book; above it the cap of the name shrinks to zero at 1."""
    twin_correlation: Unit
    twin_weight: Unit
    """No entry beside a holding heavier than ``twin_weight`` that correlates at least ``twin_correlation``."""
    blackout_before: Sessions
    blackout_after: Sessions
    """Sessions around a report of earnings."""
    cooldown: Cooldown
    max_positions: Count
    max_new: Count
    """Names held, and entries a session."""
    approval_share: dict[str, Unit]
    """Mode to the share of equity above which a person must approve; an absent mode never asks."""
    max_drift: Unit
    """Move of the price between decision and submission."""
    max_asset_age: timedelta
    """Age of what the broker said about whether an instrument can be traded."""
    max_off_last: Unit
    """How far from the newest price an order may be priced."""
    max_over_median: Factor
    """How many times the median order of the account an entry may cost."""
    orders_a_minute: Count
    orders_a_day: Count
    """Orders sent; a day is 24 hours. Exits are counted and never held back."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large a position may get, and where it is given up."""

    kelly_share: Unit
    doubt: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)]
    """How many times the way from a probability to the lower end of its interval is taken off for doubt."""
    payoff: Factor
    """Mean gain over mean loss that is believed before closed trades say otherwise."""
    risk_per_trade: Unit
    commission: Annotated[float, msgspec.Meta(ge=0.0, lt=0.5)]
    """Share of an order's dollars that trading it costs, once at the entry and once at the exit."""
    volatility_target: Factor
    volatility_floor: Factor
    """Annual."""
    least_change: Unit
    """Share of the wanted position by which an order must change it."""
    min_notional: Dollars
    """US dollars."""
    stop_atr: Factor
    stop_share: Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
    """The stop is ``stop_atr`` ATRs or ``stop_share`` of the price away, whichever is more."""
    target_r: Factor
    trailing_after_r: Factor
    trailing_r: Factor
    """In stop distances: where the profit is taken, from where on the stop trails, and how far behind."""
    time_limit: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    """Sessions."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of one tier; the version, ``TIER-NUMBER``, names the row that they stand in."""

    tier: str
    version: str
    limits: Limits
    sizes: Sizes
    breakers: BreakerLimits


CONSERVATIVE = Policy(
    tier="conservative",
    version="conservative-1",
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
        max_asset_age=timedelta(hours=24),
        max_off_last=0.10,
        max_over_median=2.0,
        orders_a_minute=5,
        orders_a_day=30,
    ),
    sizes=Sizes(
        kelly_share=0.10,
        doubt=2.0,
        payoff=1.0,
        risk_per_trade=0.0025,
        commission=0.0,
        volatility_target=0.08,
        volatility_floor=0.10,
        least_change=0.20,
        min_notional=100.0,
        stop_atr=2.5,
        stop_share=0.05,
        target_r=1.5,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=10,
    ),
    breakers=BREAKER_LIMITS["conservative"],
)

MODERATE = Policy(
    tier="moderate",
    version="moderate-1",
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
        max_asset_age=timedelta(hours=24),
        max_off_last=0.10,
        max_over_median=2.0,
        orders_a_minute=10,
        orders_a_day=60,
    ),
    sizes=Sizes(
        kelly_share=0.25,
        doubt=1.0,
        payoff=1.0,
        risk_per_trade=0.005,
        commission=0.0,
        volatility_target=0.12,
        volatility_floor=0.10,
        least_change=0.20,
        min_notional=100.0,
        stop_atr=2.0,
        stop_share=0.06,
        target_r=2.0,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=20,
    ),
    breakers=BREAKER_LIMITS["moderate"],
)

AGGRESSIVE = Policy(
    tier="aggressive",
    version="aggressive-1",
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
        max_asset_age=timedelta(hours=24),
        max_off_last=0.10,
        max_over_median=2.0,
        orders_a_minute=20,
        orders_a_day=120,
    ),
    sizes=Sizes(
        kelly_share=0.50,
        doubt=0.0,
        payoff=1.0,
        risk_per_trade=0.01,
        commission=0.0,
        volatility_target=0.18,
        volatility_floor=0.10,
        least_change=0.20,
        min_notional=50.0,
        stop_atr=1.5,
        stop_share=0.08,
        target_r=3.0,
        trailing_after_r=1.0,
        trailing_r=1.0,
        time_limit=30,
    ),
    breakers=BREAKER_LIMITS["aggressive"],
)

POLICIES: dict[str, Policy] = {policy.tier: policy for policy in (CONSERVATIVE, MODERATE, AGGRESSIVE)}
"""The policy of each tier by its name."""
