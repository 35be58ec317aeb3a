"""Trading: which recommendations are acted on, how much, and when a position is given up."""

from datetime import timedelta

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.trading.worker import Trader

    return Worker(poll=Trader(ports).poll)


STAGE = Stage(name="trading", open=_open, feeds=("broker_orders",), every=timedelta(seconds=60))
