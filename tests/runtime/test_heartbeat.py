"""Leases outlive a busy event loop, but no deadline, and not a dead process."""

import asyncio
import threading
import time
from typing import Any
from uuid import uuid4

from stonks.adapters.queue import open_queue
from stonks.model.job import ParsingJob
from stonks.ports.queue import Claimed
from stonks.ports.stage import Work
from tests.runtime.conftest import SHORT, Rig, a_stage, effect, victim
from tests.runtime.victim import DEADLINE


async def test_a_handler_that_blocks_the_event_loop_keeps_its_lease(rig: Rig, redis_url: str) -> None:
    stolen: list[Claimed] = []
    ended = threading.Event()

    async def steal() -> None:
        async with open_queue(redis_url) as queue:
            while not ended.wait(0.05):
                stolen.extend(await queue.claim("parsing", 1, SHORT))

    thief = threading.Thread(target=lambda: asyncio.run(steal()))

    async def block(work: Work[Any]) -> None:
        thief.start()
        time.sleep(3 * SHORT.total_seconds())
        async with work.commit() as commit:
            await effect(commit, work.job.subject)

    await rig.ask(ParsingJob(document_id=uuid4()))
    try:
        await rig.run(a_stage(block, "parsing"))
    finally:
        ended.set()
        await asyncio.to_thread(thief.join)

    assert stolen == []
    assert len(await rig.effects()) == 1


async def test_a_handler_that_blocks_past_its_deadline_loses_its_job_to_another_worker(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    taken_over: list[float] = []

    async def take_over(work: Work[Any]) -> None:
        taken_over.append(time.monotonic())
        async with work.commit() as commit:
            await effect(commit, "in time")

    await rig.ask(ParsingJob(document_id=uuid4()))
    async with asyncio.timeout(30), victim("block", database_url, redis_url) as blocked:
        await blocked.says("started")
        started = time.monotonic()
        await rig.run(a_stage(take_over, "parsing"))
        # Its loop wakes up, and finds that it may no longer say anything about the job.
        await blocked.says("job.lost")

    assert await rig.effects() == ["in time"]
    assert len(taken_over) == 1
    assert taken_over[0] - started >= DEADLINE.total_seconds() * 0.9
    assert await rig.server.hget("stonks:stats:parsing", "reclaimed") == b"1"


async def test_what_a_killed_worker_had_in_hand_another_finishes_once(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    jobs = [ParsingJob(document_id=uuid4()) for _ in range(3)]
    deliveries: list[str] = []

    async def mark(work: Work[Any]) -> None:
        deliveries.append(work.job.key)
        async with work.commit() as commit:
            await effect(commit, work.job.key)

    await rig.ask(*jobs)
    async with asyncio.timeout(30), victim("hang", database_url, redis_url) as hanging:
        await hanging.says("started", 3)
        in_hand = hanging.jobs("started")
    await rig.run(a_stage(mark, "parsing"))

    assert in_hand == {job.key for job in jobs}
    assert await rig.effects() == sorted(in_hand)
    assert sorted(deliveries) == sorted(in_hand)
    assert await rig.server.hget("stonks:stats:parsing", "reclaimed") == b"3"
