import asyncio
from random import Random
from typing import Any
from uuid import uuid4

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from stonks.model.job import ExtractionJob, ParsingJob
from stonks.ports.stage import Stage, Work, Worker
from stonks.runtime.trace import begun, continued, trace_of
from tests.runtime.conftest import Rig, a_stage

HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


@given(st.integers())
def test_a_chain_begins_with_an_id_of_its_own_and_keeps_it(seed: int) -> None:
    random = Random(seed)
    first = begun(random)
    second = continued(first, random)

    assert trace_of(first) == trace_of(second) != trace_of(begun(random))
    assert first != second
    assert len(first) == len(HEADER)


def test_the_flags_of_whoever_began_are_passed_on() -> None:
    assert continued(HEADER, Random(1)).startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert continued(HEADER, Random(1)).endswith("-00")


@pytest.mark.parametrize(
    "text",
    [None, "", "x", HEADER.upper(), HEADER + "-00", HEADER.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32)],
)
def test_what_is_no_header_begins_a_chain(text: str | None) -> None:
    assert trace_of(text) is None
    assert trace_of(continued(text, Random(1))) is not None


async def test_what_follows_from_a_job_is_of_its_chain_and_the_ledger_keeps_it(rig: Rig) -> None:
    async def pass_on(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await commit.follow(ExtractionJob(document_id=work.job.document_id))

    async def look(work: Work[Any]) -> None:
        found.append(work.job.traceparent)

    found: list[str] = []
    job = ParsingJob(document_id=uuid4())
    payload = msgspec.json.encode(msgspec.structs.replace(job, traceparent=HEADER))
    await rig.server.rpush("stonks:queue:parsing", payload)
    await rig.run(a_stage(pass_on, "parsing"), a_stage(look, "extraction"), until=lambda: is_there(found))

    assert trace_of(found[0]) == trace_of(HEADER)
    assert found[0] != HEADER
    kept = await rig.rows("SELECT queue, payload ->> 'traceparent' FROM jobs ORDER BY seq")
    assert kept == [("parsing", HEADER), ("extraction", found[0])]


async def is_there(found: list[str]) -> bool:
    return bool(found)


async def test_a_poll_and_a_push_by_hand_begin_a_chain_each(rig: Rig) -> None:
    told = asyncio.Event()

    async def poll(work: Work[None]) -> None:
        if not told.is_set():
            async with work.commit() as commit:
                await commit.follow(*(ParsingJob(document_id=uuid4()) for _ in range(2)))
        told.set()

    async def look(work: Work[Any]) -> None:
        traces.append(trace_of(work.job.traceparent))

    traces: list[str | None] = []
    watch = Stage(name="watch", open=lambda _: Worker(poll=poll), every=rig.ports.settings.lease)
    await rig.server.rpush("stonks:queue:parsing", b'{"document_id":"%s"}' % str(uuid4()).encode())
    await rig.run(watch, a_stage(look, "parsing"), until=lambda: all_told(rig, told))

    assert None not in traces
    assert (len(traces), len(set(traces))) == (3, 2)
    kept = await rig.rows("SELECT count(DISTINCT payload ->> 'traceparent') FROM jobs")
    assert kept == [(3,)]


async def all_told(rig: Rig, told: asyncio.Event) -> bool:
    return told.is_set() and await rig.all_done()
