"""How alike two instruments move, estimated so that few data never look like certainty."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from stonks.model.market import Bar
from stonks.risk.measures import log_returns

DAYS = 60
FEWEST_DAYS = 40
UNKNOWN = 0.7
"""What is assumed of two instruments with too few common days: that they are of one sector."""


def returns_by_day(bars: Sequence[Bar]) -> dict[date, float]:
    """Return the log return of each day over the one before, by its date."""
    return {bar.starts_at.date(): value for bar, value in zip(bars[1:], log_returns(bars), strict=True)}


def correlation(one: Mapping[date, float], other: Mapping[date, float]) -> float:
    """Return the shrunk correlation of the last 60 common daily log returns, or .7 with fewer than 40."""
    days = sorted(one.keys() & other.keys())[-DAYS:]
    if len(days) < FEWEST_DAYS:
        return UNKNOWN
    pairs = _standardised([one[day] for day in days], [other[day] for day in days])
    return UNKNOWN if pairs is None else _shrunk(pairs)


def _standardised(one: list[float], other: list[float]) -> list[tuple[float, float]] | None:
    scaled = []
    for values in (one, other):
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
        if deviation == 0:
            return None
        scaled.append([(value - mean) / deviation for value in values])
    return list(zip(*scaled, strict=True))


def _shrunk(pairs: list[tuple[float, float]]) -> float:
    """Shrink towards no correlation by the intensity of Ledoit and Wolf (2004) for two standardised series."""
    count = len(pairs)
    raw = sum(x * y for x, y in pairs) / count
    if raw == 0:
        return 0.0
    noise = sum((x * x - 1) ** 2 + (y * y - 1) ** 2 + 2 * (x * y - raw) ** 2 for x, y in pairs) / count**2
    intensity = min(1.0, noise / (2 * raw * raw))
    return max(-1.0, min(1.0, (1 - intensity) * raw))
