"""The queue's last law, which takes PostgreSQL and the runtime: a wiped server loses nothing that has a row."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.errors import Refused
from stonks.model.job import Job, ParsingJob
from stonks.ports.stage import Work
from stonks.runtime.ledger import Ledger, record
from stonks.runtime.reconciler import Reconciler
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry
from tests.adapters.queue.laws import LAWS
from tests.runtime.conftest import Rig, a_stage, effect, reach

LAW = 15
ACTIONS_A_LIFE = 50


async def test_after_a_wipe_at_any_point_every_row_ends_and_each_effect_is_written_once(
    rig: Rig, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    lives = max(pytestconfig.getoption("--operations") // 2000, 1)
    for seed in range(lives):
        # Either whatever is open is pushed again and again, or nothing is but after a wipe.
        await live(rig, Random(seed), grace=timedelta(hours=seed % 2))

        open_rows = "SELECT job_id FROM jobs WHERE queue = 'parsing' AND done_at IS NULL AND dead_at IS NULL"
        done = "SELECT subject FROM jobs WHERE queue = 'parsing' AND done_at IS NOT NULL ORDER BY subject"
        assert await rig.rows(open_rows) == [], f"law {LAW} is broken: {LAWS[LAW]}"
        assert await rig.effects() == [row[0] for row in await rig.rows(done)], f"law {LAW} is broken: {LAWS[LAW]}"
    with capsys.disabled():
        sys.stdout.write(f"\nlaw {LAW}  {lives * ACTIONS_A_LIFE:9,} times  {LAWS[LAW]}\n")


async def live(rig: Rig, random: Random, grace: timedelta) -> None:
    """Do jobs while the server is wiped, pushes are forgotten, and others push the same by hand."""
    regime, telemetry = Regime.of(rig.ports, None), Telemetry(CollectorRegistry())
    reconciler = Reconciler(rig.ports, Ledger(rig.ports.store), telemetry, regime, grace=grace)
    asked: list[UUID] = []

    async def handle(work: Work[ParsingJob]) -> None:
        await asyncio.sleep(random.random() / 100)
        if work.job.document_id.int % 7 == 0:
            raise Refused("one of seven is refused")
        async with work.commit() as commit:
            await effect(commit, work.job.document_id)

    async with rig.running(a_stage(handle, "parsing")), asyncio.timeout(60):
        for _ in range(ACTIONS_A_LIFE):
            await act(rig, random, asked)
            await asyncio.sleep(random.random() / 50)
            if random.random() < 0.2:
                await reconciler.look()
        await rig.server.flushall()
        await reconciler.look()
        await reach(rig.all_done)


async def act(rig: Rig, random: Random, asked: list[UUID]) -> None:
    new = [uuid4() for _ in range(random.randint(1, 4))]
    match random.choice(["ask", "ask", "forget", "wipe", "by hand", "delete"]):
        case "ask":
            await rig.ask(*jobs(new))
            asked += new
        case "forget":
            async with rig.ports.store.transaction() as transaction:
                await record(transaction, jobs(new))
            asked += new
        case "wipe":
            await rig.server.flushall()
        case "by hand" if asked:
            # Most likely not done yet: then it is in two hands at once.
            payload = b'{"document_id":"%s"}' % str(random.choice(asked[-4:])).encode()
            await rig.server.rpush("stonks:queue:parsing", payload, payload)
        case "delete":
            await rig.server.delete("stonks:queue:parsing")


def jobs(documents: Sequence[UUID]) -> list[Job]:
    return [ParsingJob(document_id=document) for document in documents]
