"""Logistic regression by Newton's method: of outcomes on features, and of outcomes on one score (Platt 1999)."""

import numpy as np

from stonks.model.weights import Platt
from stonks.stages.aggregation.core.columns import Floats

INVERSE_PENALTY = 0.1
"""Weight of the outcomes against the squares of the coefficients (C of signals.md 5.1), per standardised feature."""
_STEPS = 50
_CLOSE = 1e-10


def coefficients(features: Floats, happened: Floats) -> Floats:
    """Return a coefficient a feature, without a constant: what is all zero has even odds.

    Features are scaled by their root mean square before the penalty and the coefficients back after it.
    """
    scale = np.sqrt((features**2).mean(axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    penalty = np.eye(features.shape[1]) / INVERSE_PENALTY
    return np.asarray(_newton(features / scale, happened, penalty)[0] / scale, dtype=np.float64)


def platt(raw: Floats, happened: Floats) -> Platt:
    """Return the line that turns raw log-odds into calibrated ones; one that would fall is level.

    Outcomes are drawn in by Platt's rule, so that a clean split does not become a certainty.
    """
    rises = happened.sum()
    target = np.where(happened > 0.0, (rises + 1.0) / (rises + 2.0), 1.0 / (len(raw) - rises + 2.0))
    design = np.column_stack((raw, np.ones_like(raw)))
    (slope, intercept), spread = _newton(design, target, np.eye(2) * 1e-9)
    if slope < 0.0:
        (intercept,), around = _newton(design[:, 1:], target, np.eye(1) * 1e-9)
        slope, spread = 0.0, np.array([[0.0, 0.0], [0.0, around[0, 0]]])
    return Platt(
        slope=float(slope),
        intercept=float(intercept),
        slope_variance=float(spread[0, 0]),
        intercept_variance=float(spread[1, 1]),
        covariance=float(spread[0, 1]),
    )


def _newton(design: Floats, target: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """Return the coefficients of least penalised log-loss, and their covariance."""
    found, bend = np.zeros(design.shape[1]), penalty
    for _ in range(_STEPS):
        chance = 0.5 * (1.0 + np.tanh(0.5 * (design @ found)))
        slope = design.T @ (chance - target) + penalty @ found
        bend = (design.T * (chance * (1.0 - chance))) @ design + penalty
        step = np.linalg.solve(bend, slope)
        found = found - step
        if np.abs(step).max() < _CLOSE:
            break
    return found, np.asarray(np.linalg.inv(bend), dtype=np.float64)
