"""Aggregation: what is said of a company and of those around it, as trends over five windows and their projections."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.aggregation.worker import Aggregator

    return Worker(handle=Aggregator(ports))


STAGE = Stage(name="aggregation", open=_open, queues={"aggregation": 1}, feeds=("recommendation",))
