"""A stage whose work leads to a full queue waits, and goes on when there is room."""

import asyncio
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry

from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.queue import Demand
from stonks.ports.stage import Stage, Work, Worker
from stonks.runtime.loop import StageLoop
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import Rig, a_process, a_reconciler, a_stage, documents, effect, reach

HIGH_WATER = 3


async def pass_on(work: Work[Any]) -> None:
    async with work.commit() as commit:
        await commit.follow(ExtractionJob(document_id=work.job.document_id))


async def leave_a_mark(work: Work[Any]) -> None:
    async with work.commit() as commit:
        await effect(commit, work.job.subject)


def shallow(rig: Rig) -> Rig:
    """The same with queues that are full when three wait."""
    settings = rig.ports.settings.model_copy(update={"high_water": HIGH_WATER})
    return replace(rig, ports=replace(rig.ports, settings=settings))


FIRST = replace(a_stage(pass_on, "parsing", concurrency=1), name="first", feeds=("extraction",))
SECOND = replace(a_stage(leave_a_mark, "extraction"), name="second")


async def test_a_stage_takes_nothing_while_a_queue_that_it_feeds_is_full(rig: Rig) -> None:
    rig, registry = shallow(rig), CollectorRegistry()
    await rig.ask(*(ParsingJob(document_id=document) for document in documents(10)))

    async with rig.running(FIRST, telemetry=Telemetry(registry)), asyncio.timeout(20):
        await reach(lambda: was_held_back(registry, 3))
        parsing, extraction = await rig.depth("parsing"), await rig.depth("extraction")
        asked_before = await questions(rig)
        await asyncio.sleep(1)
        asked = await questions(rig) - asked_before

    assert (parsing.waiting, extraction.waiting) == (10 - HIGH_WATER, HIGH_WATER)
    # One who asked again at once would have asked thousands of times.
    assert asked < 50


async def was_held_back(registry: CollectorRegistry, times: int) -> bool:
    return (registry.get_sample_value("stonks_backpressure_total", {"stage": "first"}) or 0) >= times


async def questions(rig: Rig) -> int:
    """How many scripts the server has run."""
    return int((await rig.server.info("commandstats"))["cmdstat_evalsha"]["calls"])


async def test_it_goes_on_when_there_is_room(rig: Rig) -> None:
    rig, asked, registry = shallow(rig), documents(12), CollectorRegistry()
    await rig.ask(*(ParsingJob(document_id=document) for document in asked))

    async with rig.running(FIRST, telemetry=Telemetry(registry)), asyncio.timeout(20):
        await reach(lambda: was_held_back(registry, 1))
        async with rig.running(SECOND):
            await reach(rig.all_done)

    assert await rig.effects() == sorted(map(str, asked))


async def test_what_a_full_queue_turns_away_of_a_poll_is_pushed_later_and_never_all_at_once(rig: Rig) -> None:
    rig, asked, registry = shallow(rig), documents(8), CollectorRegistry()

    async def poll(work: Work[None]) -> None:
        async with work.commit() as commit:
            await commit.follow(*(ParsingJob(document_id=document) for document in asked))

    watch = Stage(name="watch", open=lambda _: Worker(poll=poll), feeds=("parsing",))
    async with a_process(rig, Telemetry(registry)) as process:
        await StageLoop(watch, Worker(poll=poll), process).poll()
    reconciler = a_reconciler(rig, CollectorRegistry())
    pushed, done = [(await rig.depth("parsing")).waiting], 0
    await rig.ports.queue.pulse()
    while await rig.open_jobs():
        await reconciler.look()
        pushed.append((await rig.depth("parsing")).waiting)
        demand = Demand(limit=2, lease=rig.ports.settings.lease, high_water=HIGH_WATER)
        claimed = (await rig.ports.queue.exchange("parsing", [], [], demand)).claimed
        await rig.database.execute(
            "UPDATE jobs SET done_at = now() WHERE job_id = ANY($1)", [job.ledger_id for job in claimed]
        )
        await rig.ports.queue.settle("parsing", [job.token for job in claimed])
        done += len(claimed)

    assert done == len(asked)
    assert max(pushed) == HIGH_WATER
    assert registry.get_sample_value("stonks_backpressure_total", {"stage": "watch"}) == 1
