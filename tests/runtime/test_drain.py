"""A worker that is told to stop finishes or gives back what it has, in real processes."""

import asyncio
import signal
from typing import Any
from uuid import UUID

from stonks.model.job import ParsingJob
from stonks.ports.queue import Claimed
from stonks.ports.stage import Work
from tests.runtime.conftest import SHORT, Rig, a_stage, documents, victim
from tests.runtime.victim import LONG, leave_a_mark


async def test_sigterm_lets_short_work_end_gives_long_work_back_and_leaves_in_order(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    (late, *short) = documents(3)
    await rig.ask(*(ParsingJob(document_id=document) for document in (*short, UUID(LONG))))

    async with asyncio.timeout(30), victim("take long", database_url, redis_url, grace=2) as worker:
        await worker.says("started", 3)
        worker.process.send_signal(signal.SIGTERM)
        await worker.says("job.ok", 2)
        await rig.ask(ParsingJob(document_id=late))
        code = await worker.ends()

    assert code == 0
    assert await rig.effects() == sorted(map(str, short))
    assert worker.jobs("job.released") == {f"parsing:{LONG}"}
    assert (await rig.depth("parsing")).in_flight == 0
    claimed = await rig.ports.queue.claim("parsing", 3, SHORT)
    assert [(job.ledger_id, job.deliveries, job.crashes) for job in claimed] == [
        (f"parsing:{LONG}", 1, 0),
        (f"parsing:{late}", 1, 0),
    ]


async def test_a_second_sigterm_ends_it_at_once_and_the_leases_do_the_rest(
    rig: Rig, database_url: str, redis_url: str
) -> None:
    await rig.ask(ParsingJob(document_id=UUID(LONG)))

    async with asyncio.timeout(30), victim("take long", database_url, redis_url, grace=3600) as worker:
        await worker.says("started")
        worker.process.send_signal(signal.SIGTERM)
        while worker.process.returncode is None:
            # Sent again and again: the first must have been heard before another can be the second.
            await asyncio.wait({asyncio.create_task(worker.process.wait())}, timeout=0.05)
            if worker.process.returncode is None:
                worker.process.send_signal(signal.SIGTERM)
    assert worker.process.returncode == -signal.SIGTERM
    assert (await rig.depth("parsing")).in_flight == 1

    await rig.run(a_stage(leave_a_mark, "parsing"))

    assert await rig.effects() == [LONG]


async def test_what_ends_while_a_worker_drains_is_settled_though_other_work_goes_on(rig: Rig) -> None:
    """Its lease, which nobody keeps any more, would run out before the last one has ended."""
    started = asyncio.Semaphore(0)
    jobs = [ParsingJob(document_id=document) for document in documents(2)]
    quick = jobs[0].subject

    async def work_on(work: Work[Any]) -> None:
        started.release()
        await asyncio.sleep(0.05 if work.job.subject == quick else 4 * SHORT.total_seconds())
        await leave_a_mark(work)

    stolen: list[Claimed] = []
    ended = asyncio.Event()

    async def steal() -> None:
        while not ended.is_set():
            stolen.extend(await rig.ports.queue.claim("parsing", 1, SHORT))
            await asyncio.sleep(0.02)

    await rig.ask(*jobs)
    async with asyncio.TaskGroup() as group:
        async with rig.running(a_stage(work_on, "parsing")):
            await started.acquire()
            await started.acquire()
            group.create_task(steal())
        ended.set()

    assert stolen == []
    assert await rig.effects() == sorted(job.subject for job in jobs)
    counted = (await rig.ports.queue.stats())["parsing"]
    assert (counted["acked"], counted.get("lost", 0)) == (2, 0)
