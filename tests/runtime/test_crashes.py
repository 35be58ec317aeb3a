"""What kills its worker is isolated and ends dead; what was beside it is done."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry

from stonks.model.errors import Crashed, Waiting
from stonks.model.job import AggregationJob, ExtractionJob, ParsingJob
from stonks.ports.stage import Work
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import Rig, Victim, a_document, a_reconciler, a_stage, documents, effect, victim
from tests.runtime.victim import POISON

AT_MOST = 60  # seconds


async def lives(role: str, rig: Rig, database_url: str, redis_url: str) -> AsyncIterator[Victim]:
    """Workers, one after another, each from its start to its death, until everything asked for is done or dead."""
    reconciler = a_reconciler(rig, CollectorRegistry())
    async with asyncio.timeout(AT_MOST):
        while await rig.open_jobs():
            async with victim(role, database_url, redis_url) as worker:
                ending = asyncio.create_task(worker.ends())
                while not ending.done() and not await rig.is_drained():
                    await asyncio.wait({ending}, timeout=0.05)
                if not ending.done():
                    worker.process.kill()
                await ending
            yield worker
            # What died with its worker nobody could tell the ledger but the reconciler.
            await reconciler.look()


def most_crashes(workers: list[Victim], poison: str) -> int:
    """The most crashes of any other job that was done."""
    done = [line for worker in workers for line in worker.lines if line["event"] == "job.ok"]
    return max(int(line["crashes"]) for line in done if line["job"] != poison)


async def test_a_job_that_kills_its_worker_ends_dead_and_all_others_are_done_once(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    poison, innocent = ParsingJob(document_id=UUID(POISON)), [ParsingJob(document_id=d) for d in documents(20)]
    await rig.ports.queue.pulse()
    await rig.ask(*innocent[:5], poison, *innocent[5:])

    workers = [worker async for worker in lives("poison", rig, database_url, redis_url)]

    assert await rig.rows("SELECT job_id, reason FROM jobs WHERE dead_at IS NOT NULL") == [
        (poison.key, "lease_expired")
    ]
    assert [letter.ledger_id for letter in await rig.ports.queue.dead_letters("parsing", 10)] == [poison.key]
    assert await rig.effects() == sorted(job.subject for job in innocent)
    assert most_crashes(workers, poison.key) <= 2


async def test_jobs_of_other_queues_in_the_same_process_outlive_it_as_well(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    poison, innocent = ExtractionJob(document_id=UUID(POISON)), [ParsingJob(document_id=d) for d in documents(4)]
    await rig.ports.queue.pulse()
    await rig.ask(*innocent, poison)

    workers = [worker async for worker in lives("two stages", rig, database_url, redis_url)]

    assert await rig.rows("SELECT job_id FROM jobs WHERE dead_at IS NOT NULL") == [(poison.key,)]
    assert await rig.effects() == sorted(job.subject for job in innocent)
    assert most_crashes(workers, poison.key) <= 2


async def test_work_whose_process_died_is_tried_three_times_and_its_document_then_failed(rig: Rig) -> None:
    document, attempts = await a_document(rig), 0

    async def crash(work: Work[Any]) -> None:
        nonlocal attempts
        attempts += 1
        raise Crashed(f"signal 9 over {work.job.subject}")

    await rig.ask(ParsingJob(document_id=document))
    await rig.run(a_stage(crash, "parsing"))

    (letter,) = await rig.ports.queue.dead_letters("parsing", 10)
    assert attempts == 3
    assert (letter.reason, letter.error, letter.crashes) == ("crashed", f"signal 9 over {document}", 3)
    assert await rig.rows("SELECT reason FROM jobs WHERE dead_at IS NOT NULL") == [("crashed",)]
    assert await rig.rows("SELECT status, status_reason FROM documents") == [("failed", "crashed")]


async def test_a_job_that_may_not_be_done_yet_waits_on_its_queue_and_that_does_not_count_against_it(rig: Rig) -> None:
    tries = 0

    async def wait_for_it(work: Work[Any]) -> None:
        nonlocal tries
        tries += 1
        if tries <= 3:
            raise Waiting("not yet")
        async with work.commit() as commit:
            await effect(commit, work.job.cause)

    await rig.ask(AggregationJob(ticker="AAPL", cause="at last"))
    await rig.run(a_stage(wait_for_it, "aggregation"))

    assert await rig.effects() == ["at last"]
    counted = (await rig.ports.queue.stats())["aggregation"]
    assert (counted["released"], counted.get("retried", 0), counted.get("dead", 0)) == (3, 0, 0)


async def test_what_waits_behind_a_job_that_crashed_to_death_is_done(rig: Rig) -> None:
    crashes = 0

    async def crash_the_first(work: Work[Any]) -> None:
        nonlocal crashes
        if work.job.cause == "first":
            crashes += 1
            if crashes == 3:
                await rig.ask(AggregationJob(ticker="AAPL", cause="second"))
            raise Crashed("first")
        async with work.commit() as commit:
            await effect(commit, work.job.cause)

    await rig.ports.queue.pulse()
    registry = CollectorRegistry()
    await rig.ask(AggregationJob(ticker="AAPL", cause="first"))
    async with rig.running(a_stage(crash_the_first, "aggregation"), telemetry=Telemetry(registry)):
        await rig.finished()

    assert await rig.effects() == ["second"]
    # Not because the reconciler found it at last.
    assert registry.get_sample_value("stonks_reconciler_pushes_total") == 0


async def test_a_job_whose_next_crash_is_its_last_is_in_hand_alone(rig: Rig) -> None:
    before, suspects, after = ([str(document) for document in documents(3)] for _ in range(3))
    in_hand: list[str] = []
    beside: dict[str, set[str]] = {}

    async def note(work: Work[Any]) -> None:
        in_hand.append(work.job.subject)
        for subject in in_hand:
            beside.setdefault(subject, set()).update(in_hand)
        await asyncio.sleep(0.01 * (1 + before.index(work.job.subject)) if work.job.subject in before else 0.03)
        in_hand.remove(work.job.subject)

    await rig.ask(*(ParsingJob(document_id=UUID(subject)) for subject in suspects))
    await have_crashed_twice(rig)
    await rig.ask(*(ParsingJob(document_id=UUID(subject)) for subject in after))
    await rig.server.rpush("stonks:queue:parsing:high", *(f'{{"document_id":"{subject}"}}' for subject in before))
    await rig.run(a_stage(note, "parsing", concurrency=8), until=lambda: all_seen(rig, beside, 9))

    assert {subject: beside[subject] for subject in suspects} == {subject: {subject} for subject in suspects}
    assert max(len(beside[subject]) for subject in before) == 3
    assert max(len(beside[subject]) for subject in after) > 1


async def have_crashed_twice(rig: Rig) -> None:
    """Have every job that waits in parsing seen two crashes."""
    for _ in range(2):
        claimed = await rig.ports.queue.claim("parsing", 3, rig.ports.settings.lease)
        for job in reversed(claimed):
            assert await rig.ports.queue.crash("parsing", job.token, reason="crashed", error="x") == "returned"


async def all_seen(rig: Rig, seen: dict[str, set[str]], count: int) -> bool:
    return len(seen) == count and await rig.all_done()
