"""Recommendation: what a new trend is worth acting on, for which reasons, and what holds it back."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.recommendation.worker import Recommender

    return Worker(handle=Recommender(ports))


STAGE = Stage(name="recommendation", open=_open, queues={"recommendation": 1})
