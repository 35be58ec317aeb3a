"""What the highest third of scores earned against the lowest, before and after costs."""

import msgspec
import numpy as np

from stonks.replay.evaluation.bootstrap import Interval, by_day
from stonks.replay.evaluation.panel import Floats
from stonks.replay.evaluation.ranks import FEWEST_NAMES

COST = 0.0005
"""Cost of trading one dollar once, as a share: half the spread and fees of a large stock (signals.md 5.2)."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Long the highest third, short the lowest, equal weights, a dollar each, in at the open and out at the close."""

    days: int
    gross: float
    """Mean return a session of a dollar long and a dollar short."""
    gross_interval: Interval | None
    net: float
    """The same after costs."""
    net_interval: Interval | None
    turnover: float
    """Half of all that is traded in a session, in and out, for each dollar long."""
    breakeven: float
    """Cost of trading one dollar once at which nothing is left."""
    drawdown: float
    """Deepest fall of the summed net returns from their highest point, as a share of the dollar."""


def spread(weights: Floats, returns: Floats, cost: float = COST) -> tuple[Spread | None, Floats]:
    """Return what these weights earned, and each session's net return; None where no session has weights."""
    held = weights[~np.isnan(weights).all(axis=1)]
    moves = returns[~np.isnan(weights).all(axis=1)]
    if not len(held):
        return None, np.empty(0)
    gross = np.nansum(held * moves, axis=1)
    traded = 2.0 * np.nansum(np.abs(held), axis=1)  # bought and sold again
    net = gross - traded * cost
    found = Spread(
        days=len(held),
        gross=float(gross.mean()),
        gross_interval=by_day(len(gross), lambda rows: gross[rows].mean(axis=1)),
        net=float(net.mean()),
        net_interval=by_day(len(net), lambda rows: net[rows].mean(axis=1)),
        turnover=float(traded.mean()) / 2.0,
        breakeven=float(gross.sum() / traded.sum()),
        drawdown=drawdown(net),
    )
    return found, net


def tercile_weights(scores: Floats, returns: Floats) -> Floats:
    """Return a dollar long in each session's highest third and short in its lowest; NaN for one with under six names.

    The cut falls between ranks; companies that tie across it share its weight, so that their order does not matter.
    """
    weights = np.full(scores.shape, np.nan)
    for row, known in enumerate(~np.isnan(scores + returns)):
        if known.sum() >= FEWEST_NAMES and np.ptp(scores[row, known]) > 0.0:
            weights[row] = 0.0
            weights[row, known] = _top(scores[row, known]) - _top(-scores[row, known])
    return weights


def _top(scores: Floats) -> Floats:
    """Return weights that sum to one over the highest third, ties at the cut evenly."""
    size = len(scores) // 3
    cut = np.sort(scores)[-size]
    above, level = scores > cut, scores == cut
    return np.asarray((above + level * (size - above.sum()) / level.sum()) / size, dtype=np.float64)


def drawdown(returns: Floats) -> float:
    """Return the deepest fall of the running sum from its highest point, zero included; positive."""
    path = np.concatenate(([0.0], np.cumsum(returns)))
    return float((np.maximum.accumulate(path) - path).max())
