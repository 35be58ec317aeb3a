"""Where the system stands: its mode, its clock, its pipeline. The API's routes and the command line tell the same."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from stonks.api.answers.pipeline import (
    Pipeline,
    QueueState,
    ReconcilerState,
    SourceState,
    StageState,
    StatusCount,
)
from stonks.api.answers.system import ReplayState, TradingMode, UiConfig
from stonks.api.version import version
from stonks.model.errors import Transient
from stonks.model.job import QUEUES
from stonks.ports.bundle import Ports
from stonks.ports.queue import Depth
from stonks.settings import LIVE_BROKER

_RECENT = 45.0  # seconds: the reconciler leaves a note every 15 to 20
_MANY = 10_000  # jobs done since the last tally that are worth a new one: 1 ms to count

_MARGIN = timedelta(seconds=10)  # between a transaction's beginning and the server's showing it

STAGE_QUEUES: dict[str, tuple[str, ...]] = {
    "scheduler": (),
    "ingestion": ("ingestion",),
    "parser": ("parsing",),
    "extractor": ("extraction", "macro_classification"),
    "aggregation": ("aggregation",),
    "recommendation": ("recommendation",),
    "trading": (),
    "broker": ("broker_orders",),
    "lake_publisher": ("lake_publish",),
    "notifications": ("notifications",),
}
"""The stages in pipeline order with the queues they read, as ``stonks.stages.PIPELINE`` has them."""


class _Turn(msgspec.Struct, frozen=True):
    stage: str
    polled_at: datetime


class _Ledger(msgspec.Struct, frozen=True):
    queue: str
    open: int
    oldest_open_at: datetime | None
    oldest_age_seconds: float | None
    done_last_5m: int
    done_untallied: int
    done_total: int
    took_p50_seconds: float | None
    took_p95_seconds: float | None


class _Look(msgspec.Struct, frozen=True):
    looked_at: datetime
    age_seconds: float


class Tallying(msgspec.Struct, frozen=True):
    """Whether to tally, and up to which instant: nothing can become done before it any more."""

    alone: bool
    until: datetime


async def replay_state(ports: Ports) -> ReplayState | None:
    """Return how far a replay has come, or None where time is real."""
    return await ports.store.row(ReplayState, "read_system.replay")


async def ui_config(ports: Ports) -> UiConfig:
    """Return mode, clock and account; a replay moves no money, and a paper account at a broker nobody's."""
    replay = await replay_state(ports)
    live = ports.settings.broker_url == LIVE_BROKER
    return UiConfig(
        mode=TradingMode.REPLAY if replay else TradingMode.LIVE if live else TradingMode.PAPER,
        now=replay.now if replay else ports.clock.now(),
        account=ports.settings.account,
        risk_tier=ports.settings.risk_tier,
        version=version(),
        replay=replay,
    )


async def present(ports: Ports) -> datetime:
    """Return the instant at which the system is: a replay's, or the clock's."""
    replay = await replay_state(ports)
    return replay.now if replay else ports.clock.now()


async def pipeline(ports: Ports) -> Pipeline:
    """Return every stage with its queues, the documents by status and the sources by freshness."""
    replay = await replay_state(ports)
    now = replay.now if replay else ports.clock.now()
    depths = {depth.queue: depth for depth in await ports.queue.depths()}
    stats = await ports.queue.stats()
    ledger = {row.queue: row for row in await ports.store.rows(_Ledger, "read_pipeline.queues", queues=list(QUEUES))}
    if sum(row.done_untallied for row in ledger.values()) > _MANY:
        await _tally(ports)
    turns = {turn.stage: turn.polled_at for turn in await ports.store.rows(_Turn, "read_pipeline.turns")}
    stages = [
        StageState(
            stage=stage,
            queues=[_queue(depths[queue], ledger[queue], stats.get(queue, {})) for queue in queues],
            last_polled_at=turns.get(stage),
        )
        for stage, queues in STAGE_QUEUES.items()
    ]
    return Pipeline(
        now=now,
        replay=replay,
        stages=stages,
        documents=await ports.store.rows(StatusCount, "read_pipeline.documents"),
        sources=await ports.store.rows(SourceState, "read_pipeline.sources", now=now, real=replay is None),
        reconciler=await _reconciler(ports),
    )


async def _reconciler(ports: Ports) -> ReconcilerState | None:
    look = await ports.store.row(_Look, "read_pipeline.reconciler")
    if look is None:
        return None
    return ReconcilerState(looked_at=look.looked_at, age_seconds=look.age_seconds, holds=look.age_seconds < _RECENT)


async def _tally(ports: Ports) -> None:
    """Write down how many jobs are done, so that the next look counts only later ones; by one process at a time."""
    with suppress(Transient):  # a server that is only read from is one that counts more
        async with ports.store.transaction() as transaction:
            tallying = await transaction.row(Tallying, "read_pipeline.tally_alone", margin=_MARGIN)
            if tallying is not None and tallying.alone:
                await transaction.run("read_pipeline.tally", queues=list(QUEUES), until=tallying.until)


def _queue(depth: Depth, ledger: _Ledger, counted: Mapping[str, int]) -> QueueState:
    return QueueState(
        queue=ledger.queue,
        waiting=depth.waiting,
        in_flight=depth.in_flight,
        delayed=depth.delayed,
        dead=depth.dead,
        open=ledger.open,
        oldest_open_at=ledger.oldest_open_at,
        oldest_age_seconds=ledger.oldest_age_seconds,
        done_last_5m=ledger.done_last_5m,
        done_total=ledger.done_total,
        delivered=counted.get("claimed", 0),
        retried=counted.get("retried", 0),
        reclaimed=counted.get("reclaimed", 0),
        lost=counted.get("lost", 0),
        died=counted.get("dead", 0),
        lease_left_seconds=None if depth.oldest_lease is None else depth.oldest_lease.total_seconds(),
        took_p50_seconds=ledger.took_p50_seconds,
        took_p95_seconds=ledger.took_p95_seconds,
    )
