"""Our queue alone: the adapter, the fetcher and the loop of a live stage around handlers; no ledger, no database."""

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Any

import msgspec
import uvloop
from errand import Handler, Job, main
from prometheus_client import CollectorRegistry

from stonks.adapters.queue import open_queue
from stonks.ports.bundle import Ports
from stonks.ports.queue import Claimed, Push, Queue
from stonks.ports.stage import Stage, Worker
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.ledger import Ledger
from stonks.runtime.live import work_as_it_comes
from stonks.runtime.lookout import look_out
from stonks.runtime.process import Process
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings

QUEUE = "parsing"
_HIGH_WATER = 10_000_000


def some_ports(**given: Any) -> Ports:  # noqa: ANN401 - any port
    """Return ports of which only these are there."""
    return Ports(**(dict.fromkeys(field.name for field in fields(Ports)) | given))


def push_of(job: Job) -> Push:
    """Return how to enqueue a job, as the ledger would."""
    subject = job["document_id"]
    return Push(queue=QUEUE, payload=msgspec.json.encode(job), subject=subject, ledger_id=f"{QUEUE}:{subject}")


def enqueue(url: str, jobs: Iterator[Job]) -> None:
    """Enqueue one job after another, each with its presence lock."""
    uvloop.run(_enqueue(url, jobs))


async def _enqueue(url: str, jobs: Iterator[Job]) -> None:
    async with open_queue(url) as queue:
        for job in jobs:
            await queue.enqueue([push_of(job)], high_water=_HIGH_WATER)


def work(url: str, concurrency: int, handle: Handler) -> None:
    """Work until killed."""
    uvloop.run(_work(url, concurrency, handle))


async def _work(url: str, concurrency: int, handle: Handler) -> None:
    stage = Stage(name="bench", open=lambda _: Worker(), queues={QUEUE: 1}, concurrency=concurrency)
    async with open_queue(url) as queue, asyncio.TaskGroup() as group:
        process = _process(queue)
        loop = _Loop(stage, process, handle)
        group.create_task(look_out([loop], process, timedelta(seconds=1)))
        await work_as_it_comes(loop, process.stop, stage.deadline)


def _process(queue: Queue) -> Process:
    """What a stage knows of its process."""
    ports = some_ports(queue=queue, settings=Settings.model_construct(high_water=_HIGH_WATER))
    return Process(
        ports=ports,
        regime=Regime.of(ports, None),
        ledger=Ledger(ports.store),
        heartbeat=None,
        telemetry=Telemetry(CollectorRegistry()),
        stop=asyncio.Event(),
    )


class _Loop:
    """What a live stage drives, with nothing around its handlers but the queue."""

    def __init__(self, stage: Stage, process: Process, handle: Handler) -> None:
        self.stage = stage
        self.queue = process.ports.queue
        self.gave: frozenset[str] = frozenset()
        self._fetcher = Fetcher(stage, process)
        self._handle = handle
        self._hands: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def owes(self) -> bool:
        return self._fetcher.owes

    @property
    def free(self) -> int:
        return self.stage.concurrency - len(self._hands)

    def notify(self) -> None:
        self._news.set()

    async def news(self) -> None:
        await self._news.wait()
        self._news.clear()

    async def turn(self) -> int:
        self._news.clear()
        fetched = await self._fetcher.fetch(self.free, {QUEUE: len(self._hands)})
        self.gave = frozenset(queue for queue, _ in fetched)
        for queue, claimed in fetched:
            task = self._loop.create_task(self._do(queue, claimed))
            self._hands.add(task)
            task.add_done_callback(self._ended)
        return len(fetched)

    async def _do(self, queue: str, claimed: Claimed) -> None:
        subject = msgspec.json.decode(claimed.payload)["document_id"]
        await self._handle.aio(subject)
        self._fetcher.settle(queue, claimed.token, subject)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._hands.discard(task)
        task.result()
        self._news.set()


if __name__ == "__main__":
    main(enqueue, work)
