"""Signals sorted once, so that stories and sources lie together: what any instant and any weights are computed from.

Tickers are put into blocks, each whole within one and small enough for its arrays to stay in the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from stonks.stages.aggregation.core.columns import CodedSignals, Codes, Flags, Floats
from stonks.stages.aggregation.core.weights import BUCKETS, LAYERS

CELLS = len(LAYERS) * len(BUCKETS)
"""Layer and half-life bucket together."""
BLOCK = 24_576
"""Signals of a block, unless one ticker has more."""

_BITS = 16
_SOURCE_BITS = 27  # leaves 32 for stories
_MEASURES = 4  # without when they were withdrawn
_FIRST: Codes = np.zeros(1, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Block:
    """Some tickers' signals by ticker, story, source and instant; every number counts from 0 within the block."""

    tickers: slice
    """Which of the tickers these are."""
    order: Codes
    """Index of each signal in the columns."""
    worth: Floats
    """Strength x confidence x credibility x quality x relevance."""
    novelty: Floats
    direction: Floats
    known_at: Floats
    withdrawn_at: Floats | None
    """When each stopped counting; None where nothing was withdrawn."""
    layer: Codes
    bucket: Codes
    story: Codes
    """Number of each signal's story, which is one of one ticker's."""
    teller: Codes
    """Number of each signal's story and source together."""
    source: Codes
    """Number of each signal's ticker and source together."""
    cell: Codes
    """Number of each signal's ticker, layer and bucket together."""
    ticker_of_story: Codes
    ticker_of_source: Codes

    @property
    def size(self) -> int:
        """The number of its tickers."""
        return int(self.tickers.stop - self.tickers.start)


@dataclass(frozen=True, slots=True)
class Layout:
    """All signals of some tickers, block by block."""

    tickers: tuple[str, ...]
    blocks: tuple[Block, ...]


def lay_out(signals: CodedSignals) -> Layout:
    """Return the signals sorted; they come by (known_at, id), and those of one story and source stay in that order."""
    packed = _Packed.of(signals)
    by_ticker = _order_of(signals.ticker)
    counts = np.bincount(signals.ticker, minlength=len(signals.tickers))
    spans = _spans(np.cumsum(counts).tolist())
    blocks = (_block(packed.take(by_ticker[span]), tickers, counts[tickers]) for span, tickers in spans)
    return Layout(signals.tickers, tuple(blocks))


def _spans(ends: list[int]) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of whole tickers: where their signals lie by ticker, and which tickers they are."""
    first = start = 0
    for ticker, end in enumerate(ends):
        if end - start >= BLOCK or (ticker + 1 == len(ends) and end > start):
            yield slice(start, end), slice(first, ticker + 1)
            first, start = ticker + 1, end


@dataclass(frozen=True, slots=True)
class _Packed:
    """Signals row by row: fetching them in another order takes two lines of memory each, not one for each column."""

    index: Codes
    measures: Floats
    """Worth, novelty, direction, when known and, if any was, when withdrawn."""
    codes: Codes
    """Story, source, and layer with bucket, in one integer."""

    @classmethod
    def of(cls, signals: CodedSignals) -> Self:
        worth = signals.strength * signals.confidence * signals.credibility * signals.quality * signals.relevance
        measures = [worth, signals.novelty, signals.direction, signals.known_at]
        measures += [] if signals.withdrawn_at is None else [signals.withdrawn_at]
        codes = (signals.story.astype(np.int64) << _SOURCE_BITS) + signals.source
        codes = codes * CELLS + signals.layer.astype(np.intp) * len(BUCKETS) + signals.bucket
        return cls(np.arange(worth.size), np.stack(measures, axis=1), codes)

    def take(self, index: Codes) -> Self:
        return type(self)(index, np.take(self.measures, index, axis=0), self.codes[index])


def _block(packed: _Packed, tickers: slice, counts: Codes) -> Block:
    """Return the signals of some tickers sorted; they come ticker by ticker, so many of each."""
    ticker = np.repeat(np.arange(counts.size), counts)
    told, kind = np.divmod(packed.codes, CELLS)
    story, source = told >> _SOURCE_BITS, told & ((1 << _SOURCE_BITS) - 1)
    story += ticker * (int(story.max()) + 1)
    order = _order_of(source)
    order = order[_order_of(story[order])]
    ticker, story, source, kind = ticker[order], story[order], source[order], kind[order]
    new_story = story[1:] != story[:-1]
    stories, number = _runs(new_story)
    sources = int(source.max()) + 1
    owned = ticker * sources + source
    measures = packed.measures
    return Block(
        tickers=tickers,
        order=packed.index[order],
        worth=measures[:, 0][order],
        novelty=measures[:, 1][order],
        direction=measures[:, 2][order],
        known_at=measures[:, 3][order],
        withdrawn_at=measures[:, 4][order] if measures.shape[1] > _MEASURES else None,
        layer=kind // len(BUCKETS),
        bucket=kind % len(BUCKETS),
        story=number,
        teller=_runs(new_story | (source[1:] != source[:-1]))[1],
        source=_dense(owned),
        cell=ticker * CELLS + kind,
        ticker_of_story=ticker[stories],
        ticker_of_source=np.flatnonzero(np.bincount(owned)) // sources,
    )


def runs(numbers: Codes) -> tuple[Codes, Codes]:
    """Return where each run of equal numbers begins, and for each element the number of its run."""
    return _runs(numbers[1:] != numbers[:-1])


def added(numbers: Codes, values: Floats, count: int) -> Floats:
    """Return the sum of the values of each number below ``count``; it adds in their order, so the bits never vary."""
    sums: Floats = np.bincount(numbers, values, count).astype(np.float64, copy=False)
    return sums


def greatest(numbers: Codes, values: Floats, count: int) -> Floats:
    """Return the greatest of the values, none below 0, of each number below ``count``; 0 where it has none."""
    best = np.zeros(count)
    np.maximum.at(best, numbers, values)
    return best


def _runs(changed: Flags) -> tuple[Codes, Codes]:
    number = np.zeros(changed.size + 1, dtype=np.intp)
    np.cumsum(changed, out=number[1:])
    return np.concatenate((_FIRST, np.flatnonzero(changed) + 1)), number


def _dense(numbers: Codes) -> Codes:
    """Return the numbers with those that do not occur left out, in the same order."""
    there = np.bincount(numbers) > 0
    return (np.cumsum(there) - 1)[numbers]


def _order_of(numbers: Codes) -> Codes:
    """Return the stable order of numbers: 16 bits at a time, which numpy sorts by counting."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    rest = numbers >> _BITS
    while rest.any():
        order = order[np.argsort(rest[order].astype(np.uint16), kind="stable")]
        rest >>= _BITS
    return order
