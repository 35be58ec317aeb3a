"""Fetches what is due, keeps the raw bytes, and stores what is new once."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.ingestion.worker import Ingestion

    return Worker(handle=Ingestion(ports))


STAGE = Stage(name="ingestion", open=_open, queues={"ingestion": 1}, feeds=("parsing", "aggregation"))
