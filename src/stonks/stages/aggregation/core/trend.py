"""What a ticker's signals add up to in each window: score, doubt, contradiction, confidence and direction.

Formulas: signals.md 4.4. A pure function of the signals known by an instant, the directions before, and the weights.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

import msgspec
import numpy as np

from stonks.model.identity import input_hash, trend_id
from stonks.model.signal import Layer
from stonks.model.trend import Direction, Projection, Trend, Window
from stonks.stages.aggregation.core.columns import SignalColumns
from stonks.stages.aggregation.core.evidence import Evidence, weigh
from stonks.stages.aggregation.core.projection import project
from stonks.stages.aggregation.core.weights import LAYERS, LENGTHS, PRIOR, WINDOWS, Weights

ENTER_AT = 0.15
"""Score at which a trend becomes bullish; bearish at its negative."""
LEAVE_AT = 0.10
"""Score under which it is neutral again."""
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
SINGLE_SOURCE_ABOVE = 0.7
"""Share of all weight above which one source stands alone."""
LAYER_CONFLICT_ABOVE = 0.2
"""Score that two layers of opposite sign both exceed when they are in conflict."""

_NORMAL = NormalDist()


class Sums(msgspec.Struct, frozen=True):
    """The sufficient statistics of one window, over stories of weight w and direction d."""

    weight: float
    """Sum of w."""
    score: float
    """Sum of w d."""
    square: float
    """Sum of w squared."""
    spread: float
    """Sum of w d squared."""
    positive: float
    """Sum of w d over stories that are good for the holder."""
    negative: float
    """The same of those that are bad, as a positive number."""

    @property
    def n_eff(self) -> float:
        """The number of equally heavy stories that would weigh as much."""
        return self.weight**2 / self.square if self.square > 0.0 else 0.0

    @property
    def contradiction(self) -> float:
        """0 when all evidence points one way, 1 when it is balanced."""
        both = self.positive + self.negative
        return 2.0 * min(self.positive, self.negative) / both if both > 0.0 else 0.0

    @property
    def entropy(self) -> float:
        """The same as the entropy, in bits, of which side a unit of evidence is on."""
        both = self.positive + self.negative
        share = self.positive / both if both > 0.0 else 0.0
        return -sum(part * math.log2(part) for part in (share, 1.0 - share) if 0.0 < part < 1.0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """All five trends of a ticker at an instant, in the order of the windows, and where each would go."""

    trends: tuple[Trend, ...]
    projections: tuple[Projection, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What all windows of one recomputation share."""

    ticker: str
    now: datetime
    evidence: Evidence
    sums: tuple[Sums, ...]
    previous: Mapping[Window, Direction]
    weights: Weights

    def score(self, window: Window) -> float:
        """Return the score of a window."""
        return score_of(self.sums[WINDOWS.index(window)], self.weights)


def recompute(
    ticker: str,
    signals: SignalColumns,
    now: datetime,
    previous: Mapping[Window, Direction],
    weights: Weights = PRIOR,
) -> Outlook:
    """Return the trends of one ticker at ``now`` from all its signals of the longest window, none known later.

    ``previous`` is the direction of the last version before ``now``; where there is none the trend was neutral.
    """
    evidence = weigh(signals, now, weights)
    given = Given(ticker, now, evidence, sums_of(evidence), previous, weights)
    hashes = input_hashes(signals, now, weights)
    trends = tuple(_trend(given, at, hashes[at]) for at in range(len(WINDOWS)))
    projections = project(trends, evidence.bucket_weight, evidence.bucket_score, weights)
    return Outlook(trends=trends, projections=projections)


def sums_of(evidence: Evidence) -> tuple[Sums, ...]:
    """Return the sufficient statistics of each window."""
    weight, score = evidence.weight, evidence.score
    squares = np.divide(score**2, weight, out=np.zeros_like(score), where=weight > 0.0)
    by_story = (weight, score, weight**2, squares, np.maximum(score, 0.0), np.maximum(-score, 0.0))
    return tuple(Sums(*window) for window in np.stack(by_story).sum(axis=2).T.tolist())


def score_of(sums: Sums, weights: Weights) -> float:
    """Return the mean direction, pulled to zero by the prior's weight: in [-1, 1]."""
    return max(-1.0, min(1.0, sums.score / (sums.weight + weights.prior_weight)))


def standard_error(sums: Sums, weights: Weights) -> float:
    """Return how far the score may be off: the stories' dispersion around their mean, with the prior's added."""
    around = sums.spread - sums.score**2 / sums.weight if sums.weight > 0.0 else 0.0
    variance = max(around, 0.0) + weights.prior_weight * weights.prior_variance
    return math.sqrt(variance / (sums.weight + weights.prior_weight) / (sums.n_eff + 1.0))


