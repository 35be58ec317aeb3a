"""dramatiq on Redis: one worker process, as many threads as jobs at a time, everything else as it comes."""

import threading
from collections.abc import Iterator

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from errand import Handler, Job, main


def _connect(url: str, handle: Handler | None = None) -> tuple[RedisBroker, dramatiq.Actor[..., None]]:
    broker = RedisBroker(url=url)

    @dramatiq.actor(broker=broker)
    def do(job: Job) -> None:
        if handle is not None:
            handle(job["document_id"])

    return broker, do


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Send one message a job."""
    _, do = _connect(url)
    for job in jobs:
        do.send(job)


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Work until killed."""
    broker, _ = _connect(url, handle)
    dramatiq.Worker(broker, worker_threads=concurrency).start()
    threading.Event().wait()


main(enqueue, work)
