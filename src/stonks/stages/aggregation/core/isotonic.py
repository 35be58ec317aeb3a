"""Probabilities that rise with the evidence and otherwise follow the outcomes: isotonic regression, and two of them."""

import numpy as np

from stonks.model.weights import VennAbers
from stonks.stages.aggregation.core.columns import Floats

POINTS = 21
"""Points at which the two fits of Venn-Abers are kept."""


def isotonic(values: Floats) -> Floats:
    """Return the rising sequence nearest to these values in squares (pool adjacent violators)."""
    means: list[float] = []
    counts: list[int] = []
    for value in values.tolist():
        means.append(value)
        counts.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            last, count = means.pop(), counts.pop()
            means[-1] = (means[-1] * counts[-1] + last * count) / (counts[-1] + count)
            counts[-1] += count
    return np.repeat(means, counts)


def venn_abers(raw: Floats, happened: Floats) -> VennAbers:
    """Return both fits of outcomes (0 or 1) to raw log-odds, at points that lie evenly among the outcomes."""
    order = np.lexsort((happened, raw))
    ordered, outcomes = raw[order], happened[order]
    points = np.unique(np.quantile(ordered, np.linspace(0.0, 1.0, POINTS)))
    return VennAbers(
        at=tuple(points.tolist()),
        if_fall=tuple(_fitted(ordered, outcomes, point, 0.0) for point in points.tolist()),
        if_rise=tuple(_fitted(ordered, outcomes, point, 1.0) for point in points.tolist()),
    )


def _fitted(ordered: Floats, outcomes: Floats, point: float, outcome: float) -> float:
    """Return the fit at a point with one outcome more there; outcomes of one score are one level.

    Within a score the falls come last, so that they pool into their mean.
    """
    scores = np.append(ordered, point)
    happened = np.append(outcomes, outcome)
    order = np.lexsort((-happened, scores))
    fitted = isotonic(happened[order])
    return float(fitted[np.searchsorted(scores[order], point)])
