"""How much a signal counts: its weight at birth and how that decays; the constants of aggregation stand here.

Formulas: signals.md 4.1-4.3. The constants are priors until outcomes are there to fit them; they travel as one value
with a version, so that every trend says which weights made it and a replay can be scored with any.
"""

import msgspec
import numpy as np

from stonks.model.signal import HalfLife, Layer
from stonks.model.trend import Window
from stonks.stages.aggregation.core.columns import Codes, Floats, SignalColumns

WINDOWS = tuple(Window)
"""The windows, in the order of the first axis of every array."""

BUCKETS = tuple(HalfLife)
"""The half-life buckets, in the order of every bucket axis."""

LAYERS = tuple(Layer)
"""The layers, in the order of every layer axis."""

LENGTHS: Floats = np.array([window.length.total_seconds() for window in WINDOWS])
"""Age in seconds at which a signal leaves each window."""

DECAY: Floats = np.array(
    [
        [1.0 / bucket.span.total_seconds() + 1.0 / window.half_life.total_seconds() for bucket in BUCKETS]
        for window in WINDOWS
    ]
)
"""Halvings a second of each window and bucket: a signal ages by its own half-life and by the window's."""


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


PRIOR = Weights(version="prior-1")
"""The weights in use until measured ones do better."""


def birth_weights(signals: SignalColumns, weights: Weights) -> Floats:
    """Return each signal's weight when it became known: layer x strength x confidence x what its origin is worth."""
    of_layer = {Layer.COMPANY: weights.company, Layer.MACRO: weights.macro, Layer.COMPETITIVE: weights.competitive}
    layer = np.array([of_layer[name] for name in signals.layer])
    novelty = weights.novelty_floor + (1.0 - weights.novelty_floor) * np.array(signals.novelty)
    worth = np.array(signals.credibility) * np.array(signals.quality) * np.array(signals.relevance)
    born: Floats = layer * np.array(signals.strength) * np.array(signals.confidence) * worth * novelty
    return born


def decayed(birth: Floats, ages: Floats, buckets: Codes) -> Floats:
    """Return the weights (window x signal) at these ages in seconds; zero outside a window."""
    remaining = birth * np.exp2(-ages * DECAY[:, buckets])
    return np.where(ages <= LENGTHS[:, None], remaining, 0.0)


def story_gain(sources: Floats, weights: Weights) -> Floats:
    """Return how many times its strongest report a story with this many sources counts, from 1 to the cap."""
    return np.minimum(weights.story_cap, 1.0 + weights.source_gain * np.log(np.maximum(sources, 1.0)))
