"""How the pipeline stands: stages, queues, documents, sources."""

from datetime import datetime

import msgspec

from stonks.api.answers.system import ReplayState


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """One queue: the server's lists beside the ledger's rows. Ages are of wall time, in seconds.

    ``delivered`` to ``died`` are counted since the queue's server last began with an empty memory. ``took`` is from
    being written down to being done, of the newest 200. ``lease_left_seconds`` is negative when a lease is overdue.
    """

    queue: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int
    open: int
    oldest_open_at: datetime | None
    oldest_age_seconds: float | None
    done_last_5m: int
    done_total: int
    delivered: int
    retried: int
    reclaimed: int
    lost: int
    died: int
    lease_left_seconds: float | None
    took_p50_seconds: float | None
    took_p95_seconds: float | None


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """One stage with the queues it reads; a stage without queues works on its own clock."""

    stage: str
    queues: list[QueueState]
    last_polled_at: datetime | None


class StatusCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents stand here, and for which reason."""

    status: str
    reason: str | None
    documents: int


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """One source and whether it is as fresh as it promises; ``age_seconds`` is of the system's clock.

    A recorded source cannot be late: a replay polls it when its tape has something, not when its cadence says so.
    """

    name: str
    adapter: str
    cadence_seconds: float
    freshness_slo_seconds: float
    paused: bool
    failures: int
    last_success_at: datetime | None
    next_run_at: datetime | None
    age_seconds: float | None
    late: bool
    runs: int
    stored: int
    duplicates: int
    last_error: str | None


class ReconcilerState(msgspec.Struct, frozen=True, kw_only=True):
    """When some process last looked for jobs that the queue has lost; ``holds`` while that is recent, in wall time."""

    looked_at: datetime
    age_seconds: float
    holds: bool


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """The pipeline from top to bottom at one instant."""

    now: datetime
    replay: ReplayState | None
    stages: list[StageState]
    documents: list[StatusCount]
    sources: list[SourceState]
    reconciler: ReconcilerState | None
