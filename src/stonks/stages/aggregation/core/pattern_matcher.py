"""What such news did to this stock before: an event study of its own past, shrunk towards no effect (signals.md 4.7).

A past event is entered at the first open after it was known and left at that session's close; its return is taken
against the mean of all stocks with a bar of that session, and signed by what the texts said. Only sessions that are
over count, each once. With fewer than eight of them, or an effect that the shrunk estimate does not tell from none,
nothing is emitted.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import NormalDist

import msgspec
import numpy as np

from stonks.model.identity import signal_id
from stonks.model.signal import EventType, HalfLife, Layer, WeightedSignal
from stonks.stages.aggregation.core.columns import SignalColumns
from stonks.stages.aggregation.core.signal_propagation import Competitive, CompetitiveRecord

VERSION = "pattern-1"
SOURCE = "pattern_matcher"
"""The source of a pattern's signals: this program, not a publisher."""
MIN_EVENTS = 8
"""Past events under which there is no pattern to speak of."""
PRIOR_EVENTS = 20.0
"""Events without effect that every estimate is shrunk with."""
MIN_RATIO = 1.3
"""Effect over standard error from which a pattern is emitted."""
EXTREME = 5.0
"""Standard deviations at which one event's return is cut off."""
FULL_EFFECT = 0.5
"""Effect, in daily standard deviations, on the scale of which a direction saturates."""

_NORMAL = NormalDist()


class PastEvent(msgspec.Struct, frozen=True, kw_only=True):
    """News of one event type before one session, and what the stock and all stocks did in that session."""

    event_type: str
    direction: float
    own_return: float
    market_return: float
    volatility: float
    """Standard deviation of this stock's returns over its last sixty sessions."""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """What past events of one type come to: mean effect in daily standard deviations, in the direction of the text."""

    events: int
    mean: float
    effect: float
    """The mean, shrunk."""
    error: float
    """The effect's standard error."""
    hit_rate: float
    """Share of events after which the stock went where the text pointed."""

    @property
    def ratio(self) -> float:
        """How many standard errors the effect is from none."""
        return abs(self.effect) / self.error


def match_patterns(
    origins: Sequence[WeightedSignal], past: Sequence[PastEvent], now: datetime
) -> tuple[Competitive, ...]:
    """Return a signal for each event type that has a pattern and is in today's news: one a type and UTC day.

    Past news was measured a session at a time, however many stories it had; so today's counts once, from its first.
    """
    patterns = patterns_of(past)
    first: dict[str, WeightedSignal] = {}
    for origin in sorted(origins, key=attrgetter("known_at", "id")):
        if origin.direction and origin.known_at.date() == now.date() and origin.event_type in patterns:
            first.setdefault(origin.event_type, origin)
    return tuple(_matched(origin, patterns[origin.event_type], now) for origin in first.values())


def frequent_types(signals: SignalColumns) -> set[str]:
    """Return the event types of which these signals have news of the company itself on enough days for a pattern."""
    day = timedelta(days=1).total_seconds()
    days = {
        (event_type, known_at // day)
        for layer, event_type, known_at in zip(signals.layer, signals.event_type, signals.known_at, strict=True)
        if layer is Layer.COMPANY and event_type != EventType.OTHER
    }
    return {name for name, count in Counter(name for name, _ in days).items() if count >= MIN_EVENTS}


def patterns_of(past: Sequence[PastEvent]) -> Mapping[str, Pattern]:
    """Return the patterns that hold, by event type."""
    types = sorted({event.event_type for event in past})
    found = {name: pattern_of([event for event in past if event.event_type == name]) for name in types}
    return {
        name: pattern
        for name, pattern in found.items()
        if pattern is not None and pattern.events >= MIN_EVENTS and pattern.ratio >= MIN_RATIO
    }


def pattern_of(past: Sequence[PastEvent]) -> Pattern | None:
    """Return what these events of one type come to, or None where none of them can be measured."""
    usable = [event for event in past if event.direction and event.volatility > 0.0]
    if not usable:
        return None
    moves = np.array(
        [(e.own_return - e.market_return) / e.volatility * math.copysign(1.0, e.direction) for e in usable]
    )
    cut = np.clip(moves, -EXTREME, EXTREME)
    count = len(usable)
    return Pattern(
        events=count,
        mean=float(cut.mean()),
        effect=float(cut.sum()) / (count + PRIOR_EVENTS),
        error=1.0 / math.sqrt(count + PRIOR_EVENTS),
        hit_rate=float((cut > 0.0).mean()),
    )


def _matched(origin: WeightedSignal, pattern: Pattern, now: datetime) -> Competitive:
    strength = math.tanh(abs(pattern.effect) / FULL_EFFECT)
    identity = signal_id(Layer.COMPETITIVE, origin.id, origin.ticker, origin.event_type, VERSION)
    signal = msgspec.structs.replace(
        origin,
        id=identity,
        layer=Layer.COMPETITIVE,
        source=SOURCE,
        cluster_id=identity,
        origin_id=origin.id,
        direction=math.copysign(strength, pattern.effect * origin.direction),
        strength=strength,
        confidence=2.0 * _NORMAL.cdf(pattern.ratio) - 1.0,
        credibility=1.0,
        half_life=HalfLife.B1,
        known_at=now,
        extractor_version=VERSION,
    )
    record = CompetitiveRecord(
        signal_id=identity,
        origin_signal_id=origin.id,
        ticker=origin.ticker,
        relation="pattern",
        hops=0,
        direction=signal.direction,
        strength=signal.strength,
        pattern=msgspec.structs.asdict(pattern),
        known_at=now,
    )
    return Competitive(signal=signal, record=record)
