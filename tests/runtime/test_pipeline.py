"""Whole lives of jobs: real servers, tiny stages."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.errors import Conflict, Malformed, Refused, Throttled
from stonks.model.job import AggregationJob, ExtractionJob, IngestionJob, MacroClassificationJob, ParsingJob
from stonks.ports.stage import Stage, Work, Worker
from tests.runtime.conftest import SHORT, Rig, a_document, a_reconciler, a_stage, documents, effect, reach

AnyWork = Work[Any]


async def leave_a_mark(work: AnyWork) -> None:
    async with work.commit() as commit:
        await effect(commit, work.job.subject)


# ------------------------------------------------------------------------------------------------ the happy path


async def test_what_follows_is_done_by_the_next_stage(rig: Rig) -> None:
    asked = documents(20)

    async def first(work: AnyWork) -> None:
        async with work.commit() as commit:
            await commit.follow(ExtractionJob(document_id=work.job.document_id))

    await rig.ask(*(ParsingJob(document_id=document) for document in asked))
    await rig.run(a_stage(first, "parsing"), a_stage(leave_a_mark, "extraction"))

    assert await rig.effects() == sorted(map(str, asked))
    assert await rig.rows("SELECT count(*) FROM jobs WHERE done_at IS NOT NULL") == [(40,)]
    assert await rig.server.keys("stonks:dedupe:parsing:*") == await rig.server.keys("stonks:dedupe:extraction:*") == []


async def test_a_handler_with_nothing_to_write_is_done_all_the_same(rig: Rig) -> None:
    async def look(work: AnyWork) -> None:
        assert work.now.tzinfo is not None

    await rig.ask(ParsingJob(document_id=uuid4()))
    await rig.run(a_stage(look, "parsing"))

    assert await rig.open_jobs() == 0


async def test_a_plain_push_is_written_down_and_done_once(rig: Rig) -> None:
    document = uuid4()
    payload = b' { "document_id" : "%s" } ' % str(document).encode()
    await rig.server.rpush("stonks:queue:parsing", payload, payload, payload)

    await rig.run(a_stage(leave_a_mark, "parsing"), until=lambda: some_are_done(rig))

    assert await rig.effects() == [str(document)]
    assert await rig.rows("SELECT job_id, done_at IS NOT NULL FROM jobs WHERE queue = 'parsing'") == [
        (f"parsing:{document}", True)
    ]


async def some_are_done(rig: Rig) -> bool:
    return bool(await rig.effects()) and await rig.all_done()


async def test_a_poll_has_its_turns_and_what_follows_from_it_is_queued(rig: Rig) -> None:
    turns = 0

    async def poll(work: Work[None]) -> None:
        nonlocal turns
        turns += 1
        assert work.job is None
        async with work.commit() as commit:
            await commit.follow(ParsingJob(document_id=UUID(int=turns)))

    watch = Stage(name="watch", open=lambda _: Worker(poll=poll), every=timedelta(milliseconds=1))
    await rig.run(watch, a_stage(leave_a_mark, "parsing"), until=lambda: marks(rig, 3))

    assert (await rig.effects())[:3] == [str(UUID(int=turn)) for turn in (1, 2, 3)]


async def marks(rig: Rig, count: int) -> bool:
    return len(await rig.effects()) >= count


async def test_two_queues_are_claimed_by_their_shares(rig: Rig) -> None:
    order: list[str] = []

    async def note(work: AnyWork) -> None:
        order.append(work.job.queue)

    stage = Stage(
        name="two",
        open=lambda _: Worker(handle=note),
        queues={"extraction": 2, "macro_classification": 1},
        concurrency=3,
    )
    await rig.ask(*(ExtractionJob(document_id=document) for document in documents(40)))
    await rig.ask(*(MacroClassificationJob(document_id=document) for document in documents(20)))
    await rig.run(stage)

    assert len(order) == 60
    assert all(abs(order[:i].count("extraction") - 2 * order[:i].count("macro_classification")) <= 6 for i in range(60))


# ------------------------------------------------------------------------------------------------ many causes, one run


async def test_all_causes_known_at_the_start_are_covered_by_one_run(rig: Rig) -> None:
    await rig.ask(*(AggregationJob(ticker="AAPL", cause=str(i)) for i in range(5)))

    await rig.run(a_stage(leave_a_mark, "aggregation"))

    assert await rig.effects() == ["AAPL"]


async def test_one_run_for_many_is_handed_the_newest(rig: Rig) -> None:
    """An older job may be void by now, as a recommendation on a trend that has been replaced."""
    handed: list[tuple[str, list[str]]] = []

    async def note(work: AnyWork) -> None:
        handed.append((work.job.cause, [job.cause for job in work.covers]))

    await rig.ask(*(AggregationJob(ticker="AAPL", cause=str(i)) for i in (3, 1, 2)))
    await rig.run(a_stage(note, "aggregation"))

    assert handed == [("2", ["3", "1", "2"])]


async def test_a_cause_that_comes_up_during_a_run_leads_to_another(rig: Rig) -> None:
    async def meanwhile(work: AnyWork) -> None:
        if not await rig.effects():
            await rig.ask(AggregationJob(ticker="AAPL", cause="meanwhile"))
        await leave_a_mark(work)

    await rig.ask(AggregationJob(ticker="AAPL", cause="first"))
    await rig.run(a_stage(meanwhile, "aggregation"))

    assert await rig.effects() == ["AAPL", "AAPL"]


async def test_a_cause_written_before_but_committed_during_a_run_is_not_taken_for_seen(rig: Rig) -> None:
    """Its number is lower than that of the job in hand, and still nobody has read what it stands for."""
    await rig.ports.queue.pulse()  # or the reconciler takes an empty server for a wiped one, and pushes what is open
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wait(work: AnyWork) -> None:
        started.set()
        await go_on.wait()
        await leave_a_mark(work)

    async with rig.ports.store.transaction() as slow:
        row = {"job_ids": ["slow"], "queues": ["aggregation"], "subjects": ["AAPL"]}
        await slow.rows(str, "jobs.record", **row, payloads=[{"ticker": "AAPL", "cause": "slow"}])
        await rig.ask(AggregationJob(ticker="AAPL", cause="quick"))
        running = asyncio.create_task(rig.run(a_stage(wait, "aggregation"), until=lambda: marks(rig, 1)))
        await started.wait()
    go_on.set()
    await running

    assert await rig.rows("SELECT job_id FROM jobs WHERE queue = 'aggregation' AND done_at IS NULL") == [("slow",)]


# ------------------------------------------------------------------------------------------------ failures


async def test_a_failed_commit_leaves_nothing_and_is_tried_again(rig: Rig) -> None:
    attempts = 0

    async def stumble(work: AnyWork) -> None:
        nonlocal attempts
        attempts += 1
        async with work.commit() as commit:
            await effect(commit, attempts)
            await commit.follow(ExtractionJob(document_id=work.job.document_id))
            if attempts < 3:
                raise Conflict("someone else was first")

    await rig.ask(ParsingJob(document_id=uuid4()))
    await rig.run(a_stage(stumble, "parsing"), a_stage(leave_a_mark, "extraction"))

    assert len(await rig.effects()) == 2
    assert "3" in await rig.effects()


async def test_a_throttled_job_waits_as_long_as_it_was_told(rig: Rig) -> None:
    times: list[float] = []

    async def ask(work: AnyWork) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise Throttled(f"slow down with {work.job.subject}", timedelta(milliseconds=150))

    await rig.ask(ParsingJob(document_id=uuid4()))
    await rig.run(a_stage(ask, "parsing"))

    assert times[1] - times[0] >= 0.15


async def test_a_refused_job_is_buried_and_its_document_failed(rig: Rig) -> None:
    document = await a_document(rig)

    async def refuse(work: AnyWork) -> None:
        raise Refused(f"not for us: {work.job.subject}")

    await rig.ask(ParsingJob(document_id=document))
    await rig.run(a_stage(refuse, "parsing"))

    (letter,) = await rig.ports.queue.dead_letters("parsing", 10)
    assert (letter.reason, letter.error, letter.ledger_id) == (
        "refused",
        f"not for us: {document}",
        f"parsing:{document}",
    )
    assert await rig.rows("SELECT reason FROM jobs WHERE dead_at IS NOT NULL") == [("refused",)]
    assert await rig.rows("SELECT status, status_reason FROM documents") == [("failed", "refused")]


async def test_a_bug_is_tried_five_times_and_then_buried_with_its_place(rig: Rig) -> None:
    attempts = 0

    async def trip(work: AnyWork) -> None:
        nonlocal attempts
        attempts += 1
        raise KeyError(work.job.subject)

    await rig.ask(ParsingJob(document_id=uuid4()))
    buried = asyncio.Event()
    hurrying = asyncio.create_task(hurry(rig, "parsing", buried))
    await rig.run(a_stage(trip, "parsing"))
    buried.set()
    await hurrying

    (letter,) = await rig.ports.queue.dead_letters("parsing", 10)
    assert attempts == 5
    assert letter.reason == "keyerror"
    assert "trip:" in letter.error
    assert await rig.rows("SELECT reason FROM jobs WHERE dead_at IS NOT NULL") == [("keyerror",)]


async def hurry(rig: Rig, queue: str, enough: asyncio.Event) -> None:
    """Let whatever was put aside be due, until told that it is enough."""
    while not enough.is_set():
        for text in await rig.server.zrange(f"stonks:delayed:{queue}", 0, -1):
            assert isinstance(text, bytes)
            await rig.server.zadd(f"stonks:delayed:{queue}", {text: 1}, xx=True)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "text", [b'{"document_id": 7}', b'{"document_id": ', b'{"document_id": "\xff"}', b"{}", b'{"document_id":"x"} {}']
)
async def test_what_does_not_decode_is_buried_with_its_bytes_and_holds_up_nobody(rig: Rig, text: bytes) -> None:
    good = uuid4()
    await rig.server.rpush("stonks:queue:parsing", text)
    await rig.ask(ParsingJob(document_id=good))

    await rig.run(a_stage(leave_a_mark, "parsing"))

    (letter,) = await rig.ports.queue.dead_letters("parsing", 10)
    assert (letter.reason, letter.payload) == ("malformed", text)
    assert await rig.effects() == [str(good)]


async def test_what_the_ledger_cannot_hold_is_buried_and_holds_up_nobody(rig: Rig) -> None:
    good = uuid4()
    text = b'{"source":"nul \\u0000","run_id":"%s"}' % str(uuid4()).encode()
    await rig.ask(IngestionJob(source="good", run_id=good))
    await rig.server.rpush("stonks:queue:ingestion", text)

    await rig.run(a_stage(leave_a_mark, "ingestion"))

    (letter,) = await rig.ports.queue.dead_letters("ingestion", 10)
    assert (letter.reason, letter.payload) == ("malformed", text)
    assert await rig.effects() == ["good"]


async def test_what_waits_behind_a_dead_job_of_its_subject_is_done(rig: Rig) -> None:
    async def refuse_the_first(work: AnyWork) -> None:
        if work.job.cause == "first":
            await rig.ask(AggregationJob(ticker="AAPL", cause="second"))
            raise Malformed("first")
        await leave_a_mark(work)

    await rig.ask(AggregationJob(ticker="AAPL", cause="first"))
    await rig.run(a_stage(refuse_the_first, "aggregation"))

    assert await rig.effects() == ["AAPL"]


async def test_a_job_that_outlasts_its_deadline_is_stopped_and_tried_again(rig: Rig) -> None:
    attempts = 0

    async def hang_once(work: AnyWork) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await asyncio.sleep(3600)
        await leave_a_mark(work)

    document = uuid4()
    await rig.ask(ParsingJob(document_id=document))
    await rig.run(a_stage(hang_once, "parsing", deadline=SHORT))

    assert attempts == 2
    assert await rig.effects() == [str(document)]


async def test_a_job_longer_than_its_lease_runs_once(rig: Rig) -> None:
    attempts = 0

    async def take_long(work: AnyWork) -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(3 * SHORT.total_seconds())
        await leave_a_mark(work)

    await rig.ask(ParsingJob(document_id=uuid4()))
    await rig.run(a_stage(take_long, "parsing"), a_stage(take_long, "parsing"))

    assert attempts == 1


async def test_a_handler_that_lost_its_lease_is_stopped(rig: Rig) -> None:
    stopped = asyncio.Event()
    started = asyncio.Event()

    async def hang(work: AnyWork) -> None:
        started.set()
        assert work.job is not None
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            stopped.set()
            raise

    await rig.ask(ParsingJob(document_id=uuid4()))
    async with rig.running(a_stage(hang, "parsing")), asyncio.timeout(10):
        await started.wait()
        await rig.server.delete("stonks:inflight:parsing", "stonks:leases:parsing")
        await stopped.wait()

    assert await rig.open_jobs() == 1


# ------------------------------------------------------------------------------------------------ ends and wipes


async def test_a_stop_lets_short_work_end_and_gives_long_work_back(rig: Rig) -> None:
    started = asyncio.Semaphore(0)

    async def work_on(work: AnyWork) -> None:
        started.release()
        await asyncio.sleep(0.05 if work.job.cause == "short" else 3600)
        await leave_a_mark(work)

    await rig.ask(AggregationJob(ticker="SHORT", cause="short"), AggregationJob(ticker="LONG", cause="long"))
    async with rig.running(a_stage(work_on, "aggregation"), grace=SHORT):
        await started.acquire()
        await started.acquire()

    assert await rig.effects() == ["SHORT"]
    (job,) = await rig.ports.queue.claim("aggregation", 2, SHORT)
    assert (job.ledger_id, job.deliveries, job.crashes) == ("aggregation:LONG:long", 1, 0)


async def test_a_second_delivery_writes_nothing(rig: Rig) -> None:
    """Two workers have the same job in hand; whoever commits second finds it done."""
    both = asyncio.Barrier(2)

    async def together(work: AnyWork) -> None:
        await both.wait()
        await leave_a_mark(work)

    job = ParsingJob(document_id=uuid4())
    await rig.ask(job)
    await rig.server.rpush("stonks:queue:parsing", b'{"document_id":"%s"}' % str(job.document_id).encode())
    await rig.run(a_stage(together, "parsing"))

    assert await rig.effects() == [str(job.document_id)]


async def test_after_a_wipe_everything_open_is_done_once(rig: Rig) -> None:
    asked = documents(60)
    reconciler = a_reconciler(rig, CollectorRegistry(), timedelta(hours=1))

    async def slowly(work: AnyWork) -> None:
        await asyncio.sleep(0.002)
        await leave_a_mark(work)

    await rig.ask(*(ParsingJob(document_id=document) for document in asked))
    async with rig.running(a_stage(slowly, "parsing")), asyncio.timeout(20):
        for wipe in range(1, 6):
            await reach(partial(marks, rig, wipe * 8))
            await rig.server.flushall()
            await reconciler.look()
        await reach(rig.all_done)

    assert await rig.effects() == sorted(map(str, asked))
