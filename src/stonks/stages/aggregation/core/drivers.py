"""Which stories make a trend what it is: the strongest of each side, each under the signal that says it loudest."""

from uuid import UUID

import numpy as np

from stonks.model.trend import Driver
from stonks.stages.aggregation.core.evidence import Look
from stonks.stages.aggregation.core.layout import Block

DRIVERS_PER_SIDE = 5
"""How many stories for, and how many against, a trend names."""


def drivers_of(look: Look, block: Block, ids: list[str]) -> tuple[Driver, ...]:
    """Return the drivers of a window of a block with one ticker; those that speak for a rise come first.

    Of two stories that weigh alike the one comes first whose signals do in the columns, whatever the order of the jobs.
    """
    score, weight = look.told.story_score, look.told.story_weight
    total = float(weight.sum())
    ranked = np.argsort(-score, kind="stable")
    supporting = [story for story in ranked[:DRIVERS_PER_SIDE].tolist() if score[story] > 0.0]
    opposing = [story for story in ranked[: -DRIVERS_PER_SIDE - 1 : -1].tolist() if score[story] < 0.0]
    return tuple(
        Driver(
            signal_id=UUID(ids[block.order[look.reports.index[_loudest(look, story)]]]),
            contribution=float(score[story]),
            weight_share=min(1.0, float(weight[story]) / total),
        )
        for story in (*supporting, *opposing)
    )


def _loudest(look: Look, story: int) -> int:
    """Return the report that says most of what its story says."""
    told = look.told
    start = int(told.starts[story])
    end = int(told.starts[story + 1]) if story + 1 < told.starts.size else told.score.size
    sign = np.sign(told.story_score[story])
    return start if end - start == 1 else start + int(np.argmax(told.score[start:end] * sign))
