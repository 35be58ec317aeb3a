"""Leases outlive a busy event loop, and not a dead process."""

import asyncio
import sys
import threading
import time
from typing import Any
from uuid import uuid4

from stonks.adapters.queue import open_queue
from stonks.model.job import ParsingJob
from stonks.ports.queue import Claimed
from stonks.ports.stage import Work
from tests.runtime.conftest import SHORT, Rig, a_stage, effect


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
    await rig.run(a_stage(block, "parsing"))
    ended.set()
    await asyncio.to_thread(thief.join)

    assert stolen == []
    assert len(await rig.effects()) == 1


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
    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.runtime.victim", database_url, redis_url),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert victim.stderr is not None
    in_hand: set[str] = set()
    async for line in victim.stderr:
        in_hand |= {line.decode().strip()} & {job.key for job in jobs}
        if len(in_hand) == len(jobs):
            break
    victim.kill()
    await victim.wait()
    await rig.run(a_stage(mark, "parsing"))

    assert in_hand == {job.key for job in jobs}
    assert await rig.effects() == sorted(in_hand)
    assert sorted(deliveries) == sorted(in_hand)
    assert await rig.server.hget("stonks:stats:parsing", "reclaimed") == b"3"
