"""Where the system stands: its mode, its clock, its pipeline. The API's routes and the command line tell the same."""

from datetime import datetime

import msgspec

from stonks.api.answers.dead_letters import DeadLetterItem, DeadLetterQueue
from stonks.api.answers.pipeline import Pipeline, QueueState, SourceState, StageState, StatusCount
from stonks.api.answers.system import ReplayState, TradingMode, UiConfig
from stonks.api.version import version
from stonks.model.job import QUEUES
from stonks.ports.bundle import Ports
from stonks.ports.queue import Depth

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
    "notifications": (),
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
    done_total: int


async def replay_state(ports: Ports) -> ReplayState | None:
    """Return how far a replay has come, or None where time is real."""
    return await ports.store.row(ReplayState, "read_system.replay")


async def ui_config(ports: Ports) -> UiConfig:
    """Return mode, clock and account; a replay moves no money, whatever the broker."""
    replay = await replay_state(ports)
    paper = ports.settings.broker_url.startswith("paper:")
    return UiConfig(
        mode=TradingMode.REPLAY if replay else TradingMode.PAPER if paper else TradingMode.LIVE,
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
    ledger = {row.queue: row for row in await ports.store.rows(_Ledger, "read_pipeline.queues", queues=list(QUEUES))}
    turns = {turn.stage: turn.polled_at for turn in await ports.store.rows(_Turn, "read_pipeline.turns")}
    stages = [
        StageState(
            stage=stage,
            queues=[_queue(depths.get(queue), ledger[queue]) for queue in queues],
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
    )


def _queue(depth: Depth | None, ledger: _Ledger) -> QueueState:
    return QueueState(
        queue=ledger.queue,
        waiting=depth.waiting if depth else 0,
        in_flight=depth.in_flight if depth else 0,
        delayed=depth.delayed if depth else 0,
        dead=depth.dead if depth else 0,
        open=ledger.open,
        oldest_open_at=ledger.oldest_open_at,
        oldest_age_seconds=ledger.oldest_age_seconds,
        done_last_5m=ledger.done_last_5m,
        done_total=ledger.done_total,
    )


async def dead_letter_queues(ports: Ports) -> list[DeadLetterQueue]:
    """Return how many jobs of each queue are dead, every queue named."""
    dead = {depth.queue: depth.dead for depth in await ports.queue.depths()}
    return [DeadLetterQueue(queue=queue, dead=dead.get(queue, 0)) for queue in QUEUES]


async def dead_letters(ports: Ports, queue: str, limit: int) -> list[DeadLetterItem]:
    """Return the newest dead jobs of one queue; bytes that are no text show as replacement characters."""
    return [
        DeadLetterItem(
            queue=queue,
            place=letter.place,
            reason=letter.reason,
            error=letter.error,
            at=letter.at,
            payload=letter.payload.decode(errors="replace"),
        )
        for letter in await ports.queue.dead_letters(queue, limit)
    ]
