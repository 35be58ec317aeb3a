"""Which stories make a trend what it is: the strongest of each side, each under the signal that says it loudest."""

from uuid import UUID

import numpy as np

from stonks.model.trend import Driver
from stonks.stages.aggregation.core.evidence import Look
from stonks.stages.aggregation.core.layout import Block
from stonks.stages.aggregation.core.stories import Told

DRIVERS_PER_SIDE = 5
"""How many stories for, and how many against, a trend names."""


def drivers_of(look: Look, block: Block, ids: list[str]) -> tuple[Driver, ...]:
    """Return the drivers of a window of a block with one ticker; those that speak for a rise come first.

    Of two stories that weigh alike the one comes first whose signals do in the columns, whatever the order of the jobs.
    """
    told = look.told
    ranked = np.argsort(-told.story_score, kind="stable")
    named = np.concatenate((ranked[:DRIVERS_PER_SIDE], ranked[: -DRIVERS_PER_SIDE - 1 : -1]))
    sides = np.repeat((1.0, -1.0), (min(DRIVERS_PER_SIDE, ranked.size), min(DRIVERS_PER_SIDE, ranked.size)))
    named = named[told.story_score[named] * sides > 0.0]
    scores, shares = told.story_score[named].tolist(), (told.story_weight[named] / told.story_weight.sum()).tolist()
    voices = block.order[look.reports.index[[_loudest(told, story) for story in named.tolist()]]].tolist()
    return tuple(
        Driver(signal_id=UUID(ids[voice]), contribution=score, weight_share=min(1.0, share))
        for voice, score, share in zip(voices, scores, shares, strict=True)
    )


def _loudest(told: Told, story: int) -> int:
    """Return the report that says most of what its story says."""
    start, end = told.starts[story : story + 2].tolist() if story + 1 < told.starts.size else (told.starts[-1], None)
    said = told.score[start:end]
    return int(start) if said.size == 1 else int(start + np.argmax(said * np.sign(told.story_score[story])))
