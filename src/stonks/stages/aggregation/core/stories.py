"""One story told by many counts once: duplicates fold into stories, and no source may carry a trend alone.

A story is what one ticker has under one cluster and event type (signals.md 4.3). One call looks at one window of one
block; what comes out are the effective weights of the signals, so that a story's weight, a source's share and a
layer's part are plain sums of them.
"""

from dataclasses import dataclass

import numpy as np

from stonks.stages.aggregation.core.columns import Codes, Floats
from stonks.stages.aggregation.core.layout import Block, added, greatest, runs
from stonks.stages.aggregation.core.weights import Weights, story_gain


@dataclass(frozen=True, slots=True)
class Reports:
    """The signals that count in a window, all of them heavier than nothing, in the block's order."""

    index: Codes
    """Where each stands in the block."""
    weight: Floats
    direction: Floats
    story: Codes
    teller: Codes
    source: Codes
    cell: Codes


@dataclass(frozen=True, slots=True)
class Told:
    """A window of a block once folded: the reports' effective weights, and the stories they make up."""

    weight: Floats
    """Of each report: together those of a story weigh what the story weighs."""
    score: Floats
    """The same times direction."""
    starts: Codes
    """Where each story begins among the reports."""
    ticker: Codes
    """Of each story."""
    story_weight: Floats
    story_score: Floats
    top_share: Floats
    """Of each ticker: the share of its heaviest source before any was capped."""


def fold(reports: Reports, block: Block, weights: Weights) -> Told:
    """Return the stories that these reports make up: each weighs its strongest times the gain of its sources."""
    weight, starts, number = reports.weight, *runs(reports.story)
    count = starts.size
    tellers = np.bincount(number[runs(reports.teller)[0]], minlength=count)
    strongest = greatest(number, weight, count)
    scale = strongest * story_gain(tellers, weights) / added(number, weight, count)
    folded, top_share = _cap(weight * scale[number], reports.source, block, weights)
    score = folded * reports.direction
    return Told(
        weight=folded,
        score=score,
        starts=starts,
        ticker=block.ticker_of_story[reports.story[starts]],
        story_weight=added(number, folded, count),
        story_score=added(number, score, count),
        top_share=top_share,
    )


def _cap(folded: Floats, source: Codes, block: Block, weights: Weights) -> tuple[Floats, Floats]:
    """Return the weights with every source clipped to its cap in one pass, and each ticker's top share before that."""
    owner = block.ticker_of_source
    by_source = added(source, folded, owner.size)
    total = added(owner, by_source, block.size)[owner]
    share = np.divide(by_source, total, out=np.zeros_like(total), where=total > 0.0)
    top_share = greatest(owner, share, block.size)
    if top_share.max() <= weights.source_cap:
        return folded, top_share
    factor = np.divide(weights.source_cap, share, out=np.ones_like(share), where=share > weights.source_cap)
    return folded * factor[source], top_share
