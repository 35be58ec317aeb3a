"""A stage in a replay, with the replay's own clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from stonks.model.errors import Conflict, Refused
from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.stage import Stage, Work, Worker
from stonks.replay.clock import WAITING, ClockRow, ReplayClock
from stonks.replay.driver import Driver
from stonks.replay.instants import Instant
from stonks.runtime.pipeline import run_stages
from tests.runtime.conftest import Rig, a_stage, effect, reach

START = datetime(2025, 4, 1, 13, 30, tzinfo=UTC)
STEP = timedelta(minutes=5)
LIMIT = 20


async def clock_of(rig: Rig) -> ReplayClock:
    async with rig.ports.store.transaction() as transaction:
        await transaction.run("replay.begin", tape="test", starts_at=START, ends_at=START + timedelta(days=1))
    row = await rig.ports.store.row(ClockRow, "replay.clock")
    assert row is not None
    return ReplayClock(rig.ports.store, row)


@asynccontextmanager
async def replaying(rig: Rig, clock: ReplayClock, *stages: Stage) -> AsyncIterator[None]:
    stop = asyncio.Event()
    ports = replace(rig.ports, clock=clock)
    running = asyncio.create_task(run_stages(stages, ports, clock, stop, grace=timedelta(seconds=1)))
    try:
        async with asyncio.timeout(LIMIT):
            yield
    finally:
        stop.set()
        await running


async def test_stages_work_one_after_another_at_each_instant(rig: Rig) -> None:
    told: list[tuple[str, datetime]] = []

    async def poll(work: Work[None]) -> None:
        told.append(("poll", work.now))
        async with work.commit() as commit:
            await commit.follow(*(ParsingJob(document_id=uuid4()) for _ in range(9)))

    async def parse(work: Work[Any]) -> None:
        told.append(("parse", work.now))
        async with work.commit() as commit:
            await commit.follow(ExtractionJob(document_id=work.job.document_id))

    async def extract(work: Work[Any]) -> None:
        told.append(("extract", work.now))

    clock = await clock_of(rig)
    stages = (
        Stage(name="scheduler", open=lambda _: Worker(poll=poll), every=STEP),
        replace(a_stage(parse, "parsing"), name="parser"),
        replace(a_stage(extract, "extraction"), name="extractor"),
    )
    instants = [START + STEP * i for i in (1, 2, 3)]

    async with replaying(rig, clock, *stages):
        driver = Driver(clock, rig.ports.store, rig.ports.queue, stages)
        await driver.play([Instant(at) for at in instants], days_per_second=None, progress=lambda _: None)

    assert told == [
        (what, at)
        for at in instants
        for what, times in (("poll", 1), ("parse", 9), ("extract", 9))
        for _ in range(times)
    ]


async def test_a_replay_goes_on_though_more_follows_from_an_instant_than_a_queue_takes(rig: Rig) -> None:
    """The stage that would make room is closed until the one before it has drained."""
    settings = rig.ports.settings.model_copy(update={"high_water": 1})
    rig, done = replace(rig, ports=replace(rig.ports, settings=settings)), 0

    async def poll(work: Work[None]) -> None:
        async with work.commit() as commit:
            await commit.follow(*(ParsingJob(document_id=uuid4()) for _ in range(9)))

    async def parse(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await commit.follow(ExtractionJob(document_id=work.job.document_id))

    async def extract(work: Work[Any]) -> None:
        nonlocal done
        done += work.now == START + STEP

    clock = await clock_of(rig)
    stages = (
        Stage(name="scheduler", open=lambda _: Worker(poll=poll), every=STEP, feeds=("parsing",)),
        replace(a_stage(parse, "parsing"), name="parser", feeds=("extraction",)),
        replace(a_stage(extract, "extraction"), name="extractor"),
    )
    async with replaying(rig, clock, *stages):
        driver = Driver(clock, rig.ports.store, rig.ports.queue, stages)
        await driver.play([Instant(START + STEP)], days_per_second=None, progress=lambda _: None)

    assert done == 9


async def test_a_closed_stage_takes_nothing(rig: Rig) -> None:
    async def mark(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await effect(commit, work.now.isoformat())

    clock = await clock_of(rig)
    async with replaying(rig, clock, replace(a_stage(mark, "parsing"), name="parser")):
        await rig.ask(ParsingJob(document_id=uuid4()))
        await clock.move(START, "extractor")
        await asyncio.sleep(0.1)
        assert await rig.effects() == []

        await clock.move(START + STEP, "parser")
        await reach(rig.all_done)

    assert await rig.effects() == [(START + STEP).isoformat()]


async def test_a_stage_that_is_opened_again_at_the_same_instant_goes_on_with_its_jobs(rig: Rig) -> None:
    """A clock that loses its line to the database closes every stage until it knows where the replay stands."""

    async def mark(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await effect(commit, work.now.isoformat())

    clock = await clock_of(rig)
    async with replaying(rig, clock, replace(a_stage(mark, "parsing"), name="parser")):
        await clock.move(START, "parser")
        await clock.wait_drained(5)
        await clock.move(START, WAITING)
        await asyncio.sleep(0.1)
        await rig.ask(ParsingJob(document_id=uuid4()))

        await clock.move(START, "parser")
        await reach(rig.all_done)

    assert await rig.effects() == [START.isoformat()]


async def test_a_job_that_comes_while_the_stage_is_open_is_done_at_the_same_instant(rig: Rig) -> None:
    async def mark(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await effect(commit, work.now.isoformat())

    clock = await clock_of(rig)
    async with replaying(rig, clock, replace(a_stage(mark, "parsing"), name="parser")):
        await clock.move(START, "parser")
        await clock.wait_drained(5)
        await rig.ask(ParsingJob(document_id=uuid4()))
        await reach(rig.all_done)

    assert await rig.effects() == [START.isoformat()]


async def test_a_poll_that_stumbles_is_repeated_at_the_same_instant(rig: Rig) -> None:
    told: list[datetime] = []

    async def poll(work: Work[None]) -> None:
        told.append(work.now)
        if len(told) == 1:
            raise Conflict("someone else was first")

    clock = await clock_of(rig)
    stage = Stage(name="trading", open=lambda _: Worker(poll=poll), every=STEP)
    async with replaying(rig, clock, stage):
        for i in (1, 2):
            await clock.move(START + STEP * i, "trading")
            await clock.wait_polled("trading")

    assert told == [START + STEP, START + STEP, START + STEP * 2]


async def test_a_replay_whose_stage_cannot_poll_ends_with_the_reason(rig: Rig) -> None:
    async def poll(work: Work[None]) -> None:
        raise Refused(f"no account at {work.now:%H:%M}")

    clock = await clock_of(rig)
    stage = Stage(name="trading", open=lambda _: Worker(poll=poll), every=STEP)
    running = asyncio.create_task(run_stages((stage,), replace(rig.ports, clock=clock), clock, asyncio.Event()))
    await clock.move(START, "trading")

    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(running, LIMIT)

    assert ended.group_contains(Refused, match="trading cannot poll: refused: no account at 13:30")
