"""Sharpe ratios that know how many were tried: probabilistic and deflated (Bailey and Lopez de Prado 2012, 2014).

All ratios are per period, never annualised; the kurtosis is the plain fourth moment, 3 for a normal distribution.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np

from stonks.replay.evaluation.panel import Floats

EULER = 0.5772156649015329
_NORMAL = NormalDist()


class SharpeRatio(msgspec.Struct, frozen=True, kw_only=True):
    """A ratio, and the chances that it is above nothing and above the best of as many empty trials."""

    periods: int
    ratio: float
    skewness: float
    kurtosis: float
    above_zero: float
    """PSR(0)."""
    trials: int
    expected_best: float
    """The best ratio to be expected of this many trials without skill."""
    deflated: float
    """DSR: the chance that the true ratio is above that."""


def sharpe_ratio(returns: Floats, tried: Sequence[float]) -> SharpeRatio | None:
    """Return the ratio of these returns among all that were tried, itself among them; None of fewer than three.

    Args:
        returns: one a period, after costs.
        tried: the ratio of every trial so far, this one included.
    """
    ratio = plain_ratio(returns)
    if ratio is None:
        return None
    around = returns - returns.mean()
    width = math.sqrt(float((around**2).mean()))
    skewness, kurtosis = float((around**3).mean()) / width**3, float((around**4).mean()) / width**4
    error = ratio_error(ratio, skewness, kurtosis, len(returns))
    best = expected_best(spread_of(tried, len(returns)), len(tried))
    return SharpeRatio(
        periods=len(returns),
        ratio=ratio,
        skewness=skewness,
        kurtosis=kurtosis,
        above_zero=_NORMAL.cdf(ratio / error),
        trials=len(tried),
        expected_best=best,
        deflated=_NORMAL.cdf((ratio - best) / error),
    )


def plain_ratio(returns: Floats) -> float | None:
    """Return mean over standard deviation; None of fewer than three returns, or of returns that do not vary."""
    if len(returns) < 3 or not np.ptp(returns):  # noqa: PLR2004 - too few for four moments
        return None
    return float(returns.mean() / returns.std(ddof=1))


def ratio_error(ratio: float, skewness: float, kurtosis: float, periods: int) -> float:
    """Return the standard error of a ratio whose returns are not normal."""
    inside = 1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio**2
    return math.sqrt(max(inside, 1e-12) / (periods - 1))


def spread_of(tried: Sequence[float], periods: int) -> float:
    """Return the standard deviation of the trials' ratios; of fewer than two that differ, that of ratios by luck."""
    if len(tried) > 1 and np.ptp(tried):
        return float(np.std(tried, ddof=1))
    return 1.0 / math.sqrt(periods - 1)


def expected_best(spread: float, trials: int) -> float:
    """Return the expected largest of this many ratios around zero; zero for a single one."""
    if trials < 2:  # noqa: PLR2004 - one trial is no choice
        return 0.0
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return spread * ((1.0 - EULER) * first + EULER * second)
