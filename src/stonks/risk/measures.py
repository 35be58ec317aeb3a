"""Figures read off daily bars, oldest first: liquidity, range and volatility. None where there are too few bars."""

import math
from collections.abc import Sequence
from itertools import pairwise

from stonks.model.market import Bar

ADV_DAYS = 20
ATR_DAYS = 14
_DECAY = 0.94  # RiskMetrics' daily decay
_FEWEST_RETURNS = 20
_SESSIONS_A_YEAR = 252


def average_dollar_volume(bars: Sequence[Bar]) -> float | None:
    """Return the mean of close times volume over the last 20 days, in dollars a day."""
    if len(bars) < ADV_DAYS:
        return None
    return sum(float(bar.close) * float(bar.volume) for bar in bars[-ADV_DAYS:]) / ADV_DAYS


def average_true_range(bars: Sequence[Bar]) -> float | None:
    """Return the mean true range of the last 14 days, in dollars (Wilder 1978, with a plain mean)."""
    if len(bars) <= ATR_DAYS:
        return None
    ranges = [
        max(float(bar.high), float(before.close)) - min(float(bar.low), float(before.close))
        for before, bar in pairwise(bars[-ATR_DAYS - 1 :])
    ]
    return sum(ranges) / ATR_DAYS


def log_returns(bars: Sequence[Bar]) -> list[float]:
    """Return the logarithm of each close over the one before."""
    return [math.log(float(bar.close) / float(before.close)) for before, bar in pairwise(bars)]


def daily_volatility(closes: Sequence[float]) -> float | None:
    """Return the exponentially weighted volatility of daily log returns, from closes oldest first."""
    returns = [math.log(close / before) for before, close in pairwise(closes)]
    if len(returns) < _FEWEST_RETURNS:
        return None
    variance = sum(value * value for value in returns[:_FEWEST_RETURNS]) / _FEWEST_RETURNS
    for value in returns[_FEWEST_RETURNS:]:
        variance = _DECAY * variance + (1 - _DECAY) * value * value
    return math.sqrt(variance)


def annual_volatility(bars: Sequence[Bar]) -> float | None:
    """Return the same over bars, as a year's worth of it."""
    daily = daily_volatility([float(bar.close) for bar in bars])
    return None if daily is None else daily * math.sqrt(_SESSIONS_A_YEAR)
