"""What signals amount to at an instant: decayed, folded into stories, capped by source, summed by ticker and window."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from stonks.stages.aggregation.core.columns import Codes, Flags, Floats
from stonks.stages.aggregation.core.layout import CELLS, Block, Layout, added, greatest
from stonks.stages.aggregation.core.stories import Reports, Told, fold
from stonks.stages.aggregation.core.weights import (
    BUCKET_DECAY,
    BUCKETS,
    LAYERS,
    LENGTHS,
    WINDOW_DECAY,
    WINDOWS,
    Weights,
    birth_weights,
)

_LONGEST_FIRST = sorted(range(len(WINDOWS)), key=lambda at: -LENGTHS[at])


@dataclass(frozen=True, slots=True)
class Look:
    """One window of one block."""

    window: int
    """Its place in WINDOWS."""
    reports: Reports
    told: Told
    newest: Floats
    """Of each ticker: when its newest story that counts became known; a report of an old one is no news."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sufficient statistics over stories of weight w and direction d; the axes are ticker and window."""

    weight: Floats
    """Sum of w."""
    score: Floats
    """Sum of w d."""
    square: Floats
    """Sum of w squared."""
    spread: Floats
    """Sum of w d squared."""
    positive: Floats
    """Sum of w d over stories that are good for the holder."""
    negative: Floats
    """The same of those that are bad, as a positive number."""
    cell_weight: Floats
    """Sum of w by layer and half-life bucket, two axes more."""
    cell_score: Floats
    """The same of w d."""
    top_share: Floats
    """The share of the heaviest source before any was capped."""
    newest: Floats
    """When the newest story that counts became known, in seconds since 1970; -inf where there is none."""

    @classmethod
    def none(cls, tickers: int) -> Self:
        """Return the evidence of no signals, to be filled."""
        flat, cells = (tickers, len(WINDOWS)), (tickers, len(WINDOWS), len(LAYERS), len(BUCKETS))
        return cls(
            weight=np.zeros(flat),
            score=np.zeros(flat),
            square=np.zeros(flat),
            spread=np.zeros(flat),
            positive=np.zeros(flat),
            negative=np.zeros(flat),
            cell_weight=np.zeros(cells),
            cell_score=np.zeros(cells),
            top_share=np.zeros(flat),
            newest=np.full(flat, -np.inf),
        )

    def put(self, block: Block, look: Look) -> None:
        """Fill in what one window of one block says."""
        told, size, where = look.told, block.size, (block.tickers, look.window)
        weight, score = told.story_weight, told.story_score
        by_story = (
            (self.weight, weight),
            (self.score, score),
            (self.square, weight * weight),
            (self.spread, score * score / weight),
            (self.positive, np.maximum(score, 0.0)),
            (self.negative, np.maximum(-score, 0.0)),
        )
        for sums, values in by_story:
            sums[where] = added(told.ticker, values, size)
        for cells, values in ((self.cell_weight, told.weight), (self.cell_score, told.score)):
            by_cell = added(look.reports.cell, values, size * CELLS)
            cells[where] = by_cell.reshape(size, len(LAYERS), len(BUCKETS))
        self.top_share[where] = told.top_share
        self.newest[where] = look.newest


def gather(layout: Layout, now: float, weights: Weights) -> Evidence:
    """Return what all signals known by ``now``, in seconds since 1970, amount to."""
    evidence = Evidence.none(len(layout.tickers))
    for block in layout.blocks:
        for look in looks(block, now, weights):
            evidence.put(block, look)
    return evidence


def looks(block: Block, now: float, weights: Weights) -> Iterator[Look]:
    """Yield each window in which something counts, the longest first: what a shorter one has, a longer one has too."""
    reports, age = _living(block, now, weights)
    first_known = np.zeros(block.ticker_of_story.size)
    for at in _LONGEST_FIRST:
        reports, age = _within(reports, age, LENGTHS[at])
        if not age.size:
            return
        if at == _LONGEST_FIRST[0]:
            first_known = now - greatest(reports.story, age, first_known.size)
        fading = Reports(
            index=reports.index,
            weight=reports.weight * np.exp2(age * -WINDOW_DECAY[at]),
            direction=reports.direction,
            story=reports.story,
            teller=reports.teller,
            source=reports.source,
            cell=reports.cell,
        )
        told = fold(fading, block, weights)
        yield Look(at, fading, told, _newest(first_known[reports.story[told.starts]], told.ticker, block))


def _living(block: Block, now: float, weights: Weights) -> tuple[Reports, Floats]:
    """Return all signals known and not withdrawn that weigh anything, aged by their own half-lives, and their ages."""
    age = now - block.known_at
    born = birth_weights(block.worth, block.novelty, block.layer, weights)
    living = born * np.exp2(-np.maximum(age, 0.0) * BUCKET_DECAY[block.bucket])
    counts = (age >= 0.0) & (living > 0.0)
    if block.withdrawn_at is not None:
        counts &= block.withdrawn_at > now
    reports = Reports(
        index=np.arange(age.size),
        weight=living,
        direction=block.direction,
        story=block.story,
        teller=block.teller,
        source=block.source,
        cell=block.cell,
    )
    return _where(reports, age, counts)


def _within(reports: Reports, age: Floats, length: float) -> tuple[Reports, Floats]:
    return _where(reports, age, age <= length)


def _where(reports: Reports, age: Floats, counts: Flags) -> tuple[Reports, Floats]:
    if counts.all():
        return reports, age
    index: Codes = np.flatnonzero(counts)
    kept = Reports(
        index=reports.index[index],
        weight=reports.weight[index],
        direction=reports.direction[index],
        story=reports.story[index],
        teller=reports.teller[index],
        source=reports.source[index],
        cell=reports.cell[index],
    )
    return kept, age[index]


def _newest(known_at: Floats, ticker: Codes, block: Block) -> Floats:
    newest = np.full(block.size, -np.inf)
    np.maximum.at(newest, ticker, known_at)
    return newest
