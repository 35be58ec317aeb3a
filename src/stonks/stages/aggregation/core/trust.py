"""How far a source, what it says of one kind of event, and a layer are to be trusted, by what became of signals.

Each is a Beta distribution over hits, with old outcomes fading (signals.md 5.6). A signal counts by how far it leant
and how far the stock then moved, so that days of noise say little.

The plan's formula, the log-odds of the distribution's lower quantile over those of .53, gives every source without
outcomes the least trust there is, since that quantile of the prior lies under one half. Here caution works both ways:
what is believed is the share of hits that lies nearest to the prior's within the middle of the distribution. A source
without outcomes keeps the trust of its kind, and one known for a coin loses nearly all of it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import TypeVar

import msgspec

from stonks.model.signal import Layer
from stonks.model.weights import ANY_EVENT, LearnedWeights
from stonks.stages.aggregation.core.columns import SignalColumns

PRIOR_HITS = 0.53
"""Share of hits that is expected before anything is known."""
PRIOR_STRENGTH = 40.0
"""Outcomes that the prior is worth."""
FADES = timedelta(days=180)
"""Age at which an outcome counts half."""
CAUTION = 0.3
"""Quantile from which to its opposite the middle of the distribution reaches."""
LEAST, MOST = 0.2, 1.5
"""Bounds of a factor."""
FEWEST = 5.0
"""Weight of outcomes under which one kind of event has no entry of its own."""
LEAST_CREDIBILITY, MOST_CREDIBILITY = 0.1, 1.5

S = TypeVar("S", bound=SignalColumns)

_NORMAL = NormalDist()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one story under one source."""

    layer: Layer
    source: str
    event_type: str
    size: float
    """How far the signal leant, 0 to 1."""
    z: float
    hit: bool
    known_at: datetime

    def weight(self, now: datetime) -> float:
        """Return how much this says by now."""
        return self.size * min(1.0, abs(self.z)) * math.exp2(-((now - self.known_at) / FADES))


class Record(msgspec.Struct, frozen=True):
    """Weighed outcomes: those that hit, and all."""

    hits: float = 0.0
    weight: float = 0.0

    def posterior(self, prior: float) -> float:
        """Return the mean of the distribution."""
        return (PRIOR_STRENGTH * prior + self.hits) / (PRIOR_STRENGTH + self.weight)

    def middle(self, prior: float) -> tuple[float, float]:
        """Return the middle of the distribution; a Beta of 40 and more is a normal distribution to .002."""
        mean = self.posterior(prior)
        spread = math.sqrt(mean * (1.0 - mean) / (PRIOR_STRENGTH + self.weight + 1.0))
        around = _NORMAL.inv_cdf(1.0 - CAUTION) * spread
        return mean - around, mean + around

    def believed(self, prior: float, parent: float) -> float:
        """Return the share of hits that is believed: the parent's where the middle allows it, else the nearer end."""
        low, high = self.middle(prior)
        return min(max(parent, low), high)


def records_of(verdicts: Iterable[tuple[str, Verdict]], now: datetime) -> dict[str, Record]:
    """Return the records by key, whatever the order of the verdicts; none counts that is known later."""
    hits: defaultdict[str, list[float]] = defaultdict(list)
    weights: defaultdict[str, list[float]] = defaultdict(list)
    for key, verdict in verdicts:
        if verdict.known_at <= now:
            weight = verdict.weight(now)
            weights[key].append(weight)
            hits[key].append(weight * verdict.hit)
    return {key: Record(math.fsum(hits[key]), math.fsum(weights[key])) for key in sorted(weights)}


def factor(believed: float) -> float:
    """Return the factor on what something counts: 1 at the prior's share of hits (Nitzan and Paroush 1982)."""
    return max(LEAST, min(MOST, _log_odds(min(max(believed, 0.01), 0.99)) / _log_odds(PRIOR_HITS)))


def layer_factors(verdicts: Iterable[Verdict], now: datetime) -> dict[str, float]:
    """Return the factor of each layer with outcomes."""
    records = records_of(((verdict.layer.value, verdict) for verdict in verdicts), now)
    return {layer: factor(record.believed(PRIOR_HITS, PRIOR_HITS)) for layer, record in records.items()}


def trust_of(verdicts: Iterable[Verdict], now: datetime) -> dict[str, dict[str, float]]:
    """Return the factors of each source of texts, and of each kind of event on which it has enough outcomes."""
    told = [verdict for verdict in verdicts if verdict.layer is Layer.COMPANY]
    of_sources = records_of(((verdict.source, verdict) for verdict in told), now)
    return {source: _of_source(source, record, told, now) for source, record in of_sources.items()}


def _of_source(source: str, record: Record, told: Iterable[Verdict], now: datetime) -> dict[str, float]:
    mine = ((verdict.event_type, verdict) for verdict in told if verdict.source == source)
    by_event = records_of(mine, now)
    mean, parent = record.posterior(PRIOR_HITS), record.believed(PRIOR_HITS, PRIOR_HITS)
    enough = {event: one for event, one in by_event.items() if one.weight >= FEWEST}
    apart = {event: factor(one.believed(mean, parent)) for event, one in enough.items()}
    return {ANY_EVENT: factor(parent)} | apart


def trusted(signals: S, learned: LearnedWeights) -> S:
    """Return the signals with the credibility that a version gives them; the rows they came from stay as they are."""
    if not learned.trust:
        return signals
    rows = zip(signals.credibility, signals.source, signals.event_type, strict=True)
    credibility = [
        max(LEAST_CREDIBILITY, min(MOST_CREDIBILITY, base * learned.factor(source, event)))
        for base, source, event in rows
    ]
    return msgspec.structs.replace(signals, credibility=credibility)


def of_layers(factors: Mapping[str, float], prior: LearnedWeights) -> LearnedWeights:
    """Return weights whose layers are worth what outcomes make of their prior worth."""
    return msgspec.structs.replace(
        prior,
        company=prior.company * factors.get(Layer.COMPANY.value, 1.0),
        macro=prior.macro * factors.get(Layer.MACRO.value, 1.0),
        competitive=prior.competitive * factors.get(Layer.COMPETITIVE.value, 1.0),
    )


def _log_odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
