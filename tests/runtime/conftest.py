"""A pipeline for tests: real servers, and tiny stages that the test defines."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from stonks.adapters.queue import open_queue
from stonks.adapters.store.postgres import PostgresStore
from stonks.model.job import Job
from stonks.ports.bundle import Ports
from stonks.ports.queue import Depth
from stonks.ports.stage import Commit, Handler, Stage, Worker
from stonks.runtime.clock import SystemClock
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.ledger import Ledger, record
from stonks.runtime.pipeline import run_stages
from stonks.runtime.process import Process
from stonks.runtime.reconciler import Reconciler
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings
from tests.fakes.ports import some_ports

SHORT = timedelta(milliseconds=400)


@dataclass(frozen=True)
class Rig:
    """Everything a test of the runtime looks at."""

    ports: Ports
    database: "asyncpg.Pool[asyncpg.Record]"
    server: Redis

    async def ask(self, *jobs: Job) -> None:
        """Have jobs done: written down and pushed, as a stage would."""
        async with self.ports.store.transaction() as transaction:
            pushes = await record(transaction, jobs)
        await self.ports.queue.enqueue(pushes, high_water=100_000)

    async def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.database.fetch(query, *parameters)]

    async def open_jobs(self) -> int:
        count: int = await self.database.fetchval(
            "SELECT count(*) FROM jobs WHERE queue <> 'effects' AND done_at IS NULL AND dead_at IS NULL"
        )
        return count

    async def effects(self) -> list[str]:
        """What handlers wrote with ``effect``, as often as they wrote it."""
        return [row[0] for row in await self.rows("SELECT subject FROM jobs WHERE queue = 'effects' ORDER BY subject")]

    async def depth(self, queue: str) -> Depth:
        return next(depth for depth in await self.ports.queue.depths() if depth.queue == queue)

    async def is_drained(self) -> bool:
        """Whether no queue has a job, be it waiting, in hand or put aside."""
        depths = await self.ports.queue.depths()
        return not any(depth.waiting or depth.in_flight or depth.delayed for depth in depths)

    async def all_done(self) -> bool:
        return not await self.open_jobs() and await self.is_drained()

    @asynccontextmanager
    async def running(
        self, *stages: Stage, grace: timedelta = timedelta(seconds=5), telemetry: Telemetry | None = None
    ) -> AsyncIterator[None]:
        """Run stages while inside, then stop them."""
        stop = asyncio.Event()
        running = asyncio.create_task(run_stages(stages, self.ports, None, stop, grace=grace, telemetry=telemetry))
        try:
            yield
        finally:
            stop.set()
            await running

    async def run(self, *stages: Stage, until: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Run stages until a condition holds; by default until everything asked for is done."""
        async with self.running(*stages):
            await self.finished(until)

    async def finished(self, until: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Return when a condition holds; by default when everything asked for is done."""
        async with asyncio.timeout(20):
            await reach(until or self.all_done)


@dataclass(frozen=True)
class Victim:
    """A worker process, ``tests/runtime/victim.py``, and what it has logged."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]]

    async def says(self, event: str, times: int = 1) -> None:
        """Return when it has logged so many lines with this event."""
        assert self.process.stderr is not None
        while sum(line["event"] == event for line in self.lines) < times:
            line = await self.process.stderr.readline()
            assert line, f"it ended without {event}: {self.lines}"
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))

    async def ends(self) -> int:
        """Return its exit code, once it has ended."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))
        return await self.process.wait()

    def jobs(self, event: str) -> set[str]:
        """The jobs of which lines with this event tell."""
        return {line["job"] for line in self.lines if line["event"] == event}


@asynccontextmanager
async def victim(role: str, database_url: str, redis_url: str, grace: float = 5) -> AsyncIterator[Victim]:
    """A worker process in this role while inside; it is killed then if it still lives."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.runtime.victim", role, database_url, redis_url, str(grace)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Victim(process, [])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def effect(commit: Commit, what: object) -> None:
    """Write a row that nothing but a rollback keeps from being written twice."""
    row = {"job_ids": [str(uuid4())], "queues": ["effects"], "subjects": [str(what)], "payloads": [{}]}
    await commit.rows(str, "jobs.record", **row)


async def reach(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110 - what is waited for happens in the servers
        await asyncio.sleep(0.005)


@asynccontextmanager
async def a_process(rig: Rig, telemetry: Telemetry | None = None) -> AsyncIterator[Process]:
    """What the stages of one process share, alive while inside."""
    telemetry = telemetry or Telemetry(CollectorRegistry())
    async with Heartbeat.beating(rig.ports.queue.keeper(), rig.ports.settings.lease, telemetry.health) as heartbeat:
        yield Process(
            ports=rig.ports,
            regime=Regime.of(rig.ports, None),
            ledger=Ledger(rig.ports.store),
            heartbeat=heartbeat,
            telemetry=telemetry,
            stop=asyncio.Event(),
        )


async def a_document(rig: Rig) -> UUID:
    """A stored document that waits to be parsed."""
    document = uuid4()
    await rig.database.execute(
        "INSERT INTO sources (name, adapter, cadence, freshness_slo) VALUES ('s', 'tape', '1h', '1h')"
    )
    await rig.database.execute(
        "INSERT INTO documents (id, source, external_id, revision, action, document_type, publisher, title, known_at,"
        " content_hash, raw_sha256, content_type, status_at)"
        " VALUES ($1, 's', 'x', 1, 'created', 'news', 'p', 't', now(), 'h', 'r', 'text/plain', now())",
        document,
    )
    return document


def a_reconciler(rig: Rig, registry: CollectorRegistry, grace: timedelta = timedelta(0)) -> Reconciler:
    """A reconciler that leaves nothing alone."""
    return Reconciler(rig.ports, Ledger(rig.ports.store), Telemetry(registry), Regime.of(rig.ports, None), grace=grace)


def a_stage(handle: Handler, *queues: str, **fields: Any) -> Stage:  # noqa: ANN401 - any of a stage's fields
    """A stage that reads these queues with equal shares."""
    return Stage(name="tiny", open=lambda _: Worker(handle=handle), queues=dict.fromkeys(queues, 1), **fields)


def documents(count: int) -> Sequence[UUID]:
    return [uuid4() for _ in range(count)]


@pytest_asyncio.fixture
async def rig(store: PostgresStore, database_url: str, redis_url: str) -> AsyncIterator[Rig]:
    settings = Settings.model_construct(lease=SHORT, high_water=100_000)
    async with (
        open_queue(redis_url) as queue,
        Redis.from_url(redis_url) as server,
        asyncpg.create_pool(database_url, min_size=1, max_size=3) as database,
    ):
        ports = some_ports(store=store, queue=queue, clock=SystemClock(), settings=settings)
        yield Rig(ports, database, server)
