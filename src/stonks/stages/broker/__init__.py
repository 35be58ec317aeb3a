"""Broker: brings orders to the broker once, books what comes back, and counts what the account is worth."""

from datetime import timedelta

from stonks.ports.broker import Hinting
from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.broker.clerk import Clerk
    from stonks.stages.broker.silence import Silence
    from stonks.stages.broker.worker import Courier

    news = ports.broker.news if isinstance(ports.broker, Hinting) else None
    return Worker(handle=Courier(ports), poll=Silence(ports, Clerk(ports).poll).poll, news=news)


STAGE = Stage(name="broker", open=_open, queues={"broker_orders": 1}, every=timedelta(seconds=10), concurrency=1)