def direction_of(score: float, previous: Direction) -> Direction:
    """Return where a score points; a state is left later than it is entered, so that noise does not flip it."""
    if score >= (LEAVE_AT if previous is Direction.BULLISH else ENTER_AT):
        return Direction.BULLISH
    if score <= -(LEAVE_AT if previous is Direction.BEARISH else ENTER_AT):
        return Direction.BEARISH
    return Direction.NEUTRAL


def confidence_of(p_sign: float, sums: Sums, age: timedelta | None, window: Window) -> float:
    """Return how much a trend is to be believed: sure of its sign, of many stories, unanimous and fresh; in [0, 1]."""
    if age is None:
        return 0.0
    amount = 1.0 - math.exp(-sums.n_eff / 3.0)
    freshness = math.exp2(-(age / (window.length / 4)))
    return (2.0 * p_sign - 1.0) * amount * math.sqrt(1.0 - sums.contradiction) * freshness


def suppressions_of(sums: Sums, age: timedelta | None, window: Window, top_share: float) -> tuple[str, ...]:
    """Return the reasons not to act on a trend that its evidence alone gives."""
    enough = sums.positive + sums.negative >= CONTRADICTION_WEIGHT and sums.n_eff >= CONTRADICTION_STORIES
    reasons = {
        "contradictory": sums.contradiction >= CONTRADICTION_LIMIT and enough,
        "thin": sums.n_eff < THIN_BELOW,
        "stale": age is None or age > window.length / 2,
        "single_source": top_share > SINGLE_SOURCE_ABOVE,
    }
    return tuple(code for code, holds in reasons.items() if holds)


def layer_conflict(layers: Mapping[str, float]) -> bool:
    """Return whether what is said of the company itself is at odds with another layer, both of them clearly."""
    own = layers[Layer.COMPANY]
    others = (layers[Layer.MACRO], layers[Layer.COMPETITIVE])
    return any(own * other < 0.0 and min(abs(own), abs(other)) > LAYER_CONFLICT_ABOVE for other in others)


def input_hashes(signals: SignalColumns, now: datetime, weights: Weights) -> list[str]:
    """Return, for each window, a digest of the signals in it and the weights: equal inputs have equal digests."""
    instant = now.timestamp()
    first = np.searchsorted(np.array(signals.known_at), instant - LENGTHS)
    ids = [signal.bytes for signal in signals.id]
    return [
        input_hash(weights.version, window, hashlib.blake2b(b"".join(ids[start:])).hexdigest())
        for window, start in zip(WINDOWS, first.tolist(), strict=True)
    ]


def _trend(given: Given, at: int, inputs: str) -> Trend:
    window, sums, evidence, weights = WINDOWS[at], given.sums[at], given.evidence, given.weights
    score = score_of(sums, weights)
    p_sign = _NORMAL.cdf(abs(score) / standard_error(sums, weights))
    newest, top_share = evidence.newest[at], min(1.0, float(evidence.top_share[at]))
    age = None if newest is None else given.now - newest
    layers = _layer_scores(evidence, at, weights)
    conflict = ("layer_conflict",) if layer_conflict(layers) else ()
    momentum = given.score(Window.D1) - given.score(Window.D7)
    return Trend(
        id=trend_id(given.ticker, window, given.now),
        ticker=given.ticker,
        window=window,
        as_of=given.now,
        score=score,
        direction=direction_of(score, given.previous.get(window, Direction.NEUTRAL)),
        strength=min(1.0, abs(score) / FULL_STRENGTH),
        confidence=confidence_of(p_sign, sums, age, window),
        p_sign=p_sign,
        contradiction=sums.contradiction,
        contradiction_entropy=sums.entropy,
        n_eff=sums.n_eff,
        weight=sums.weight,
        layer_scores=layers,
        momentum=momentum,
        acceleration=momentum - (given.score(Window.D7) - given.score(Window.D30)),
        drivers=evidence.drivers[at],
        suppressions=suppressions_of(sums, age, window, top_share) + conflict,
        source_share=top_share,
        newest_known_at=newest,
        weights_version=weights.version,
        input_hash=inputs,
    )


def _layer_scores(evidence: Evidence, at: int, weights: Weights) -> dict[str, float]:
    scores = evidence.layer_score[at] / (evidence.layer_weight[at] + weights.prior_weight)
    return {layer.value: float(score) for layer, score in zip(LAYERS, scores, strict=True)}
