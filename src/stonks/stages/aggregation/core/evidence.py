"""A ticker's signals as they count at an instant: decayed, folded into stories, capped by source, summed by window."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from stonks.model.trend import Driver
from stonks.stages.aggregation.core.columns import Codes, Floats, SignalColumns
from stonks.stages.aggregation.core.stories import Layout, cap_sources, fold_stories, layout
from stonks.stages.aggregation.core.weights import BUCKETS, LAYERS, WINDOWS, Weights, birth_weights, decayed

DRIVERS_PER_SIDE = 5
"""How many stories for, and how many against, a trend names."""

_LAYER_CODE = {layer: code for code, layer in enumerate(LAYERS)}
_BUCKET_CODE = {bucket: code for code, bucket in enumerate(BUCKETS)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sums over signals, each an array whose first axis is the window.

    ``weight`` and ``score`` (weight x direction) are by story, ``layer_*`` by layer, ``bucket_*`` by half-life bucket.
    """

    weight: Floats
    score: Floats
    layer_weight: Floats
    layer_score: Floats
    bucket_weight: Floats
    bucket_score: Floats
    top_share: Floats
    """The share of the heaviest source before any was capped."""
    newest: tuple[datetime | None, ...]
    """When the newest signal that counts became known."""
    drivers: tuple[tuple[Driver, ...], ...]


def weigh(signals: SignalColumns, now: datetime, weights: Weights) -> Evidence:
    """Return what these signals amount to at ``now``; none of them may be known later."""
    if not signals.id:
        return _nothing()
    stories = layout(signals)
    layer = np.array([_LAYER_CODE[name] for name in signals.layer], dtype=np.intp)[stories.order]
    bucket = np.array([_BUCKET_CODE[name] for name in signals.half_life], dtype=np.intp)[stories.order]
    known_at = np.array(signals.known_at)[stories.order]
    birth = birth_weights(signals, weights)[stories.order]
    fresh = decayed(birth, np.maximum(now.timestamp() - known_at, 0.0), bucket)
    weight, top_share = cap_sources(fold_stories(fresh, stories, weights), stories, weights)
    score = weight * np.array(signals.direction)[stories.order]
    cell = layer * len(BUCKETS) + bucket
    weight_cells, score_cells = _by_cell(weight, cell), _by_cell(score, cell)
    by_story = np.add.reduceat(weight, stories.stories, axis=1), np.add.reduceat(score, stories.stories, axis=1)
    ids = [signals.id[index] for index in stories.order]
    return Evidence(
        weight=by_story[0],
        score=by_story[1],
        layer_weight=weight_cells.sum(axis=2),
        layer_score=score_cells.sum(axis=2),
        bucket_weight=weight_cells.sum(axis=1),
        bucket_score=score_cells.sum(axis=1),
        top_share=top_share,
        newest=tuple(_newest(known_at, row) for row in fresh),
        drivers=tuple(_drivers(row, by_story[1][at], by_story[0][at], stories, ids) for at, row in enumerate(score)),
    )


def _nothing() -> Evidence:
    none, layers, buckets = (np.zeros((len(WINDOWS), size)) for size in (0, len(LAYERS), len(BUCKETS)))
    return Evidence(
        weight=none,
        score=none,
        layer_weight=layers,
        layer_score=layers,
        bucket_weight=buckets,
        bucket_score=buckets,
        top_share=np.zeros(len(WINDOWS)),
        newest=(None,) * len(WINDOWS),
        drivers=((),) * len(WINDOWS),
    )


def _by_cell(values: Floats, cell: Codes) -> Floats:
    """Return sums of window x layer x bucket; bincount adds in the order of the signals, so the bits do not vary."""
    shape = (len(WINDOWS), len(LAYERS), len(BUCKETS))
    sums = np.stack([np.bincount(cell, row, len(LAYERS) * len(BUCKETS)) for row in values])
    return sums.astype(np.float64, copy=False).reshape(shape)


def _newest(known_at: Floats, weight: Floats) -> datetime | None:
    counting = known_at[weight > 0.0]
    return datetime.fromtimestamp(float(counting.max()), UTC) if counting.size else None


def _drivers(
    score: Floats, by_story: Floats, story_weight: Floats, stories: Layout, ids: list[UUID]
) -> tuple[Driver, ...]:
    """Return the strongest stories of each side, each under the id of the signal that says it loudest."""
    ranked = np.argsort(-by_story, kind="stable")
    supporting = [story for story in ranked[:DRIVERS_PER_SIDE] if by_story[story] > 0.0]
    opposing = [story for story in ranked[::-1][:DRIVERS_PER_SIDE] if by_story[story] < 0.0]
    ends = np.append(stories.stories[1:], len(ids))
    total = float(story_weight.sum())
    return tuple(
        Driver(
            signal_id=ids[_loudest(score, float(by_story[story]), int(stories.stories[story]), int(ends[story]))],
            contribution=float(by_story[story]),
            weight_share=min(1.0, float(story_weight[story]) / total),
        )
        for story in (*supporting, *opposing)
    )


def _loudest(score: Floats, total: float, start: int, end: int) -> int:
    return start if end - start == 1 else start + int(np.argmax(score[start:end] * np.sign(total)))
