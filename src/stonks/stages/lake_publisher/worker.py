"""Selects a day of a table, publishes it, and notes which file holds it."""

from stonks.model.job import LakePublishJob
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.lake_publisher.core import day_of

QUERIES = {
    "documents": "lake.documents",
    "extractions": "lake.extractions",
    "signals": "lake.signals",
    "events": "lake.events",
    "trends": "lake.trends",
    "recommendations": "lake.recommendations",
    "decisions": "lake.decisions",
    "orders": "lake.orders",
    "fills": "lake.fills",
    "positions": "lake.positions",
}
"""The query of each table's rows."""


class LakePublisher:
    """Publishes one day of one table a job."""

    def __init__(self, ports: Ports) -> None:
        """Publish to this lake."""
        self._lake = ports.lake

    async def __call__(self, work: Work[LakePublishJob]) -> None:
        """Replace the day's file.

        All of it happens under the day's lock and in the work's transaction: whoever publishes the same day waits, and
        a file whose note was lost is written again by the next delivery. No other stage waits for this one.
        """
        day = day_of(work.job)
        async with work.commit() as commit:
            await commit.run("lake.lock", table=day.table, day=day.day)
            rows = await commit.rows(day.fact, QUERIES[day.table], start=day.start, end=day.end)
            file = await self._lake.publish(day.table, day.day, rows)
            await commit.run(
                "lake.published",
                table=file.table,
                day=file.day,
                object_key=file.key,
                rows=file.rows,
                bytes=file.bytes,
                now=work.now,
            )
