"""Idle stages notice what no list tells them, with one question for all of them."""

import asyncio
from typing import Any
from uuid import uuid4

from prometheus_client import CollectorRegistry

from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.stage import Work
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import SHORT, Rig, a_stage, effect


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


async def test_a_lease_that_runs_out_is_noticed_by_an_idle_stage(rig: Rig) -> None:
    job = ParsingJob(document_id=uuid4())
    await rig.ask(job)
    await rig.ports.queue.claim("parsing", 1, 3 * SHORT)

    async with rig.running(a_stage(leave_a_mark, "parsing")):
        await rig.finished()

    assert await rig.effects() == [job.subject]
    assert (await rig.ports.queue.stats())["parsing"]["reclaimed"] == 1


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
