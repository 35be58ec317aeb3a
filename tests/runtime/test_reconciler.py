import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.job import AggregationJob, ParsingJob
from stonks.ports.queue import DeadLetter, Depth, Queue
from stonks.ports.stage import Work
from stonks.runtime.ledger import record
from stonks.runtime.reconciler import Reconciler, job_in
from tests.runtime.conftest import SHORT, Rig, a_reconciler, a_stage

AT_ONCE, NEVER = timedelta(0), timedelta(days=1)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def reconciler(rig: Rig, grace: timedelta, registry: CollectorRegistry | None = None) -> Reconciler:
    return a_reconciler(rig, registry or CollectorRegistry(), grace)


async def forget_to_push(rig: Rig, *jobs: ParsingJob | AggregationJob) -> None:
    """As if the process had died between its commit and its push."""
    async with rig.ports.store.transaction() as transaction:
        await record(transaction, jobs)


async def test_a_job_whose_push_was_lost_is_pushed_after_a_grace(rig: Rig, registry: CollectorRegistry) -> None:
    await rig.ports.queue.pulse()
    await forget_to_push(rig, ParsingJob(document_id=uuid4()))

    assert await reconciler(rig, NEVER).look() == 0
    assert await reconciler(rig, AT_ONCE, registry).look() == 1

    assert (await rig.depth("parsing")).waiting == 1
    assert registry.get_sample_value("stonks_reconciler_pushes_total") == 1


async def test_a_long_backlog_is_not_amplified(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(1200)))

    assert await reconciler(rig, AT_ONCE).look() == 0

    assert (await rig.depth("parsing")).waiting == 1200


async def test_after_a_wipe_everything_open_is_pushed_at_once(rig: Rig, registry: CollectorRegistry) -> None:
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(1200)))
    await rig.ask(*(AggregationJob(ticker="AAPL", cause=str(i)) for i in range(3)))
    await rig.server.flushall()

    assert await reconciler(rig, NEVER, registry).look() == 1201

    assert registry.get_sample_value("stonks_queue_wipes_total") == 1
    assert await reconciler(rig, NEVER, CollectorRegistry()).look() == 0


async def test_a_list_that_someone_deleted_is_filled_again(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(3)))
    await rig.server.delete("stonks:queue:parsing")
    await rig.database.execute("UPDATE jobs SET created_at = now() - interval '5 minutes'")

    assert await reconciler(rig, AT_ONCE).look() == 3
    assert await reconciler(rig, AT_ONCE).look() == 0

    assert (await rig.depth("parsing")).waiting == 3


async def test_a_job_that_died_with_its_worker_is_dead_in_the_ledger_and_not_pushed(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    await rig.ask(ParsingJob(document_id=uuid4()))
    await die_with_its_worker(rig)

    assert await reconciler(rig, AT_ONCE).look() == 0

    assert await rig.rows("SELECT reason FROM jobs WHERE dead_at IS NOT NULL") == [("lease_expired",)]


async def test_one_process_at_a_time_reconciles(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    await forget_to_push(rig, ParsingJob(document_id=uuid4()))

    async with rig.ports.store.transaction() as other:
        assert await other.value("jobs.reconcile_alone")
        assert await reconciler(rig, AT_ONCE).look() == 0

    assert await reconciler(rig, AT_ONCE).look() == 1


async def test_it_looks_until_it_is_told_to_stop(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    stop = asyncio.Event()
    running = asyncio.create_task(reconciler(rig, AT_ONCE).run(timedelta(milliseconds=10), stop))
    await forget_to_push(rig, ParsingJob(document_id=uuid4()))

    await asyncio.wait_for(rig.ports.queue.wait("parsing", timedelta(seconds=5)), 5)
    stop.set()
    await asyncio.wait_for(running, 5)

    assert (await rig.depth("parsing")).waiting == 1


def test_a_letter_that_is_no_job_is_passed_over() -> None:
    from datetime import UTC, datetime

    at = datetime(2025, 1, 1, tzinfo=UTC)
    letter = DeadLetter(place=0, queue="parsing", payload=b"{", reason="malformed", error="", at=at)

    assert job_in(letter) is None


async def test_a_wipe_that_was_noticed_is_remembered_until_everything_is_pushed(rig: Rig) -> None:
    """The server tells it once: whoever heard it may not reach the ledger at that moment."""
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(3)))
    await rig.server.flushall()
    one = reconciler(rig, NEVER)

    async with rig.ports.store.transaction() as other:
        assert await other.value("jobs.reconcile_alone")
        assert await one.look() == 0
    assert await one.look() == 3


async def test_a_backlog_is_looked_through_in_parts_and_none_of_it_is_passed_over(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(2600)))
    await forget_to_push(rig, *(ParsingJob(document_id=uuid4()) for _ in range(5)))
    one = reconciler(rig, AT_ONCE)

    found = [await one.look() for _ in range(4)]

    assert sum(found) == 5
    assert found[0] == 0


async def test_rows_whose_lock_is_an_orphan_are_pushed_and_counted(rig: Rig, registry: CollectorRegistry) -> None:
    await rig.ports.queue.pulse()
    await rig.ask(*(ParsingJob(document_id=uuid4()) for _ in range(3)))
    (in_hand,) = await rig.ports.queue.claim("parsing", 1, NEVER)
    await rig.server.delete("stonks:queue:parsing")
    one = reconciler(rig, AT_ONCE, registry)

    assert await one.look() == 0  # too young: their locks may be for good reason
    await rig.database.execute("UPDATE jobs SET created_at = now() - interval '5 minutes'")
    assert await one.look() == 2

    assert registry.get_sample_value("stonks_reconciler_orphans_total") == 2
    assert await rig.server.lrange("stonks:queue:parsing", 0, -1) != []
    assert in_hand.ledger_id is not None
    assert (await rig.depth("parsing")).in_flight == 1


async def test_a_job_that_dies_while_it_looks_is_dead_in_the_ledger_and_not_run_again(rig: Rig) -> None:
    await rig.ports.queue.pulse()
    job = ParsingJob(document_id=uuid4())
    await rig.ask(job)
    ports = replace(rig.ports, queue=cast("Queue", DeadlyAfterLetters(rig.ports.queue, rig)))
    ran: list[str] = []

    async def run(work: Work[Any]) -> None:
        ran.append(work.job.key)

    assert await a_reconciler(replace(rig, ports=ports), CollectorRegistry()).look() == 1
    assert (await rig.depth("parsing")).waiting == 1
    await rig.run(a_stage(run, "parsing"), until=rig.is_drained)

    assert ran == []
    assert await rig.rows("SELECT reason FROM jobs") == [("lease_expired",)]
    assert [letter.ledger_id for letter in await rig.ports.queue.dead_letters("parsing", 9)] == [job.key]


class DeadlyAfterLetters:
    """A queue whose one job dies right after it was looked at for the first time."""

    def __init__(self, queue: Queue, rig: Rig) -> None:
        self._queue = queue
        self._rig = rig
        self._looks = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the queue has
        return getattr(self._queue, name)

    async def depths(self) -> list[Depth]:
        depths = await self._queue.depths()
        self._looks += 1
        if self._looks == 1:
            await die_with_its_worker(self._rig)
        return depths


async def die_with_its_worker(rig: Rig) -> None:
    for _ in range(3):
        (job,) = await rig.ports.queue.claim("parsing", 1, SHORT)
        await rig.server.zadd("stonks:leases:parsing", {job.token: 1})
    await rig.ports.queue.claim("parsing", 1, SHORT)
