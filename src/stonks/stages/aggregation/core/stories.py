"""One story told by many counts once: duplicates fold into stories, and no source may carry a trend alone.

A story is what one ticker has under one cluster and event type (signals.md 4.3). All arrays here are window x signal,
with the signals sorted by story and source; what comes out are the effective weights of the signals, so that a story's
weight, a source's share and a layer's part are plain sums of them.
"""

from dataclasses import dataclass

import numpy as np

from stonks.stages.aggregation.core.columns import Codes, Floats, SignalColumns, codes_of
from stonks.stages.aggregation.core.weights import Weights, story_gain


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each story lies among its signals once they are sorted, and where each source's part of it begins."""

    order: Codes
    """Index of the sorted signals in the columns."""
    source: Codes
    """Each sorted signal's source."""
    stories: Codes
    """Where each story begins among the sorted signals."""
    story: Codes
    """Each sorted signal's story."""
    parts: Codes
    """Where each source's part of a story begins among the sorted signals."""
    parts_of_story: Codes
    """Where each story begins among the parts."""


def layout(signals: SignalColumns) -> Layout:
    """Return the signals sorted by story and source; signals must not be empty."""
    story = codes_of(zip(signals.cluster_id, signals.event_type, strict=True))
    source = codes_of(signals.source)
    order = np.lexsort((source, story))
    story, source = story[order], source[order]
    new_story = np.flatnonzero(np.diff(story, prepend=-1))
    new_part = np.flatnonzero((np.diff(story, prepend=-1) != 0) | (np.diff(source, prepend=-1) != 0))
    return Layout(
        order=order,
        source=source,
        stories=new_story,
        story=story,
        parts=new_part,
        parts_of_story=np.searchsorted(new_part, new_story),
    )


def fold_stories(decayed: Floats, sorted_by: Layout, weights: Weights) -> Floats:
    """Return the signals' weights scaled so that a story weighs its strongest report times the gain of its sources."""
    total = np.add.reduceat(decayed, sorted_by.stories, axis=1)
    strongest = np.maximum.reduceat(decayed, sorted_by.stories, axis=1)
    told = np.add.reduceat(decayed, sorted_by.parts, axis=1) > 0.0
    sources = np.add.reduceat(told.astype(np.float64), sorted_by.parts_of_story, axis=1)
    scale = np.divide(strongest * story_gain(sources, weights), total, out=np.zeros_like(total), where=total > 0.0)
    scaled: Floats = decayed * scale[:, sorted_by.story]
    return scaled


def cap_sources(folded: Floats, sorted_by: Layout, weights: Weights) -> tuple[Floats, Floats]:
    """Return the weights with every source clipped to its cap in one pass, and each window's top share before that."""
    count = int(sorted_by.source.max()) + 1
    by_source = np.stack([np.bincount(sorted_by.source, row, count) for row in folded])
    total = by_source.sum(axis=1, keepdims=True)
    share = np.divide(by_source, total, out=np.zeros_like(by_source), where=total > 0.0)
    factor = np.divide(weights.source_cap, share, out=np.ones_like(share), where=share > weights.source_cap)
    return folded * factor[:, sorted_by.source], share.max(axis=1)
