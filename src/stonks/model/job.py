"""Jobs: one type a queue; ids only, never payloads."""

from typing import ClassVar
from uuid import UUID

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What travels on a queue.

    ``key`` is the ledger id: the same work asked for twice is one row. ``subject`` is what is unique while queued: jobs
    of one subject fold into the one run that sees all rows known by then.
    """

    queue: ClassVar[str]

    @property
    def key(self) -> str:
        """The deterministic id of this work in the ledger."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """What this work is about; at most one job a subject waits in a queue."""
        raise NotImplementedError


class IngestionJob(Job, frozen=True, kw_only=True):
    """Poll one source once."""

    queue: ClassVar[str] = "ingestion"
    source: str
    run_id: UUID

    @property
    def key(self) -> str:
        return f"ingestion:{self.run_id}"

    @property
    def subject(self) -> str:
        return self.source


class DocumentJob(Job, frozen=True, kw_only=True):
    """Do something with one document; the queue says what."""

    document_id: UUID

    @property
    def key(self) -> str:
        return f"{self.queue}:{self.document_id}"

    @property
    def subject(self) -> str:
        return str(self.document_id)


class ParsingJob(DocumentJob, frozen=True, kw_only=True):
    """Turn the raw bytes of one document into normalized text and mentions."""

    queue: ClassVar[str] = "parsing"


class ExtractionJob(DocumentJob, frozen=True, kw_only=True):
    """Read what one document says about the companies it names."""

    queue: ClassVar[str] = "extraction"


class MacroClassificationJob(DocumentJob, frozen=True, kw_only=True):
    """Read which macro event one document tells."""

    queue: ClassVar[str] = "macro_classification"


class AggregationJob(Job, frozen=True, kw_only=True):
    """Recompute the trends of one ticker; the cause says why, and is what makes the job new."""

    queue: ClassVar[str] = "aggregation"
    ticker: str
    cause: str

    @property
    def key(self) -> str:
        return f"aggregation:{self.ticker}:{self.cause}"

    @property
    def subject(self) -> str:
        return self.ticker


class RecommendationJob(Job, frozen=True, kw_only=True):
    """Reconsider one trend."""

    queue: ClassVar[str] = "recommendation"
    ticker: str
    window: str
    trend_id: UUID

    @property
    def key(self) -> str:
        return f"recommendation:{self.trend_id}"

    @property
    def subject(self) -> str:
        return f"{self.ticker}:{self.window}"


class BrokerOrderJob(Job, frozen=True, kw_only=True):
    """Bring one order intent to the broker."""

    queue: ClassVar[str] = "broker_orders"
    order_id: UUID

    @property
    def key(self) -> str:
        return f"broker_orders:{self.order_id}"

    @property
    def subject(self) -> str:
        return str(self.order_id)


class LakePublishJob(Job, frozen=True, kw_only=True):
    """Write one day of one table as Parquet, replacing what was there; the cause makes a later range new."""

    queue: ClassVar[str] = "lake_publish"
    table: str
    day: str
    cause: str

    @property
    def key(self) -> str:
        return f"lake_publish:{self.table}:{self.day}:{self.cause}"

    @property
    def subject(self) -> str:
        return f"{self.table}:{self.day}"


QUEUES: dict[str, type[Job]] = {
    job.queue: job
    for job in (
        IngestionJob,
        ParsingJob,
        ExtractionJob,
        MacroClassificationJob,
        AggregationJob,
        RecommendationJob,
        BrokerOrderJob,
        LakePublishJob,
    )
}
"""Every queue of the pipeline with the type of its jobs, in pipeline order."""
