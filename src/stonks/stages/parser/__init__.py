"""Raw bytes to normalized text, the companies it names, its quality and its place among its like."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.parser.worker import Parser

    return Worker(handle=Parser(ports))


STAGE = Stage(name="parser", open=_open, queues={"parsing": 1}, feeds=("extraction", "macro_classification"))
