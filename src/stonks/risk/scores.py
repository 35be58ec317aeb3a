"""Proper scores of probabilities: the honest forecast scores best."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

_LEAST = 1e-12


def brier(probabilities: Floats, happened: Floats) -> float:
    """Return the mean squared distance of probabilities from what happened, 0 or 1 (Brier 1950)."""
    return float(((probabilities - happened) ** 2).mean())


def log_losses(probabilities: Floats, happened: Floats) -> Floats:
    """Return each case's surprise in nats; a certainty that failed costs 27.6, not infinity."""
    sure = np.clip(probabilities, _LEAST, 1.0 - _LEAST)
    losses: Floats = -np.where(happened > 0.0, np.log(sure), np.log1p(-sure))
    return losses


def log_loss(probabilities: Floats, happened: Floats) -> float:
    """Return the mean surprise in nats: ln 2 = .693 for always saying one half."""
    return float(log_losses(probabilities, happened).mean())
