"""Aggregation told in plain Python, signal by signal, as signals.md 4.1 to 4.4 has it: what the arrays are held to."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from statistics import NormalDist

from stonks.model.signal import Layer, WeightedSignal
from stonks.model.trend import Window
from stonks.stages.aggregation.core.weights import Weights

Told = tuple[WeightedSignal, float]


def figures(signals: Iterable[WeightedSignal], now: datetime, window: Window, weights: Weights) -> dict[str, float]:
    """Return what a window of one ticker says: every figure that does not depend on the versions before."""
    known = [signal for signal in signals if timedelta() <= now - signal.known_at <= Window.D90.length]
    told = [(signal, birth(signal, weights) * decay(signal, now, window)) for signal in known]
    heavy = [(signal, weight) for signal, weight in told if weight > 0.0]
    first = {key: min(s.known_at for s, _ in story) for key, story in grouped(heavy).items()}
    counting = [(signal, weight) for signal, weight in heavy if now - signal.known_at <= window.length]
    folded, top_share = capped([each for story in grouped(counting).values() for each in fold(story, weights)], weights)
    stories = grouped(folded)
    newest = max((first[key] for key in stories), default=None)
    return measured(folded, stories, weights) | {
        "top_share": top_share,
        "age": math.inf if newest is None else (now - newest) / window.length,
    }


def birth(signal: WeightedSignal, weights: Weights) -> float:
    """Weight when it became known."""
    layer = {Layer.COMPANY: weights.company, Layer.MACRO: weights.macro, Layer.COMPETITIVE: weights.competitive}
    worth = signal.strength * signal.confidence * signal.credibility * signal.quality * signal.relevance
    return layer[signal.layer] * worth * (weights.novelty_floor + (1.0 - weights.novelty_floor) * signal.novelty)


def decay(signal: WeightedSignal, now: datetime, window: Window) -> float:
    """What is left of it at this instant."""
    age = now - signal.known_at
    return math.exp2(-(age / signal.half_life.span) - age / window.half_life)


def grouped(told: Iterable[Told]) -> Mapping[Hashable, list[Told]]:
    """By story."""
    stories: defaultdict[Hashable, list[Told]] = defaultdict(list)
    for signal, weight in told:
        stories[signal.cluster_id, signal.event_type].append((signal, weight))
    return stories


def fold(story: list[Told], weights: Weights) -> list[Told]:
    """The reports of a story, scaled to weigh the strongest of them times the gain of its sources."""
    sources = len({signal.source for signal, _ in story})
    gain = min(weights.story_cap, 1.0 + weights.source_gain * math.log(sources))
    scale = gain * max(weight for _, weight in story) / sum(weight for _, weight in story)
    return [(signal, weight * scale) for signal, weight in story]


def capped(told: list[Told], weights: Weights) -> tuple[list[Told], float]:
    """Every source clipped to its cap in one pass, and the top share before."""
    by_source: defaultdict[str, float] = defaultdict(float)
    for signal, weight in told:
        by_source[signal.source] += weight
    total = sum(by_source.values())
    share = {source: weight / total for source, weight in by_source.items()}
    clipped = [(s, w * min(1.0, weights.source_cap / share[s.source])) for s, w in told]
    return clipped, max(share.values(), default=0.0)


def measured(told: list[Told], stories: Mapping[Hashable, list[Told]], weights: Weights) -> dict[str, float]:
    """The sufficient statistics over stories and what follows from them."""
    of_story = [(sum(w for _, w in story), sum(w * s.direction for s, w in story)) for story in stories.values()]
    total, score = sum(w for w, _ in of_story), sum(s for _, s in of_story)
    square, spread = sum(w * w for w, _ in of_story), sum(s * s / w for w, s in of_story)
    positive, negative = sum(max(s, 0.0) for _, s in of_story), sum(max(-s, 0.0) for _, s in of_story)
    n_eff = total**2 / square if square else 0.0
    around = max(spread - (score**2 / total if total else 0.0), 0.0)
    variance = (around + weights.prior_weight * weights.prior_variance) / (total + weights.prior_weight)
    x = score / (total + weights.prior_weight)
    both = positive + negative
    return {
        "weight": total,
        "score": x,
        "n_eff": n_eff,
        "positive": positive,
        "negative": negative,
        "contradiction": 2.0 * min(positive, negative) / both if both else 0.0,
        "p_sign": NormalDist().cdf(abs(x) / math.sqrt(variance / (n_eff + 1.0))),
        **{layer.value: layer_score(told, layer, weights) for layer in Layer},
    }


def layer_score(told: list[Told], layer: Layer, weights: Weights) -> float:
    """The same of one layer's signals."""
    own = [(signal, weight) for signal, weight in told if signal.layer is layer]
    return sum(w * s.direction for s, w in own) / (sum(w for _, w in own) + weights.prior_weight)
