"""Notifications: alerts to people, and never in anybody's way."""

from datetime import timedelta

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.notifications.worker import Messenger

    return Worker(poll=Messenger(ports).poll)


STAGE = Stage(name="notifications", open=_open, every=timedelta(seconds=10), side_branch=True)
