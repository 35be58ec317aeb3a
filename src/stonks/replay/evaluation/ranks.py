"""Information coefficients: how well scores put a session's companies in the order of their returns."""

import math

import msgspec
import numpy as np

from stonks.replay.evaluation.bootstrap import Interval, Rows, by_day
from stonks.replay.evaluation.panel import Floats

FEWEST_NAMES = 6
"""Companies that a session needs for its coefficient to count."""


class Coefficient(msgspec.Struct, frozen=True, kw_only=True):
    """The rank information coefficient of scores over many sessions."""

    days: int
    """Sessions with at least six companies."""
    pairs: int
    """Scores with a return, of all sessions."""
    mean: float | None
    """Mean of the sessions' own coefficients."""
    interval: Interval | None
    """95 % of the mean, by blocks of sessions."""
    ratio: float | None
    """Mean over standard deviation of the sessions' coefficients (ICIR)."""
    t: float | None
    """The mean over its standard error (Newey and West 1987)."""
    pooled: float | None
    """The coefficient of all pairs taken as one session."""
    pooled_interval: Interval | None


def coefficient(scores: Floats, returns: Floats, *, lag: int = 0, seed: int = 0) -> Coefficient:
    """Return how well scores order returns, session by session and pooled; ``lag`` is the horizon less one session."""
    daily = daily_coefficients(scores, returns)
    known = daily[~np.isnan(daily)]
    pairs = int((~np.isnan(scores + returns)).sum())
    if len(known) < 2:  # noqa: PLR2004 - no spread of one
        return Coefficient(
            days=len(known),
            pairs=pairs,
            mean=None,
            interval=None,
            ratio=None,
            t=None,
            pooled=None,
            pooled_interval=None,
        )
    spread = float(known.std(ddof=1))
    error = newey_west_error(known, lag)
    return Coefficient(
        days=len(known),
        pairs=pairs,
        mean=float(known.mean()),
        interval=by_day(len(known), lambda rows: known[rows].mean(axis=1), seed=seed),
        ratio=float(known.mean()) / spread if spread else None,
        t=float(known.mean()) / error if error else None,
        pooled=pooled(scores, returns),
        pooled_interval=by_day(len(scores), lambda rows: pooled_of(scores, returns, rows), seed=seed),
    )


def daily_coefficients(scores: Floats, returns: Floats) -> Floats:
    """Return each session's rank correlation; NaN with under six companies, or where all of them are the same."""
    missing = np.isnan(scores + returns)
    found = _correlations(np.where(missing, np.nan, scores), np.where(missing, np.nan, returns))
    return np.where((~missing).sum(axis=1) >= FEWEST_NAMES, found, np.nan)


def pooled(scores: Floats, returns: Floats) -> float:
    """Return the rank correlation of all pairs."""
    both = ~np.isnan(scores + returns)
    return rank_correlation(scores[both], returns[both])


def pooled_of(scores: Floats, returns: Floats, rows: Rows) -> Floats:
    """Return the rank correlation of all pairs of each row of drawn sessions."""
    missing = np.isnan(scores + returns)
    known = (np.where(missing, np.nan, panel)[rows].reshape(len(rows), -1) for panel in (scores, returns))
    return _correlations(*known)


def rank_correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's coefficient, ties at their mean rank; NaN where either does not vary."""
    return float(_correlations(one[None], other[None])[0])


def _correlations(one: Floats, other: Floats) -> Floats:
    """Return each row's coefficient over the columns that both have; both lack the same ones."""
    a, b = ranks(one), ranks(other)
    count = np.maximum((~np.isnan(a)).sum(axis=1, keepdims=True), 1)
    a = np.nan_to_num(a - np.nansum(a, axis=1, keepdims=True) / count)
    b = np.nan_to_num(b - np.nansum(b, axis=1, keepdims=True) / count)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    found: Floats = np.divide((a * b).sum(axis=1), size, out=np.full(len(size), np.nan), where=size > 0.0)
    return found


def ranks(rows: Floats) -> Floats:
    """Return each row's ranks from 1, equal values at the mean of their places; NaN stays what it is."""
    order = np.argsort(rows, axis=1, kind="stable")
    ordered = np.take_along_axis(rows, order, axis=1)
    differs = np.ones(rows.shape, dtype=bool)
    differs[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(differs.ravel()) - 1  # equal neighbours of one row
    places = np.tile(np.arange(1.0, rows.shape[1] + 1.0), len(rows))
    shared = (np.bincount(group, places) / np.bincount(group))[group].reshape(rows.shape)
    found = np.empty_like(shared)
    np.put_along_axis(found, order, shared, axis=1)
    return np.where(np.isnan(rows), np.nan, found)


def newey_west_error(series: Floats, lag: int) -> float:
    """Return the standard error of a mean whose terms are correlated up to a lag (Bartlett weights, n - 1)."""
    count = len(series)
    around = series - series.mean()
    variance = float(around @ around)
    for step in range(1, min(lag, count - 1) + 1):
        variance += 2.0 * (1.0 - step / (lag + 1.0)) * float(around[step:] @ around[:-step])
    return math.sqrt(max(variance, 0.0) / (count * (count - 1)))
