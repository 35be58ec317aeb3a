"""How much a signal counts: its weight at birth and how that decays; the constants of aggregation stand here.

Formulas: signals.md 4.1-4.3. The constants are priors until outcomes are there to fit them; they travel as one value
with a version, so that every trend says which weights made it and a replay can be scored with any.
"""

from typing import Self

import msgspec
import numpy as np

from stonks.model.signal import HalfLife, Layer
from stonks.model.trend import Window
from stonks.model.weights import LearnedWeights
from stonks.stages.aggregation.core.columns import Codes, Floats

WINDOWS = tuple(Window)
"""The windows, in the order of the first axis of every array."""

BUCKETS = tuple(HalfLife)
"""The half-life buckets, in the order of every bucket axis."""

LAYERS = tuple(Layer)
"""The layers, in the order of every layer axis."""

LENGTHS: Floats = np.array([window.length.total_seconds() for window in WINDOWS])
"""Age in seconds at which a signal leaves each window."""

BUCKET_DECAY: Floats = np.array([1.0 / bucket.span.total_seconds() for bucket in BUCKETS])
"""Halvings a second of a signal by its own half-life."""

WINDOW_DECAY: Floats = np.array([1.0 / window.half_life.total_seconds() for window in WINDOWS])
"""Halvings a second by the window's half-life, beside its own."""


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The constants of aggregation under one version."""

    version: str
    company: float = 1.0
    """What a signal from a text about the company itself counts."""
    macro: float = 0.5
    """What a signal from a macro event counts."""
    competitive: float = 0.35
    """What a signal from a related company or from a pattern counts."""
    novelty_floor: float = 0.25
    """What a mere repetition still counts."""
    source_gain: float = 0.15
    """What each e-fold of independent sources adds to a story."""
    story_cap: float = 1.5
    """How many times its strongest report a story may count."""
    source_cap: float = 0.4
    """The share of all weight that one source may have."""
    prior_weight: float = 0.2
    """Weight of the prior that pulls every score to zero: about two typical signals (ADR 11)."""
    prior_variance: float = 0.25
    """Variance of a direction before anything is known."""

    @classmethod
    def of(cls, learned: LearnedWeights) -> Self:
        """Return the constants with what outcomes have taught of the layers; the rest are priors still."""
        return cls(
            version=learned.version,
            company=learned.company,
            macro=learned.macro,
            competitive=learned.competitive,
        )


PRIOR = Weights(version="prior-1")
"""The weights in use until measured ones do better."""


def birth_weights(worth: Floats, novelty: Floats, layer: Codes, weights: Weights) -> Floats:
    """Return each signal's weight when it became known: layer x strength x confidence x what its origin is worth.

    ``worth`` is the product of what the signal itself says: strength, confidence, credibility, quality and relevance.
    """
    of_layer = {Layer.COMPANY: weights.company, Layer.MACRO: weights.macro, Layer.COMPETITIVE: weights.competitive}
    born: Floats = worth * np.array([of_layer[name] for name in LAYERS])[layer]
    born *= weights.novelty_floor + (1.0 - weights.novelty_floor) * novelty
    return born


def story_gain(sources: Codes, weights: Weights) -> Floats:
    """Return how many times its strongest report a story with this many sources, one or more, counts: up to the cap."""
    by_count = np.minimum(weights.story_cap, 1.0 + weights.source_gain * np.log(np.arange(1, sources.max() + 1)))
    gain: Floats = by_count[sources - 1]
    return gain
