"""The pipeline: ten stages in the order in which a document goes through them."""

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
