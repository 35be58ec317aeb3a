"""Intervals that do not take companies of one session, or sessions side by side, for independent."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.intp]

Figures: TypeAlias = npt.NDArray[np.float64]

DRAWS = 1000
BLOCK = 5
"""Sessions that are drawn together: a week."""
AT_ONCE = 50
"""Samples that are measured together."""
OUTSIDE = 0.05
"""Share of the draws that lies outside the interval."""


class Interval(msgspec.Struct, frozen=True):
    """Where a figure lies with 95 % of redrawn samples."""

    low: float
    high: float


def by_day(days: int, figure: Callable[[Rows], Figures], *, seed: int = 0, draws: int = DRAWS) -> Interval | None:
    """Return the interval of a figure of sessions, redrawn in blocks (Kuensch 1989, circular); None without sessions.

    Args:
        days: how many sessions there are.
        figure: what is measured of each row of drawn sessions, given by their numbers; NaN where it cannot be.
        seed: of the draws.
        draws: how many samples are drawn.
    """
    if days == 0:
        return None
    random = np.random.default_rng(seed)
    block = min(BLOCK, days)
    starts = random.integers(0, days, size=(draws, -(-days // block)))
    rows = ((starts[:, :, None] + np.arange(block)) % days).reshape(draws, -1)[:, :days]
    found = np.concatenate([figure(rows[at : at + AT_ONCE]) for at in range(0, draws, AT_ONCE)])
    found = found[~np.isnan(found)]
    if not len(found):
        return None
    low, high = np.quantile(found, [OUTSIDE / 2.0, 1.0 - OUTSIDE / 2.0])
    return Interval(float(low), float(high))
