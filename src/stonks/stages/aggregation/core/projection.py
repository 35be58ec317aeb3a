"""Where a score goes if nothing new is learned: every half-life bucket fades at its own rate, and so does their sum.

Formula: signals.md 4.5. The interval is split-conformal (Vovk et al. 2005): as wide as four fifths of the projections
before were off at most, apart by window, horizon and how far the score leant. With too few of them it is the cold-start
one, from an assumed day-to-day persistence of trends. Results that are due within the horizon widen either.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec
import numpy as np

from stonks.model.trend import Projection, Trend, Window
from stonks.stages.aggregation.core.columns import Floats
from stonks.stages.aggregation.core.evidence import Evidence
from stonks.stages.aggregation.core.weights import BUCKET_DECAY, WINDOW_DECAY, Weights

HORIZONS = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""How far ahead is projected."""
LEVEL = 0.8
"""Share of projections that an interval is to cover."""
FEWEST = 30
"""Outcomes from which an interval goes by them."""
LEANS = (0.05, 0.15)
"""Sizes of a score that part faint, leaning and clear ones; projections of each are off by different amounts."""
CATALYST = 1.5
"""Factor on the width of an interval within which results are due."""
PERSISTENCE = 0.8
"""Assumed correlation of a score with itself a day later."""
SPREAD = 0.25
"""Assumed standard deviation of a score about which nothing is known."""
NORMAL_80 = 1.2816
"""Half width of the central 80 % of a normal distribution, in standard deviations."""

_SECONDS: Floats = np.array([horizon.total_seconds() for horizon in HORIZONS])
_REMAINING: Floats = np.exp2(-_SECONDS[:, None, None] * (WINDOW_DECAY[:, None] + BUCKET_DECAY))
"""What is left of a weight; by horizon, window and bucket."""


class ProjectionError(msgspec.Struct, frozen=True, kw_only=True):
    """How far off projections of one kind are, by what became of earlier ones: a row of ``projection_errors``."""

    window: Window
    horizon: timedelta
    third: int
    radius: float | None
    """Half the width of the interval; None with too few outcomes."""
    coverage: float | None
    """Share of outcomes that lay in their interval."""


class Hindsight(msgspec.Struct, frozen=True):
    """What projecting goes by beside the evidence."""

    errors: Mapping[tuple[Window, timedelta, int], ProjectionError] = {}
    earnings_in_days: int | None = None

    @classmethod
    def of(cls, errors: Iterable[ProjectionError], earnings_in_days: int | None) -> "Hindsight":
        """Return the errors by what they are about."""
        return cls({(error.window, error.horizon, error.third): error for error in errors}, earnings_in_days)


NOTHING_KNOWN = Hindsight()


def project(
    trends: Sequence[Trend], evidence: Evidence, weights: Weights, hindsight: Hindsight = NOTHING_KNOWN
) -> tuple[Projection, ...]:
    """Return the score of each window of one ticker at each horizon."""
    weight, score = evidence.cell_weight[0].sum(axis=1), evidence.cell_score[0].sum(axis=1)
    faded = (score * _REMAINING).sum(axis=2) / ((weight * _REMAINING).sum(axis=2) + weights.prior_weight)
    return tuple(
        _projection(trend, horizon, value, hindsight)
        for horizon, values in zip(HORIZONS, faded.tolist(), strict=True)
        for trend, value in zip(trends, values, strict=True)
    )


def third_of(score: float) -> int:
    """Return whether a score is faint, leaning or clear: 0, 1 or 2."""
    return sum(abs(score) >= bound for bound in LEANS)


def deviation(horizon: timedelta) -> float:
    """Return the standard deviation that a projected score is assumed to have after this time."""
    days = horizon / timedelta(days=1)
    return SPREAD * math.sqrt(1.0 - PERSISTENCE ** (2.0 * days))


def _projection(trend: Trend, horizon: timedelta, value: float, hindsight: Hindsight) -> Projection:
    error = hindsight.errors.get((trend.window, horizon, third_of(trend.score)))
    measured = None if error is None else error.radius
    doubt = NORMAL_80 * deviation(horizon) if measured is None else measured
    method = "decay, cold-start 80 % interval" if measured is None else "decay, split-conformal 80 % interval"
    due = hindsight.earnings_in_days
    if due is not None and timedelta(days=due) <= horizon:
        doubt, method = doubt * CATALYST, f"{method}, wider for results due"
    return Projection(
        trend_id=trend.id,
        horizon=horizon,
        value=max(-1.0, min(1.0, value)),
        low=max(-1.0, value - doubt),
        high=min(1.0, value + doubt),
        method=method,
        coverage=None if error is None else error.coverage,
    )
