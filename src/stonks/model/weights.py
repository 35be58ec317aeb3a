"""What outcomes have taught: a version of it, a row of ``weights_versions``, and the probability it gives a trend.

A version is fitted in ``stages/aggregation``, from outcomes alone, and counts once it is activated: new signals take
the credibility of their source from it, trends the worth of their layers, recommendations their probability.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from stonks.model.trend import Trend, Window
from stonks.model.units import Unit

FEATURES = ("lean", "score", "company", "macro", "competitive", "momentum")
"""What a probability is read from, all of it odd: with every signal turned round, each feature changes its sign."""

ANY_EVENT = "*"
"""The key under which a source's credibility stands for events that have no entry of their own."""

PRIOR_SLOPE = 0.9
"""What a score, times its confidence, adds to the log-odds of a rise where no model stands."""
PRIOR_BOUND = 0.08
"""How far such a probability may be from one half: [.42, .58]."""


class Chance(msgspec.Struct, frozen=True):
    """A probability of a rise with the interval within which it is known: wide where few outcomes speak."""

    low: Unit
    probability: Unit
    high: Unit


class Platt(msgspec.Struct, frozen=True, kw_only=True, tag="platt"):
    """Log-odds as a straight line of the raw ones (Platt 1999); the interval is one standard error of the line."""

    slope: float
    intercept: float
    slope_variance: float
    intercept_variance: float
    covariance: float

    def chance(self, raw: float) -> Chance:
        """Return the probability for raw log-odds."""
        middle = self.intercept + self.slope * raw
        variance = self.intercept_variance + 2.0 * raw * self.covariance + raw * raw * self.slope_variance
        error = math.sqrt(max(variance, 0.0))
        return Chance(sigmoid(middle - error), sigmoid(middle), sigmoid(middle + error))


class VennAbers(msgspec.Struct, frozen=True, kw_only=True, tag="venn_abers"):
    """Two isotonic fits, with the case in hand counted as a fall and as a rise (Vovk and Petej 2014).

    The truth of one of them holds without any assumption on the scores. They stand at points of raw log-odds, in order.
    """

    at: tuple[float, ...]
    if_fall: tuple[float, ...]
    if_rise: tuple[float, ...]

    def chance(self, raw: float) -> Chance:
        """Return the probability for raw log-odds: between the two fits, as weighs log-loss evenly."""
        low, high = interpolated(self.at, self.if_fall, raw), interpolated(self.at, self.if_rise, raw)
        return Chance(low, high / (1.0 - low + high), high)


Calibrator: TypeAlias = Platt | VennAbers


class WindowModel(msgspec.Struct, frozen=True, kw_only=True):
    """How probable a rise against the market is over one window's horizon, given a trend."""

    coefficients: tuple[float, ...]
    """One for each of FEATURES; there is no constant, so that nothing is known of a trend of zero."""
    calibrator: Calibrator
    payoff: float
    """Expected return in standard deviations of the horizon, for each unit of (2p - 1)."""
    outcomes: int
    """How many closed outcomes it was fitted to."""

    def chance(self, trend: Trend) -> Chance:
        """Return the calibrated probability of a trend."""
        return self.chance_of(features_of(trend))

    def chance_of(self, features: Sequence[float]) -> Chance:
        """Return the calibrated probability of FEATURES, in their order."""
        raw = sum(c * f for c, f in zip(self.coefficients, features, strict=True))
        return self.calibrator.chance(raw)


class LearnedWeights(msgspec.Struct, frozen=True, kw_only=True):
    """One version: the worth of layers and sources, and the models of the windows that have enough outcomes."""

    version: str
    fitted_at: datetime | None = None
    company: float = 1.0
    macro: float = 0.5
    competitive: float = 0.35
    trust: dict[str, dict[str, float]] = {}
    """Source, then event type or ANY_EVENT: the factor on the credibility that the source's kind gives it."""
    models: dict[Window, WindowModel] = {}
    """By window; a window without one keeps the fixed prior."""

    def factor(self, source: str, event_type: str) -> float:
        """Return what outcomes make of a source's credibility for one event type; 1 where they say nothing."""
        of_source = self.trust.get(source, {})
        return of_source.get(event_type, of_source.get(ANY_EVENT, 1.0))


PRIOR_WEIGHTS = LearnedWeights(version="prior-1")
"""What holds until a version is activated: nothing was learned."""


def prior_probability(score: float, confidence: float) -> float:
    """Return the probability of a rise before outcomes have shown more (signals.md 5.1, stage A)."""
    return max(0.5 - PRIOR_BOUND, min(0.5 + PRIOR_BOUND, sigmoid(PRIOR_SLOPE * score * confidence)))


def features_of(trend: Trend) -> tuple[float, ...]:
    """Return a trend's FEATURES, in their order."""
    layers = trend.layer_scores
    return (
        trend.score * trend.confidence,
        trend.score,
        layers.get("company", 0.0),
        layers.get("macro", 0.0),
        layers.get("competitive", 0.0),
        trend.momentum,
    )


def sigmoid(log_odds: float) -> float:
    """Return the probability of these log-odds."""
    return 0.5 * (1.0 + math.tanh(0.5 * log_odds))


def interpolated(at: tuple[float, ...], values: tuple[float, ...], point: float) -> float:
    """Return the value at a point of a broken line; beyond its ends, that of the nearest end."""
    after = bisect_right(at, point)
    if after == 0:
        return values[0]
    if after == len(at):
        return values[-1]
    left, right = at[after - 1], at[after]
    share = (point - left) / (right - left)
    return values[after - 1] + share * (values[after] - values[after - 1])
