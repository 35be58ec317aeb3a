"""Where a score goes if nothing new is learned: every half-life bucket fades at its own rate, and so does their sum.

Formula: signals.md 4.5. The interval is the cold-start one, from an assumed day-to-day persistence of trends; it gives
way to measured residuals once there are enough of them.
"""

import math
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from stonks.model.trend import Projection, Trend
from stonks.stages.aggregation.core.columns import Floats
from stonks.stages.aggregation.core.evidence import Evidence
from stonks.stages.aggregation.core.weights import BUCKET_DECAY, WINDOW_DECAY, Weights

HORIZONS = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""How far ahead is projected."""
PERSISTENCE = 0.8
"""Assumed correlation of a score with itself a day later."""
SPREAD = 0.25
"""Assumed standard deviation of a score about which nothing is known."""
NORMAL_80 = 1.2816
"""Half width of the central 80 % of a normal distribution, in standard deviations."""
METHOD = "decay, cold-start 80 % interval"

_SECONDS: Floats = np.array([horizon.total_seconds() for horizon in HORIZONS])
_REMAINING: Floats = np.exp2(-_SECONDS[:, None, None] * (WINDOW_DECAY[:, None] + BUCKET_DECAY))
"""What is left of a weight; by horizon, window and bucket."""


def project(trends: Sequence[Trend], evidence: Evidence, weights: Weights) -> tuple[Projection, ...]:
    """Return the score of each window of one ticker at each horizon: every half-life bucket fades at its own rate."""
    weight, score = evidence.cell_weight[0].sum(axis=1), evidence.cell_score[0].sum(axis=1)
    faded = (score * _REMAINING).sum(axis=2) / ((weight * _REMAINING).sum(axis=2) + weights.prior_weight)
    return tuple(
        _projection(trend, horizon, value)
        for horizon, values in zip(HORIZONS, faded.tolist(), strict=True)
        for trend, value in zip(trends, values, strict=True)
    )


def deviation(horizon: timedelta) -> float:
    """Return the standard deviation that a projected score is assumed to have after this time."""
    days = horizon / timedelta(days=1)
    return SPREAD * math.sqrt(1.0 - PERSISTENCE ** (2.0 * days))


def _projection(trend: Trend, horizon: timedelta, value: float) -> Projection:
    doubt = NORMAL_80 * deviation(horizon)
    return Projection(
        trend_id=trend.id,
        horizon=horizon,
        value=max(-1.0, min(1.0, value)),
        low=max(-1.0, value - doubt),
        high=min(1.0, value + doubt),
        method=METHOD,
        coverage=None,
    )
