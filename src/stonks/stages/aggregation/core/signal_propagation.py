"""News of one company as a weaker signal for those around it (signals.md 4.8).

Only what a text says of the company itself passes on; a signal that was passed on, or found by a pattern, never does.
So there is no loop: a document leads to recomputations at most two relations away from the companies it names. What an
edge lets through depends on the kind of news alone, so every kind is followed through the graph once, for all its news.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from stonks.model.company import CompanyEdge
from stonks.model.identity import signal_id
from stonks.model.signal import Layer, WeightedSignal
from stonks.stages.aggregation.core.columns import Codes, Floats
from stonks.stages.aggregation.core.relations import RELATIONS, EventClass, class_of

VERSION = "propagation-2"
HOP_FACTOR = 0.5
"""What is left of an effect at each relation after the first."""
MAX_HOPS = 2
MIN_EFFECT = 0.03
"""Direction x strength under which a signal is not worth passing on."""
CONFIDENCE_FACTOR = 0.6
"""How much of the confidence in the news is left when it is about someone else."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that may be passed on, with the companies its document names: those know already."""

    signal: WeightedSignal
    named: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An edge as it stood when a signal passed along it."""

    src: str
    dst: str
    relation: str
    weight: float
    confidence: float
    source: str


class CompetitiveRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a competitive signal comes from: a row of ``competitive_signal_records``."""

    signal_id: UUID
    origin_signal_id: UUID
    ticker: str
    relation: str
    hops: int
    direction: float
    strength: float
    pattern: dict[str, Any] = {}
    path: tuple[Step, ...] = ()
    lag_expected_days: float = 0.0
    known_at: datetime


class Competitive(msgspec.Struct, frozen=True, kw_only=True):
    """A signal of the competitive layer and its record."""

    signal: WeightedSignal
    record: CompetitiveRecord


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """A way from one company to another: the share of an effect that arrives, with its sign, and how sure it is."""

    ticker: str
    factor: float
    confidence: float
    steps: tuple[CompanyEdge, ...]

    @property
    def relation(self) -> str:
        """The relation that the news sets out on."""
        return self.steps[0].relation


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """The edges around one company, in columns by (src, dst, relation, valid_from), tickers as numbers."""

    edges: tuple[CompanyEdge, ...]
    src: Codes
    dst: Codes
    confidence: Floats


def propagate(origins: Sequence[Origin], edges: Sequence[CompanyEdge], now: datetime) -> tuple[Competitive, ...]:
    """Return the signals that these origins send along these edges at ``now``: the strongest an origin and company."""
    graph = graph_of(edges)
    reached: dict[tuple[str, EventClass], tuple[Path, ...]] = {}
    found = []
    for origin in origins:
        signal = origin.signal
        kind = class_of(signal.event_type, signal.direction)
        if signal.layer is not Layer.COMPANY or kind is None:
            continue
        start = (signal.ticker, kind)
        if start not in reached:
            reached[start] = paths_from(graph, *start)
        told = {signal.ticker, *origin.named}
        loud = MIN_EFFECT / max(abs(signal.direction * signal.strength), 1e-12)
        found += [
            _passed_on(signal, path, now)
            for path in reached[start]
            if path.ticker not in told and abs(path.factor) >= loud
        ]
    return tuple(found)


def graph_of(edges: Sequence[CompanyEdge]) -> Graph:
    """Return the edges as columns; those of no relation we know, and vague ones beside a closer one, are left out."""
    known = [edge for edge in edges if edge.relation in RELATIONS and edge.src != edge.dst]
    close = {(edge.src, edge.dst) for edge in known if not RELATIONS[edge.relation].vague}
    kept = [edge for edge in known if not RELATIONS[edge.relation].vague or (edge.src, edge.dst) not in close]
    kept.sort(key=lambda edge: (edge.src, edge.dst, edge.relation, edge.valid_from, edge.source))
    number = {
        ticker: place for place, ticker in enumerate({name: None for edge in kept for name in (edge.src, edge.dst)})
    }
    return Graph(
        edges=tuple(kept),
        src=np.array([number[edge.src] for edge in kept], dtype=np.intp),
        dst=np.array([number[edge.dst] for edge in kept], dtype=np.intp),
        confidence=np.array([edge.confidence for edge in kept]),
    )


def paths_from(graph: Graph, ticker: str, kind: EventClass) -> tuple[Path, ...]:
    """Return the way that brings most of one kind of news from a company to each other within two relations.

    Of ways that bring as much it is the shorter, then the surer, then the first by name.
    """
    first = np.array([place for place, edge in enumerate(graph.edges) if edge.src == ticker], dtype=np.intp)
    if not first.size:
        return ()
    share = _shares(graph.edges, kind)
    # Every edge that begins where one of the first ends; never back to the start.
    left, right = np.nonzero(graph.dst[first][:, None] == graph.src[None, :])
    left = first[left]
    onward = graph.dst[right] != graph.src[first[0]]
    left, right = left[onward], right[onward]
    factor = np.concatenate([share[first], share[left] * share[right] * HOP_FACTOR])
    sure = np.concatenate([graph.confidence[first], graph.confidence[left] * graph.confidence[right]])
    target = np.concatenate([graph.dst[first], graph.dst[right]])
    hops = np.repeat([1, MAX_HOPS], [len(first), len(left)])
    order = np.lexsort((np.arange(len(factor)), -sure, hops, -np.abs(factor)))
    _, best = np.unique(target[order], return_index=True)
    ways = [(place,) for place in first.tolist()] + list(zip(left.tolist(), right.tolist(), strict=True))
    found = [
        Path(
            ticker=graph.edges[ways[place][-1]].dst,
            factor=float(factor[place]),
            confidence=float(sure[place]),
            steps=tuple(graph.edges[step] for step in ways[place]),
        )
        for place in order[best].tolist()
        if factor[place]
    ]
    return tuple(sorted(found, key=lambda path: path.ticker))


def _shares(edges: Sequence[CompanyEdge], kind: EventClass) -> Floats:
    """Return the share of an effect that each edge lets through, with its sign."""
    of: Mapping[str, float] = {name: relation.factor(kind) for name, relation in RELATIONS.items()}
    return np.array([of[edge.relation] * edge.weight for edge in edges])


def _passed_on(origin: WeightedSignal, path: Path, now: datetime) -> Competitive:
    """Return the origin's signal as it is for another company: as clear, of the sign of the relation, and weaker."""
    signal = msgspec.structs.replace(
        origin,
        id=signal_id(Layer.COMPETITIVE, origin.id, path.ticker, origin.event_type, VERSION),
        ticker=path.ticker,
        layer=Layer.COMPETITIVE,
        origin_id=origin.id,
        direction=origin.direction * math.copysign(1.0, path.factor),
        strength=origin.strength * abs(path.factor),
        confidence=origin.confidence * path.confidence * CONFIDENCE_FACTOR,
        half_life=RELATIONS[path.relation].half_life,
        known_at=now,
        extractor_version=VERSION,
    )
    record = CompetitiveRecord(
        signal_id=signal.id,
        origin_signal_id=origin.id,
        ticker=path.ticker,
        relation=path.relation,
        hops=len(path.steps),
        direction=signal.direction,
        strength=signal.strength,
        path=tuple(Step(**{name: getattr(edge, name) for name in Step.__struct_fields__}) for edge in path.steps),
        lag_expected_days=sum(RELATIONS[edge.relation].lag for edge in path.steps),
        known_at=now,
    )
    return Competitive(signal=signal, record=record)
