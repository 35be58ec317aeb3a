"""How often scores point the right way, by how loud they are, against always saying what happens most."""

import msgspec
import numpy as np

from stonks.replay.evaluation.bootstrap import Interval, Rows, by_day
from stonks.replay.evaluation.panel import Floats

STEPS = (0.0, 0.1, 0.2, 0.3)
"""Sizes of a score above which it is counted."""
_BASIS_POINTS = 1e4


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """Scores above one size."""

    above: float
    count: int
    rate: float | None
    """Share that has the sign of the return."""
    interval: Interval | None
    base_rate: float | None
    """Share of the more frequent sign among the same returns: what saying always the same would have hit."""
    signed: float | None
    """Mean return in the direction of the score, in basis points before costs."""


def hits(scores: Floats, returns: Floats) -> tuple[Hits, ...]:
    """Return the hit rate above each size; scores and returns of exactly zero are not counted."""
    return tuple(_above(scores, returns, step) for step in STEPS)


def _above(scores: Floats, returns: Floats, step: float) -> Hits:
    with np.errstate(invalid="ignore"):
        counted = (np.abs(scores) > step) & (returns != 0.0) & ~np.isnan(returns)
    right = counted & (np.sign(scores) == np.sign(returns))
    rose = float((returns[counted] > 0.0).mean()) if counted.any() else None

    hit, all_counted = right.sum(axis=1), counted.sum(axis=1)

    def rate(rows: Rows) -> Floats:
        total = all_counted[rows].sum(axis=1)
        found: Floats = np.divide(hit[rows].sum(axis=1), total, out=np.full(len(rows), np.nan), where=total > 0)
        return found

    return Hits(
        above=step,
        count=int(counted.sum()),
        rate=None if rose is None else float(right.sum() / counted.sum()),
        interval=None if rose is None else by_day(len(scores), rate),
        base_rate=None if rose is None else max(rose, 1.0 - rose),
        signed=float((np.sign(scores) * returns)[counted].mean()) * _BASIS_POINTS if counted.any() else None,
    )
