"""The signals of one ticker, column by column: the one input of aggregation."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable
from operator import attrgetter
from typing import TypeAlias
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from stonks.model.signal import HalfLife, Layer, WeightedSignal

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.intp]


class SignalColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Signals in canonical order, by (known_at, id) and each once, so that the same signals give the same bits.

    Instants are seconds since 1970 in UTC. The store selects this shape; ``columns_of`` makes it from signals.
    """

    id: list[UUID]
    layer: list[Layer]
    source: list[str]
    cluster_id: list[str]
    event_type: list[str]
    direction: list[float]
    strength: list[float]
    confidence: list[float]
    credibility: list[float]
    novelty: list[float]
    quality: list[float]
    relevance: list[float]
    half_life: list[HalfLife]
    known_at: list[float]


def columns_of(signals: Iterable[WeightedSignal]) -> SignalColumns:
    """Return signals as columns, whatever their order and however often each comes."""
    once = {signal.id: signal for signal in signals}
    ordered = sorted(once.values(), key=attrgetter("known_at", "id"))
    return SignalColumns(
        id=[signal.id for signal in ordered],
        layer=[signal.layer for signal in ordered],
        source=[signal.source for signal in ordered],
        cluster_id=[str(signal.cluster_id) for signal in ordered],
        event_type=[signal.event_type for signal in ordered],
        direction=[signal.direction for signal in ordered],
        strength=[signal.strength for signal in ordered],
        confidence=[signal.confidence for signal in ordered],
        credibility=[signal.credibility for signal in ordered],
        novelty=[signal.novelty for signal in ordered],
        quality=[signal.quality for signal in ordered],
        relevance=[signal.relevance for signal in ordered],
        half_life=[signal.half_life for signal in ordered],
        known_at=[signal.known_at.timestamp() for signal in ordered],
    )


def codes_of(keys: Iterable[Hashable]) -> Codes:
    """Return a number for each key: equal keys have equal numbers, counted from 0 in order of appearance."""
    numbers: defaultdict[Hashable, int] = defaultdict(itertools.count().__next__)
    return np.array(list(map(numbers.__getitem__, keys)), dtype=np.intp)
