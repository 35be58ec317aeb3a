"""How likely a rise is, what it would bring and what it would cost.

By the model that outcomes have taught of the window, where one is in force: its calibrated probability, the interval of
that and its payoff. Else by the fixed prior for the time before outcomes.

The prior's interval. A score x has a standard error s (its trend keeps p_sign = Phi(|x| / s)). The probability at
x - s/2 and at x + s/2, by the same formula, are its bounds. A whole error or two would be an interval for a claim about
the world; here the confidence has discounted doubt once already, and hardly any trend would pass (ADR 11). Over three
recorded months, what passed every check rested on two equal stories or more, with a contradiction under a third.
"""

import math
from statistics import NormalDist

import msgspec

from stonks.model.trend import Trend, Window
from stonks.model.weights import Chance, prior_probability
from stonks.risk.measures import daily_volatility
from stonks.stages.recommendation.core.situation import Situation

HALF_INTERVAL = 0.5
"""Standard errors of the score from the probability to either end of its interval."""
PAYOFF = 0.8
"""The prior's expected return in standard deviations of the horizon, for each unit of (2p - 1)."""
HORIZON_SESSIONS = {Window.INTRADAY: 1, Window.D1: 1, Window.D7: 5, Window.D30: 21, Window.D90: 63}
"""Sessions over which a window's recommendation is judged."""
LIQUID = 100e6
"""Dollars a day from which trading costs least."""
COST_LIQUID = 0.0005
COST_OTHER = 0.0020
"""Half the spread and fees, as a share of the price, for the most liquid stocks and for the rest."""
ORDER_DOLLARS = 10_000.0
"""The order for which the price impact is reckoned; sizing comes later."""
IMPACT = 0.1
"""Impact in daily standard deviations of an order as large as a day's trade; it grows with the root of the size."""
PRIOR_ERROR = 0.5
"""Standard error of a score of which no signal says anything."""

_NORMAL = NormalDist()
_CERTAIN = 1.0 - 1e-12


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected over the horizon, as shares of the price; volatility None where there are too few bars."""

    sessions: int
    probability: float
    low: float
    high: float
    daily_volatility: float | None
    volatility: float | None
    expected_return: float
    cost: float

    @property
    def edge(self) -> float:
        """What is expected after costs, in the direction of the forecast."""
        return abs(self.expected_return) - self.cost


def forecast(situation: Situation) -> Forecast:
    """Return what the trend leads to expect of its market."""
    trend = situation.trend
    model, sessions = situation.model, HORIZON_SESSIONS[trend.window]
    daily = daily_volatility(situation.closes)
    horizon = None if daily is None else daily * math.sqrt(sessions)
    chance = prior_chance(trend) if model is None else model.chance(trend)
    payoff = PAYOFF if model is None else model.payoff
    return Forecast(
        sessions=sessions,
        probability=chance.probability,
        low=chance.low,
        high=chance.high,
        daily_volatility=daily,
        volatility=horizon,
        expected_return=(2.0 * chance.probability - 1.0) * payoff * (horizon or 0.0),
        cost=cost(situation.dollar_volume, daily),
    )


def prior_chance(trend: Trend) -> Chance:
    """Return the probability of a rise before outcomes have shown more, and its interval."""
    doubt = HALF_INTERVAL * standard_error(trend)
    low, probability, high = (
        prior_probability(trend.score + shift, trend.confidence) for shift in (-doubt, 0.0, doubt)
    )
    return Chance(low, probability, high)


def standard_error(trend: Trend) -> float:
    """Return how far a trend's score may be off, read back from the probability of its sign; at most 1."""
    if trend.score == 0.0:
        return PRIOR_ERROR
    return min(1.0, abs(trend.score) / max(_NORMAL.inv_cdf(min(trend.p_sign, _CERTAIN)), 1e-9))


def cost(dollar_volume: float | None, daily: float | None) -> float:
    """Return what one trade costs as a share of the price: half the spread, fees, and the price moving away."""
    liquid = dollar_volume is not None and dollar_volume >= LIQUID
    impact = IMPACT * (daily or 0.0) * math.sqrt(ORDER_DOLLARS / dollar_volume) if dollar_volume else 0.0
    return (COST_LIQUID if liquid else COST_OTHER) + impact
