"""celery on Redis: processes for few jobs at a time, as by default, threads for many; everything else as it comes."""

from collections.abc import Iterator

from celery import Celery, Task
from errand import Handler, Job, main

_MOST_PROCESSES = 4


def _connect(url: str, handle: Handler | None = None) -> tuple[Celery, Task]:
    app = Celery("bench", broker=url.replace("unix://", "redis+socket://"))

    @app.task(name="do")
    def do(job: Job) -> None:
        if handle is not None:
            handle(job["document_id"])

    return app, do


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Send one message a job."""
    _, do = _connect(url)
    for job in jobs:
        do.delay(job)


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Work until killed."""
    app, _ = _connect(url, handle)
    pool = "prefork" if concurrency <= _MOST_PROCESSES else "threads"
    app.worker_main(["worker", f"--pool={pool}", f"--concurrency={concurrency}", "--loglevel=ERROR"])


main(enqueue, work)
