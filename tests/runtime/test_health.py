"""A server of ours that does not answer is known, costs no job its budget, and is asked again less and less often."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, cast
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.errors import Refused, Server, Unreachable
from stonks.model.job import ParsingJob
from stonks.ports.queue import Queue
from stonks.ports.stage import Stage, Work, Worker
from stonks.ports.store import Store
from stonks.runtime.clock import SystemClock
from stonks.runtime.health import Health
from stonks.runtime.outcome import pause
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import Rig, a_stage, effect, reach

GONE = Unreachable("PostgreSQL: connection refused", Server.POSTGRESQL)


def test_an_outage_lasts_from_the_first_silence_to_the_next_answer() -> None:
    health = Health()
    health.met(GONE)
    (first,) = health.outages
    health.silent(Server.POSTGRESQL, "still gone")
    (outage,) = health.outages

    assert (outage.server, outage.since, outage.error) == (Server.POSTGRESQL, first.since, "still gone")
    assert timedelta(0) <= SystemClock().now() - outage.since < timedelta(minutes=1)
    health.answered(Server.REDIS)
    assert list(health.outages) == [outage]
    health.answered(Server.POSTGRESQL)
    assert list(health.outages) == []


def test_other_errors_say_nothing_of_our_servers() -> None:
    health = Health()

    health.met(Unreachable("a newspaper's server"))
    with pytest.raises(Refused), health.asking(Server.REDIS):
        raise Refused("no")

    assert health.outages == ()


def test_asking_notes_how_it_ends() -> None:
    health = Health()

    with pytest.raises(Unreachable), health.asking(Server.POSTGRESQL):
        raise GONE
    assert [outage.server for outage in health.outages] == [Server.POSTGRESQL]
    with health.asking(Server.POSTGRESQL):
        pass

    assert health.outages == ()


def test_pauses_grow_to_five_seconds_and_differ() -> None:
    pauses = [pause(failures, Random(failures)) for failures in range(1, 30)]

    assert pauses[0] <= timedelta(milliseconds=250)
    assert all(timedelta(seconds=2.5) <= late <= timedelta(seconds=5) for late in pauses[6:])
    assert len(set(pauses[6:])) > 20


async def test_a_job_is_not_to_blame_for_an_outage_however_long_it_lasts(rig: Rig) -> None:
    attempts = 0
    telemetry = Telemetry(CollectorRegistry())

    async def stumble(work: Work[Any]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 5:
            raise GONE
        async with work.commit() as commit:
            await effect(commit, work.job.subject)

    await rig.ask(ParsingJob(document_id=uuid4()))
    async with rig.running(a_stage(stumble, "parsing"), telemetry=telemetry), asyncio.timeout(60):
        await reach(lambda: noted(telemetry))
        await reach(rig.all_done)

    # As many as it has were in vain, and none of them counted.
    assert attempts == 6
    assert len(await rig.effects()) == 1
    assert telemetry.health.outages == ()


async def noted(telemetry: Telemetry) -> bool:
    return any(outage.server is Server.POSTGRESQL for outage in telemetry.health.outages)


class Interrupted:
    """A port to a server that does not answer while told not to."""

    def __init__(self, port: Any, server: Server) -> None:  # noqa: ANN401 - any port
        self._port = port
        self._server = server
        self.silent = False
        self.asked_in_vain = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has
        if self.silent:
            self.asked_in_vain += 1
            raise Unreachable(f"{self._server} is gone", self._server)
        return getattr(self._port, name)


async def test_every_part_sits_out_an_outage_of_the_store_and_goes_on(rig: Rig) -> None:
    store, polls = Interrupted(rig.ports.store, Server.POSTGRESQL), 0
    telemetry = Telemetry(CollectorRegistry())

    async def mark(work: Work[Any]) -> None:
        async with work.commit() as commit:
            await effect(commit, work.job.subject)

    async def poll(work: Work[None]) -> None:
        nonlocal polls
        async with work.commit():
            polls += 1

    watch = Stage(name="watch", open=lambda _: Worker(poll=poll), every=timedelta(milliseconds=20))
    jobs = [ParsingJob(document_id=uuid4()) for _ in range(20)]
    interrupted = replace(rig, ports=replace(rig.ports, store=cast("Store", store)))
    async with interrupted.running(a_stage(mark, "parsing"), watch, telemetry=telemetry), asyncio.timeout(60):
        store.silent = True
        await rig.ask(*jobs)
        await reach(lambda: noted(telemetry))
        await asyncio.sleep(1)
        polls_before, store.silent = polls, False
        await reach(rig.all_done)
        await reach(lambda: went_on(lambda: polls > polls_before))

    # One who asked again at once would have asked thousands of times.
    assert store.asked_in_vain < 100
    assert await rig.effects() == sorted(job.subject for job in jobs)
    assert (await rig.ports.queue.stats())["parsing"].get("retried", 0) == 0
    assert telemetry.health.outages == ()


async def test_every_part_sits_out_an_outage_of_the_queue_and_goes_on(rig: Rig) -> None:
    queue = Interrupted(rig.ports.queue, Server.REDIS)
    telemetry = Telemetry(CollectorRegistry())
    started, go_on = asyncio.Event(), asyncio.Event()

    async def mark(work: Work[Any]) -> None:
        started.set()
        await go_on.wait()
        async with work.commit() as commit:
            await effect(commit, work.job.subject)

    jobs = [ParsingJob(document_id=uuid4()) for _ in range(20)]
    interrupted = replace(rig, ports=replace(rig.ports, queue=cast("Queue", queue)))
    async with interrupted.running(a_stage(mark, "parsing"), telemetry=telemetry), asyncio.timeout(60):
        await rig.ask(*jobs)
        await started.wait()
        queue.silent = True
        go_on.set()
        # What has ended cannot be told; it is told later, or comes back and is found done.
        await reach(lambda: went_on(lambda: bool(telemetry.health.outages)))
        await asyncio.sleep(1)
        queue.silent = False
        await reach(rig.all_done)

    assert queue.asked_in_vain < 100
    assert await rig.effects() == sorted(job.subject for job in jobs)
    assert telemetry.health.outages == ()


async def went_on(condition: Callable[[], bool]) -> bool:
    return condition()
