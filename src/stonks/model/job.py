"""Jobs: one type a queue; ids only, never payloads."""

from datetime import timedelta
from typing import ClassVar, Literal
from uuid import UUID

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, eq=False):
    """What travels on a queue.

    ``key`` is the ledger id: the same work asked for twice is one row. ``subject`` is what is unique while queued: jobs
    of one subject fold into the one run that sees all rows known by then. ``traceparent`` is the W3C header of that
    name, ``00-<trace id>-<parent id>-<flags>``: it says what led to the job, and nothing about which job it is.
    """

    queue: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    about: ClassVar[tuple[str, ...]]
    spacing: ClassVar[timedelta | None] = None
    """When time is real: how long after one job of a subject no other is queued; None: until the first is done."""

    traceparent: str | None = None

    def __eq__(self, other: object) -> bool:
        """Whether both ask for the same work in the same words, whatever led to it."""
        return isinstance(other, Job) and type(self) is type(other) and _words(self) == _words(other)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.key)

    @property
    def key(self) -> str:
        """The deterministic id of this work in the ledger."""
        words = (getattr(self, field) for field in self.identity)
        return ":".join((self.queue, *(str(word) for word in words if word is not None)))

    @property
    def subject(self) -> str:
        """What this work is about; at most one job a subject waits in a queue."""
        return ":".join(str(getattr(self, field)) for field in self.about)


def _words(job: Job) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(job).items() if name != "traceparent"}


class IngestionJob(Job, frozen=True, kw_only=True):
    """Poll one source once."""

    queue: ClassVar[str] = "ingestion"
    identity: ClassVar[tuple[str, ...]] = ("run_id",)
    about: ClassVar[tuple[str, ...]] = ("source",)
    source: str
    run_id: UUID


class DocumentJob(Job, frozen=True, kw_only=True):
    """Do something with one document; the queue says what."""

    identity: ClassVar[tuple[str, ...]] = ("document_id",)
    about: ClassVar[tuple[str, ...]] = ("document_id",)
    document_id: UUID


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
    identity: ClassVar[tuple[str, ...]] = ("ticker", "cause")
    about: ClassVar[tuple[str, ...]] = ("ticker",)
    ticker: str
    cause: str


class RecommendationJob(Job, frozen=True, kw_only=True):
    """Reconsider one trend."""

    queue: ClassVar[str] = "recommendation"
    identity: ClassVar[tuple[str, ...]] = ("trend_id",)
    about: ClassVar[tuple[str, ...]] = ("ticker", "window")
    spacing: ClassVar[timedelta | None] = timedelta(minutes=5)
    ticker: str
    window: str
    trend_id: UUID


class BrokerOrderJob(Job, frozen=True, kw_only=True):
    """Bring one order intent to the broker, or take it back: its row says what is still to be done."""

    queue: ClassVar[str] = "broker_orders"
    identity: ClassVar[tuple[str, ...]] = ("order_id", "wish")
    about: ClassVar[tuple[str, ...]] = ("order_id",)
    order_id: UUID
    wish: Literal["cancel"] | None = None


class LakePublishJob(Job, frozen=True, kw_only=True):
    """Write one day of one table as Parquet, replacing what was there; the cause makes a later range new."""

    queue: ClassVar[str] = "lake_publish"
    identity: ClassVar[tuple[str, ...]] = ("table", "day", "cause")
    about: ClassVar[tuple[str, ...]] = ("table", "day")
    table: str
    day: str
    cause: str


class NotificationJob(Job, frozen=True, kw_only=True):
    """Tell one channel what waits for it; the cause, an instant, is what makes the job new."""

    queue: ClassVar[str] = "notifications"
    identity: ClassVar[tuple[str, ...]] = ("channel", "cause")
    about: ClassVar[tuple[str, ...]] = ("channel",)
    channel: str
    cause: str


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
        NotificationJob,
    )
}
"""Every queue of the pipeline with the type of its jobs, in pipeline order."""
