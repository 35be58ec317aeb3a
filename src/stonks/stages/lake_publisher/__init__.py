"""Lake publisher: a day of operational rows as facts, in Parquet that analytical engines read."""

from stonks.ports.bundle import Ports
from stonks.ports.stage import Stage, Worker


def _open(ports: Ports) -> Worker:
    from stonks.stages.lake_publisher.worker import LakePublisher

    return Worker(handle=LakePublisher(ports))


STAGE = Stage(name="lake_publisher", open=_open, queues={"lake_publish": 1}, concurrency=1, side_branch=True)
