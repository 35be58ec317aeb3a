"""The pipeline, its dead letters, its alerts and what it published."""

from typing import Annotated

from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, PathParameter

from stonks.api.answers.alerts import AlertPage, AlertRow
from stonks.api.answers.dead_letters import DeadLetterGroup, DeadLetterItem, DeadLetterQueue
from stonks.api.answers.lake import LakeTable, LakeTableList
from stonks.api.answers.pipeline import Pipeline
from stonks.api.dead_letters import dead_letter_groups, dead_letter_queues, dead_letters
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.standing import pipeline
from stonks.model.alert import Severity
from stonks.model.job import QUEUES


@read("/pipeline", "getPipeline", "pipeline")
async def get_pipeline(ports: OpenPorts) -> Pipeline:
    """Every stage in order with its queues, documents by status, and sources by freshness."""
    return await pipeline(ports)


@read("/dlq", "listDeadLetterQueues", "pipeline")
async def list_dead_letter_queues(ports: OpenPorts) -> list[DeadLetterQueue]:
    """How many jobs of each queue are dead."""
    return await dead_letter_queues(ports)


@read("/dlq/groups", "listDeadLetterGroups", "pipeline")
async def list_dead_letter_groups(ports: OpenPorts) -> list[DeadLetterGroup]:
    """Dead jobs by queue and by what they failed of, the largest group first."""
    return await dead_letter_groups(ports)


@read("/dlq/{queue:str}", "listDeadLetters", "pipeline")
async def list_dead_letters(
    ports: OpenPorts,
    queue: Annotated[str, PathParameter(max_length=40)],
    limit: Limit = 50,
) -> list[DeadLetterItem]:
    """The newest dead jobs of one queue with their reason, error and payload."""
    if queue not in QUEUES:
        raise NotFoundException(f"there is no queue {queue}; there are {', '.join(QUEUES)}")
    return await dead_letters(ports, queue, limit)


@read("/alerts", "listAlerts", "pipeline")
async def list_alerts(
    ports: OpenPorts, limit: Limit = 50, cursor: Cursor = None, severity: FromQuery[Severity | None] = None
) -> AlertPage:
    """What a person should have heard about, newest first."""
    start = place(cursor)
    rows = await ports.store.rows(
        AlertRow,
        "read_pipeline.alerts",
        before_at=start.before_at,
        after_id=start.after_id,
        severity=severity,
        limit=limit + 1,
    )
    items, after = page(rows, limit, lambda row: row.raised_at, lambda row: row.id)
    return AlertPage(items=items, next_cursor=after)


@read("/lake/tables", "listLakeTables", "lake")
async def list_lake_tables(ports: OpenPorts) -> LakeTableList:
    """Every fact table of the lake with its days, rows and bytes."""
    return LakeTableList(items=await ports.store.rows(LakeTable, "read_pipeline.lake_tables"))
