"""Signals sorted once, so that stories and sources lie together: what any instant and any weights are computed from.

Tickers are put into blocks, each whole within one and small enough for its arrays to stay in the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stonks.stages.aggregation.core.columns import CodedSignals, Codes, Flags, Floats
from stonks.stages.aggregation.core.weights import BUCKETS, LAYERS

CELLS = len(LAYERS) * len(BUCKETS)
"""Layer and half-life bucket together."""
BLOCK = 24_576
"""Signals of a block, unless one ticker has more."""

_BITS = 16
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
    by_ticker = _order_of(signals.ticker)
    ends = np.cumsum(np.bincount(signals.ticker, minlength=len(signals.tickers)))
    worth = signals.strength * signals.confidence * signals.credibility * signals.quality * signals.relevance
    blocks = (_block(signals, worth, by_ticker[span], tickers) for span, tickers in _spans(ends.tolist()))
    return Layout(signals.tickers, tuple(blocks))


def _spans(ends: list[int]) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of whole tickers: where their signals lie by ticker, and which tickers they are."""
    first = start = 0
    for ticker, end in enumerate(ends):
        if end - start >= BLOCK or (ticker + 1 == len(ends) and end > start):
            yield slice(start, end), slice(first, ticker + 1)
            first, start = ticker + 1, end


def _block(signals: CodedSignals, worth: Floats, members: Codes, tickers: slice) -> Block:
    ticker, story, source = signals.ticker[members] - tickers.start, signals.story[members], signals.source[members]
    order = _order_of(source)
    for key in (story, ticker):
        order = order[_order_of(key[order])]
    ticker, story, source, members = ticker[order], story[order], _dense(source[order]), members[order]
    new_story = (ticker[1:] != ticker[:-1]) | (story[1:] != story[:-1])
    stories = _after(new_story)
    sources = int(source.max()) + 1
    owned = ticker.astype(np.intp) * sources + source
    layer, bucket = signals.layer[members].astype(np.intp), signals.bucket[members].astype(np.intp)
    return Block(
        tickers=tickers,
        order=members,
        worth=worth[members],
        novelty=signals.novelty[members],
        direction=signals.direction[members],
        known_at=signals.known_at[members],
        withdrawn_at=None if signals.withdrawn_at is None else signals.withdrawn_at[members],
        layer=layer,
        bucket=bucket,
        story=runs_numbered(stories, members.size),
        teller=runs_numbered(_after(new_story | (source[1:] != source[:-1])), members.size),
        source=_dense(owned),
        cell=ticker.astype(np.intp) * CELLS + layer * len(BUCKETS) + bucket,
        ticker_of_story=ticker[stories].astype(np.intp),
        ticker_of_source=np.flatnonzero(np.bincount(owned)) // sources,
    )


def runs(numbers: Codes) -> Codes:
    """Return where each run of equal numbers begins."""
    return _after(numbers[1:] != numbers[:-1]) if numbers.size else numbers


def runs_numbered(starts: Codes, count: int) -> Codes:
    """Return, for each of ``count`` elements, the number of the run that it is in."""
    return np.repeat(np.arange(starts.size, dtype=np.intp), lengths(starts, count))


def lengths(starts: Codes, count: int) -> Codes:
    """Return how many of ``count`` elements each run has."""
    ends = np.empty_like(starts)
    ends[:-1] = starts[1:]
    ends[-1:] = count
    return ends - starts


def added(numbers: Codes, values: Floats, count: int) -> Floats:
    """Return the sum of the values of each number below ``count``; it adds in their order, so the bits never vary."""
    sums: Floats = np.bincount(numbers, values, count).astype(np.float64, copy=False)
    return sums


def _after(changed: Flags) -> Codes:
    return np.concatenate((_FIRST, np.flatnonzero(changed) + 1))


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
