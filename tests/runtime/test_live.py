import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from stonks.model.job import ParsingJob
from stonks.ports.stage import Work
from tests.runtime.conftest import Rig, a_stage, documents, reach


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_a_queue_that_gives_what_it_has_is_listened_to_without_a_pause(rig: Rig, concurrency: int) -> None:
    done: list[object] = []

    async def note(work: Work[Any]) -> None:
        done.append(work.job.document_id)

    asked = documents(60)
    async with rig.running(a_stage(note, "parsing", concurrency=concurrency)), asyncio.timeout(20):
        # With pauses that grow the last of these would wait for a second each.
        for document_id in asked:
            await rig.server.rpush("stonks:queue:parsing", f'{{"document_id":"{document_id}"}}')
            await reach(partial(is_done, rig, document_id))

    assert done == asked


async def test_a_stage_with_many_hands_fills_them_though_a_claim_brings_fewer(rig: Rig) -> None:
    at_once, most = 0, 0
    gate = asyncio.Event()

    async def wait(work: Work[Any]) -> None:  # noqa: ARG001 - a handler is given its work
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 150:
            gate.set()
        await gate.wait()
        at_once -= 1

    await rig.ask(*(ParsingJob(document_id=document_id) for document_id in documents(200)))
    await rig.run(a_stage(wait, "parsing", concurrency=150))

    assert most == 150


async def is_done(rig: Rig, document_id: UUID) -> bool:
    query = "SELECT FROM jobs WHERE job_id = $1 AND done_at IS NOT NULL"
    return bool(await rig.rows(query, f"parsing:{document_id}"))
