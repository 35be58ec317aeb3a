"""Idle stages notice what no list tells them, with one question for all of them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.stage import Work, Worker
from stonks.runtime.lookout import look_out
from stonks.runtime.loop import StageLoop
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import SHORT, Rig, a_process, a_stage, effect


async def leave_a_mark(work: Work[Any]) -> None:
    async with work.commit() as commit:
        await effect(commit, work.job.subject)


async def test_a_job_that_another_process_put_aside_is_taken_when_it_is_due(rig: Rig) -> None:
    job = ParsingJob(document_id=uuid4())
    await rig.ask(job)
    (claimed,) = await rig.ports.queue.claim("parsing", 1, SHORT)

    async with rig.running(a_stage(leave_a_mark, "parsing")):
        await asyncio.sleep(0.1)
        await rig.ports.queue.retry("parsing", claimed.token, delay=SHORT, reason="x", error="x")
        await rig.finished()

    assert await rig.effects() == [job.subject]


@pytest.mark.parametrize("how", ["put aside", "abandoned"])
async def test_only_a_stage_whose_queue_has_something_due_is_woken(rig: Rig, how: str) -> None:
    await rig.ask(ParsingJob(document_id=uuid4()))
    (claimed,) = await rig.ports.queue.claim("parsing", 1, SHORT)
    if how == "put aside":
        await rig.ports.queue.retry("parsing", claimed.token, delay=SHORT, reason="x", error="x")

    async with a_process(rig) as process:
        loops = [StageLoop(a_stage(leave_a_mark, queue), Worker(), process) for queue in ("parsing", "extraction")]
        looking = asyncio.create_task(look_out(loops, process, timedelta(milliseconds=50)))
        news = [asyncio.create_task(loop.news()) for loop in loops]
        await asyncio.wait_for(asyncio.shield(news[0]), 20)
        process.stop.set()
        await looking

        assert not news[1].done()
        news[1].cancel()


async def test_the_end_of_a_lease_that_nobody_keeps_is_looked_for_when_it_comes(rig: Rig) -> None:
    await rig.ask(ParsingJob(document_id=uuid4()))
    await rig.ports.queue.claim("parsing", 1, SHORT)

    async with a_process(rig) as process:
        loop = StageLoop(a_stage(leave_a_mark, "parsing"), Worker(), process)
        looking = asyncio.create_task(look_out([loop], process, timedelta(hours=1)))
        await asyncio.wait_for(loop.news(), 20)
        process.stop.set()
        await looking


async def test_an_idle_process_asks_little(rig: Rig) -> None:
    stages = [a_stage(leave_a_mark, queue) for queue in ("parsing", "extraction", "aggregation", "recommendation")]
    await rig.ask(ExtractionJob(document_id=uuid4()))

    async with rig.running(*stages, telemetry=Telemetry(CollectorRegistry())):
        await rig.finished()
        before = await commands(rig)
        await asyncio.sleep(3)
        asked = await commands(rig) - before

    # One look a second for all of them, a pulse every two, and a listener on each lane that lasts for seconds.
    assert asked <= 20


async def commands(rig: Rig) -> int:
    """How many commands a client has sent, other than this one."""
    counted = await rig.server.info("commandstats")
    return sum(counted.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "blmove", "set"))
