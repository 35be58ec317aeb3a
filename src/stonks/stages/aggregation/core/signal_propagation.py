"""News of one company as a weaker signal for those around it (signals.md 4.8).

Only what a text says of the company itself passes on; a signal that was passed on, or found by a pattern, never does.
So there is no loop: a document leads to recomputations at most two relations away from the companies it names.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.company import CompanyEdge
from stonks.model.identity import signal_id
from stonks.model.signal import Layer, WeightedSignal
from stonks.stages.aggregation.core.relations import RELATIONS, class_of

VERSION = "propagation-1"
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


class CompetitiveRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a competitive signal comes from: a row of ``competitive_signal_records``."""

    signal_id: UUID
    origin_signal_id: UUID
    ticker: str
    relation: str
    hops: int
    direction: float
    strength: float
    pattern: dict[str, float] = {}
    known_at: datetime


class Competitive(msgspec.Struct, frozen=True, kw_only=True):
    """A signal of the competitive layer and its record."""

    signal: WeightedSignal
    record: CompetitiveRecord


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """A way from one company to another: the share of an effect that arrives, with its sign, and how sure it is."""

    ticker: str
    relation: str
    hops: int
    factor: float
    confidence: float


def propagate(origins: Sequence[Origin], edges: Sequence[CompanyEdge], now: datetime) -> tuple[Competitive, ...]:
    """Return the signals that these origins send along these edges at ``now``: the strongest an origin and company."""
    return tuple(
        _passed_on(origin.signal, path, now)
        for origin in origins
        if origin.signal.layer is Layer.COMPANY
        for path in _strongest(_paths(origin, edges))
        if _effect(origin.signal, path) >= MIN_EFFECT
    )


def _paths(origin: Origin, edges: Sequence[CompanyEdge]) -> Iterator[Path]:
    """Yield every way from the origin to a company that its document does not name."""
    start = origin.signal.ticker
    told = {start, *origin.named}
    reached = [Path(ticker=start, relation="", hops=0, factor=1.0, confidence=1.0)]
    for _ in range(MAX_HOPS):
        reached = [
            further for path in reached for edge in edges if (further := _along(path, edge, origin.signal)) is not None
        ]
        yield from (path for path in reached if path.ticker not in told)


def _along(path: Path, edge: CompanyEdge, signal: WeightedSignal) -> Path | None:
    kind = class_of(signal.event_type, signal.direction)
    relation = RELATIONS.get(edge.relation)
    if kind is None or relation is None or edge.src != path.ticker:
        return None
    share = relation.factor(kind) * edge.weight * (HOP_FACTOR if path.hops else 1.0)
    return Path(
        ticker=edge.dst,
        relation=path.relation or edge.relation,
        hops=path.hops + 1,
        factor=path.factor * share,
        confidence=path.confidence * edge.confidence,
    )


def _strongest(paths: Iterator[Path]) -> list[Path]:
    """Return one path a company: the one that brings most, then the shortest."""
    best: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: (-abs(path.factor), path.hops, path.relation, -path.confidence)):
        best.setdefault(path.ticker, path)
    return sorted(best.values(), key=lambda path: path.ticker)


def _effect(signal: WeightedSignal, path: Path) -> float:
    return abs(signal.direction * signal.strength * path.factor)


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
        hops=path.hops,
        direction=signal.direction,
        strength=signal.strength,
        known_at=now,
    )
    return Competitive(signal=signal, record=record)
