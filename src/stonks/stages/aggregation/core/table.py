"""What evidence says in each window: score, doubt, contradiction, confidence, and why not to act on it.

Formulas: signals.md 4.4. One row a ticker: recomputing one ticker and recomputing all are the same arithmetic.
"""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from stonks.model.signal import Layer
from stonks.model.trend import Window
from stonks.stages.aggregation.core.columns import CodedSignals, Flags, Floats
from stonks.stages.aggregation.core.evidence import Evidence, gather
from stonks.stages.aggregation.core.layout import Layout, lay_out
from stonks.stages.aggregation.core.weights import LAYERS, LENGTHS, PRIOR, WINDOWS, Weights

FULL_STRENGTH = 0.6
"""Score that counts as full strength."""
CONTRADICTION_LIMIT = 0.6
"""Contradiction from which opposed evidence suppresses a trend, if there is enough of it."""
CONTRADICTION_WEIGHT = 1.0
"""Evidence (weight x size of direction) that is enough to speak of contradiction."""
CONTRADICTION_STORIES = 3.0
"""Effective stories that are enough to speak of contradiction."""
THIN_BELOW = 1.5
"""Effective stories under which a trend is thin."""
STALE_AFTER = 0.5
"""Share of the window that the newest story may be old."""
SINGLE_SOURCE_ABOVE = 0.7
"""Share of all weight above which one source stands alone."""
LAYER_CONFLICT_ABOVE = 0.2
"""Score that two layers of opposite sign both exceed when they are in conflict."""
FRESH_FOR = 0.25
"""Share of the window in which freshness halves."""
MANY_STORIES = 3.0
"""Effective stories at which the confidence in their number is 1 - 1/e."""

SUPPRESSIONS = ("contradictory", "thin", "stale", "single_source", "layer_conflict")
"""The reasons not to act on a trend that its evidence alone gives, in the order of the last axis of ``suppressed``."""

_DAY, _WEEK, _MONTH = (WINDOWS.index(window) for window in (Window.D1, Window.D7, Window.D30))


@dataclass(frozen=True, slots=True)
class TrendTable:
    """All trends of some tickers at one instant; the axes are ticker and window, in the order of WINDOWS.

    Only the direction is not here: it depends on the version before (``direction_of``), as do the norms of momentum.
    """

    tickers: tuple[str, ...]
    as_of: datetime
    evidence: Evidence
    score: Floats
    """The mean direction, pulled to zero by the prior's weight: in [-1, 1]."""
    strength: Floats
    confidence: Floats
    p_sign: Floats
    contradiction: Floats
    """0 when all evidence points one way, 1 when it is balanced."""
    contradiction_entropy: Floats
    """The same as the entropy, in bits, of which side a unit of evidence is on."""
    n_eff: Floats
    """The number of equally heavy stories that would weigh as much."""
    layer_scores: Floats
    """One axis more, in the order of LAYERS."""
    momentum: Floats
    """Of each ticker: by how much its day leads its week."""
    acceleration: Floats
    """Of each ticker: by how much that is more than its week leads its month."""
    suppressed: Flags
    """One axis more, in the order of SUPPRESSIONS."""


def aggregate(signals: CodedSignals | Layout, as_of: datetime, weights: Weights = PRIOR) -> TrendTable:
    """Return every trend of every ticker at an instant, from all signals known by then, whichever came later.

    A layout is the signals sorted; one that is kept saves most of the time when the same signals are aggregated at
    other instants or with other weights.
    """
    layout = signals if isinstance(signals, Layout) else lay_out(signals)
    return table_of(layout.tickers, as_of, gather(layout, as_of.timestamp(), weights), weights)


def table_of(tickers: tuple[str, ...], as_of: datetime, evidence: Evidence, weights: Weights) -> TrendTable:
    """Return what the evidence of these tickers says."""
    weight, prior = evidence.weight, weights.prior_weight
    score = np.clip(evidence.score / (weight + prior), -1.0, 1.0)
    n_eff = _ratio(weight**2, evidence.square)
    p_sign = _normal(np.abs(score) / _standard_error(evidence, n_eff, weights))
    contradiction, entropy = _contradiction(evidence)
    age = (as_of.timestamp() - evidence.newest) / LENGTHS
    layers = evidence.cell_score.sum(axis=3) / (evidence.cell_weight.sum(axis=3) + prior)
    sureness = (2.0 * p_sign - 1.0) * (1.0 - np.exp(-n_eff / MANY_STORIES))
    momentum = score[:, _DAY] - score[:, _WEEK]
    return TrendTable(
        tickers=tickers,
        as_of=as_of,
        evidence=evidence,
        score=score,
        strength=np.minimum(1.0, np.abs(score) / FULL_STRENGTH),
        confidence=sureness * np.sqrt(1.0 - contradiction) * np.exp2(-age / FRESH_FOR),
        p_sign=p_sign,
        contradiction=contradiction,
        contradiction_entropy=entropy,
        n_eff=n_eff,
        layer_scores=layers,
        momentum=momentum,
        acceleration=momentum - (score[:, _WEEK] - score[:, _MONTH]),
        suppressed=_suppressed(evidence, n_eff, contradiction, age, layers),
    )


def layer_conflict(layers: Floats) -> Flags:
    """Return whether what is said of the company itself is at odds with another layer, both of them clearly."""
    own = layers[..., LAYERS.index(Layer.COMPANY), None]
    others = layers[..., [at for at, layer in enumerate(LAYERS) if layer is not Layer.COMPANY]]
    loud = np.minimum(np.abs(own), np.abs(others)) > LAYER_CONFLICT_ABOVE
    return np.any((own * others < 0.0) & loud, axis=-1)  # type: ignore[no-any-return]


def _standard_error(evidence: Evidence, n_eff: Floats, weights: Weights) -> Floats:
    """Return how far the score may be off: the stories' dispersion around their mean, with the prior's added."""
    around = np.maximum(evidence.spread - _ratio(evidence.score**2, evidence.weight), 0.0)
    variance = around + weights.prior_weight * weights.prior_variance
    error: Floats = np.sqrt(variance / (evidence.weight + weights.prior_weight) / (n_eff + 1.0))
    return error


def _contradiction(evidence: Evidence) -> tuple[Floats, Floats]:
    positive, negative = evidence.positive, evidence.negative
    both = positive + negative
    contradiction = _ratio(2.0 * np.minimum(positive, negative), both)
    share = np.stack((_ratio(positive, both), _ratio(negative, both)))
    bits = share * np.log2(share, out=np.zeros_like(share), where=share > 0.0)
    return contradiction, np.maximum(0.0, -bits.sum(axis=0))


def _suppressed(evidence: Evidence, n_eff: Floats, contradiction: Floats, age: Floats, layers: Floats) -> Flags:
    enough = (evidence.positive + evidence.negative >= CONTRADICTION_WEIGHT) & (n_eff >= CONTRADICTION_STORIES)
    flags = {
        "contradictory": (contradiction >= CONTRADICTION_LIMIT) & enough,
        "thin": n_eff < THIN_BELOW,
        "stale": age > STALE_AFTER,
        "single_source": evidence.top_share > SINGLE_SOURCE_ABOVE,
        "layer_conflict": layer_conflict(layers),
    }
    return np.stack([flags[name] for name in SUPPRESSIONS], axis=-1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return the quotient, and 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _normal(deviations: Floats) -> Floats:
    """Return the probability of a standard normal variable below each of these."""
    each = [0.5 * (1.0 + math.erf(x * math.sqrt(0.5))) for x in deviations.ravel().tolist()]
    return np.array(each).reshape(deviations.shape)
