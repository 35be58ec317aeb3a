"""Extraction: what documents say of companies, which macro events they tell, and what those mean for every company."""

from datetime import timedelta

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.extractor.worker import Extractor

    return Worker(handle=Extractor(ports))


STAGE = Stage(
    name="extractor",
    open=_open,
    queues={"extraction": 2, "macro_classification": 1},
    feeds=("aggregation",),
    # Beyond one and a half times the longest STONKS_LLM_PATIENCE: a document may take that long with a slow model.
    deadline=timedelta(minutes=7),
)
