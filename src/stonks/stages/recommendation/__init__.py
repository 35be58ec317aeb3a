"""Recommendation: what a new trend is worth acting on, for which reasons, and what holds it back."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.recommendation.rewriter import Rewriter
    from stonks.stages.recommendation.worker import Recommender

    rewriter = None if ports.agents is None else Rewriter(ports, ports.agents)
    return Worker(handle=Recommender(ports), poll=None if rewriter is None else rewriter.poll)


STAGE = Stage(name="recommendation", open=_open, queues={"recommendation": 1})
