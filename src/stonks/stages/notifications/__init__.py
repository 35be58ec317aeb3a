"""Notifications: alerts to people, and never in anybody's way."""

from datetime import timedelta

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.notifications.worker import Messenger, Planner

    return Worker(handle=Messenger(ports), poll=Planner(ports).poll)


STAGE = Stage(
    name="notifications",
    open=_open,
    queues={"notifications": 1},
    every=timedelta(seconds=10),
    concurrency=8,  # a channel has one job at a time: one that hangs holds up no other
    side_branch=True,
)
