"""The pipeline: ten stages in the order in which a document goes through them."""

from dataclasses import replace
from datetime import timedelta

from stonks.ports.stage import Stage
from stonks.stages import (
    aggregation,
    broker,
    extractor,
    ingestion,
    lake_publisher,
    notifications,
    parser,
    recommendation,
    scheduler,
    trading,
)

PIPELINE: tuple[Stage, ...] = (
    scheduler.STAGE,
    ingestion.STAGE,
    parser.STAGE,
    extractor.STAGE,
    aggregation.STAGE,
    recommendation.STAGE,
    trading.STAGE,
    broker.STAGE,
    lake_publisher.STAGE,
    notifications.STAGE,
)
"""Every stage, in pipeline order."""

REWRITES_EVERY = timedelta(seconds=30)
"""How often the recommendation stage looks for theses to have rewritten."""


def pipeline(*, asks: bool) -> tuple[Stage, ...]:
    """Return every stage, in pipeline order; where a model may be asked, the recommendation stage looks by itself too.

    Without one it does not: a replay would open it at every instant for nothing.
    """
    every = REWRITES_EVERY if asks else None
    return tuple(replace(stage, every=every) if stage is recommendation.STAGE else stage for stage in PIPELINE)
