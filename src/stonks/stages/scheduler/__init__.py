"""Says what is due: polls of sources, recomputation at session marks, lake partitions, and documents that got stuck."""

from datetime import timedelta

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.scheduler.worker import Scheduler

    return Worker(poll=Scheduler(ports))


STAGE = Stage(
    name="scheduler",
    open=_open,
    feeds=("ingestion", "parsing", "extraction", "macro_classification", "aggregation", "lake_publish"),
    every=timedelta(seconds=5),
    concurrency=1,
)
