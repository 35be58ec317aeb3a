"""Broker: brings orders to the broker once, books what comes back, and counts what the account is worth."""

from datetime import timedelta

from stonks.ports.broker import Hinting
from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.broker.clerk import Clerk
    from stonks.stages.broker.line import Line
    from stonks.stages.broker.opening import Opening
    from stonks.stages.broker.silence import Silence
    from stonks.stages.broker.worker import Courier

    opening, news = Opening(ports), None
    if isinstance(ports.broker, Hinting):
        news = Line(ports.broker, ports.store, ports.clock, ports.settings.account).news
    return Worker(handle=Courier(ports, opening), poll=Silence(ports, Clerk(ports, opening).poll).poll, news=news)


STAGE = Stage(name="broker", open=_open, queues={"broker_orders": 1}, every=timedelta(seconds=5), concurrency=1)
