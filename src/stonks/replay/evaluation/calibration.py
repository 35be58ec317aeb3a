"""Whether probabilities mean what they say: proper scores, the reliability curve and its error."""

import math

import msgspec
import numpy as np

from stonks.replay.evaluation.panel import Floats
from stonks.risk.scores import brier, log_loss

BINS = 10
"""Bins of equal mass."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Forecasts of about one probability, and how often the thing then happened."""

    count: int
    forecast: float
    happened: float


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How good probabilities are; the base rate is that of the sample itself, so it is the harder to beat."""

    count: int
    base_rate: float
    brier: float
    skill: float | None
    """1 - Brier / Brier of always saying the base rate (BSS); None where everything or nothing happened."""
    log_loss: float
    base_log_loss: float
    error: float
    """Mean distance of forecast and frequency over ten bins of equal mass (ECE)."""
    reliability: tuple[Bin, ...]


def calibration(probabilities: Floats, happened: Floats) -> Calibration | None:
    """Return how good these probabilities are of what happened (0 or 1); None where there are none."""
    if not len(probabilities):
        return None
    base = float(happened.mean())
    always = np.full_like(probabilities, base)
    bins = reliability(probabilities, happened)
    climate = brier(always, happened)
    return Calibration(
        count=len(probabilities),
        base_rate=base,
        brier=brier(probabilities, happened),
        skill=1.0 - brier(probabilities, happened) / climate if climate else None,
        log_loss=log_loss(probabilities, happened),
        base_log_loss=log_loss(always, happened),
        error=math.fsum(one.count * abs(one.forecast - one.happened) for one in bins) / len(probabilities),
        reliability=bins,
    )


def reliability(probabilities: Floats, happened: Floats) -> tuple[Bin, ...]:
    """Return the curve: forecasts in order, cut into ten bins of equal mass; equal forecasts may be cut apart."""
    order = np.lexsort((happened, probabilities))
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(
        Bin(count=len(part), forecast=float(probabilities[part].mean()), happened=float(happened[part].mean()))
        for part in parts
    )
