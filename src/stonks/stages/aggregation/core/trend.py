"""The five trends of one ticker at an instant, with what drives them and where they would go.

A pure function of the signals known by then, the versions before, and the weights; the figures are those of ``table``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from stonks.model.identity import input_hash, trend_id
from stonks.model.trend import Direction, Driver, Projection, Trend, Window
from stonks.stages.aggregation.core.columns import SignalColumns, coded
from stonks.stages.aggregation.core.drivers import drivers_of
from stonks.stages.aggregation.core.evidence import Evidence, looks
from stonks.stages.aggregation.core.layout import lay_out
from stonks.stages.aggregation.core.projection import NOTHING_KNOWN, Hindsight, project
from stonks.stages.aggregation.core.table import SUPPRESSIONS, TrendTable, table_of
from stonks.stages.aggregation.core.weights import LAYERS, LENGTHS, PRIOR, WINDOWS, Weights

ENTER_AT = 0.15
"""Score at which a trend becomes bullish; bearish at its negative."""
LEAVE_AT = 0.10
"""Score under which it is neutral again."""

ID_LENGTH = 36
"""Characters of a signal's id."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """All five trends of a ticker at an instant, in the order of the windows, and where each would go."""

    trends: tuple[Trend, ...]
    projections: tuple[Projection, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What all windows of one recomputation share."""

    ticker: str
    table: TrendTable
    hashes: list[str]
    drivers: Mapping[int, tuple[Driver, ...]]
    previous: Mapping[Window, Direction]
    version: str


def recompute(
    ticker: str,
    signals: SignalColumns,
    now: datetime,
    previous: Mapping[Window, Direction],
    weights: Weights = PRIOR,
    hindsight: Hindsight = NOTHING_KNOWN,
) -> Outlook:
    """Return the trends of one ticker at ``now`` from all its signals of the longest window, none known later.

    ``previous`` is the direction of the last version before ``now``; where there is none the trend was neutral.
    ``hindsight`` says how far off earlier projections were.
    """
    layout = lay_out(coded(ticker, signals))
    evidence = Evidence.none(1)
    drivers = {}
    for block in layout.blocks:
        for look in looks(block, now.timestamp(), weights):
            evidence.put(block, look)
            drivers[look.window] = drivers_of(look, block, signals.id)
    table = table_of(layout.tickers, now, evidence, weights)
    given = Given(ticker, table, input_hashes(signals, now, weights), drivers, previous, weights.version)
    trends = tuple(_trend(given, at) for at in range(len(WINDOWS)))
    return Outlook(trends=trends, projections=project(trends, evidence, weights, hindsight))


def direction_of(score: float, previous: Direction) -> Direction:
    """Return where a score points; a state is left later than it is entered, so that noise does not flip it."""
    if score >= (LEAVE_AT if previous is Direction.BULLISH else ENTER_AT):
        return Direction.BULLISH
    if score <= -(LEAVE_AT if previous is Direction.BEARISH else ENTER_AT):
        return Direction.BEARISH
    return Direction.NEUTRAL


def input_hashes(signals: SignalColumns, now: datetime, weights: Weights) -> list[str]:
    """Return, for each window, a digest of the signals in it and the weights: equal inputs have equal digests."""
    first = np.searchsorted(np.array(signals.known_at), now.timestamp() - LENGTHS).tolist()
    ids = "".join(signals.id).encode()
    digest, end, digests = hashlib.blake2b(digest_size=16), len(ids), {}
    for start in sorted(first, reverse=True):
        digest.update(ids[start * ID_LENGTH : end])
        end, digests[start] = start * ID_LENGTH, digest.hexdigest()
    return [input_hash(weights.version, window, digests[start]) for window, start in zip(WINDOWS, first, strict=True)]


def _trend(given: Given, at: int) -> Trend:
    window, table, evidence = WINDOWS[at], given.table, given.table.evidence
    score, newest = float(table.score[0, at]), float(evidence.newest[0, at])
    layers = zip(LAYERS, table.layer_scores[0, at].tolist(), strict=True)
    return Trend(
        id=trend_id(given.ticker, window, table.as_of),
        ticker=given.ticker,
        window=window,
        as_of=table.as_of,
        score=score,
        direction=direction_of(score, given.previous.get(window, Direction.NEUTRAL)),
        strength=float(table.strength[0, at]),
        confidence=float(table.confidence[0, at]),
        p_sign=float(table.p_sign[0, at]),
        contradiction=float(table.contradiction[0, at]),
        contradiction_entropy=float(table.contradiction_entropy[0, at]),
        n_eff=float(table.n_eff[0, at]),
        weight=float(evidence.weight[0, at]),
        layer_scores={layer.value: value for layer, value in layers},
        momentum=float(table.momentum[0]),
        acceleration=float(table.acceleration[0]),
        drivers=given.drivers.get(at, ()),
        suppressions=tuple(name for name, holds in zip(SUPPRESSIONS, table.suppressed[0, at], strict=True) if holds),
        source_share=min(1.0, float(evidence.top_share[0, at])),
        newest_known_at=datetime.fromtimestamp(newest, UTC) if np.isfinite(newest) else None,
        weights_version=given.version,
        input_hash=given.hashes[at],
    )
