"""A stage's dealings with a real queue."""

from random import Random
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from stonks.model.errors import Server, Unreachable
from stonks.model.job import ExtractionJob, Job, MacroClassificationJob, ParsingJob, RecommendationJob
from stonks.ports.stage import Stage, Worker
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.ledger import record
from stonks.runtime.telemetry import Telemetry
from tests.runtime.conftest import Rig, a_process, documents

TWO = Stage(name="two", open=lambda _: Worker(), queues={"extraction": 2, "macro_classification": 1})


@pytest.mark.parametrize("seed", range(3))
async def test_while_both_queues_have_jobs_one_gives_twice_as_many_within_two(rig: Rig, seed: int) -> None:
    random, given = Random(seed), dict.fromkeys(TWO.queues, 0)

    async with a_process(rig) as process:
        fetcher = Fetcher(TWO, process)
        for _ in range(12):
            await ask_again(rig, random)
            # What the queues lacked before counts for nothing once both have jobs again.
            before = lead(given)
            while all(await waiting(rig)):
                assert -2 <= lead(given) - before <= 2
                await fetch(fetcher, random.randint(1, 7), given)
            while any(await waiting(rig)):
                await fetch(fetcher, random.randint(1, 40), given)

    assert sum(given.values()) > 300


def lead(given: dict[str, int]) -> int:
    return given["extraction"] - 2 * given["macro_classification"]


async def waiting(rig: Rig) -> list[int]:
    return [(await rig.depth(queue)).waiting for queue in TWO.queues]


async def fetch(fetcher: Fetcher, hands: int, given: dict[str, int]) -> None:
    for queue, job in await fetcher.fetch(hands, {}):
        given[queue] += 1
        fetcher.settle(queue, job.token, "subject")


async def ask_again(rig: Rig, random: Random) -> None:
    jobs: list[Job] = [ExtractionJob(document_id=document) for document in documents(random.randint(0, 60))]
    jobs += [MacroClassificationJob(document_id=document) for document in documents(random.randint(0, 30))]
    await rig.ask(*jobs)


async def test_no_more_is_taken_than_there_are_hands(rig: Rig) -> None:
    await rig.ask(*(ExtractionJob(document_id=document) for document in documents(5)))

    async with a_process(rig) as process:
        assert len(await Fetcher(TWO, process).fetch(2, {})) == 2
        assert await Fetcher(TWO, process).fetch(0, {}) == []

    depth = await rig.depth("extraction")
    assert (depth.waiting, depth.in_flight) == (3, 2)


async def test_a_lease_that_was_gone_at_the_settling_is_counted(rig: Rig) -> None:
    registry = CollectorRegistry()
    await rig.ask(ExtractionJob(document_id=uuid4()))

    async with a_process(rig, Telemetry(registry)) as process:
        fetcher = Fetcher(TWO, process)
        ((queue, job),) = await fetcher.fetch(1, {})
        await rig.ports.queue.settle(queue, [job.token])
        fetcher.settle(queue, job.token, "subject")
        await fetcher.pay()

    assert registry.get_sample_value("stonks_tokens_lost_total", {"stage": "two"}) == 1


async def test_a_recommendation_keeps_its_distance_from_the_last(rig: Rig) -> None:
    async def asked_for() -> tuple[str, int]:
        job = RecommendationJob(ticker="AAPL", window="7d", trend_id=uuid4())
        async with rig.ports.store.transaction() as transaction:
            fetcher.push(await record(transaction, [job]))
        await fetcher.pay()
        return job.key, (await rig.depth("recommendation")).waiting

    async with a_process(rig) as process:
        fetcher = Fetcher(Stage(name="tiny", open=lambda _: Worker(), queues={"recommendation": 1}), process)
        first, at_first = await asked_for()
        await fetch(fetcher, 1, {"recommendation": 0})
        await fetcher.pay()
        _, after = await asked_for()

    assert (at_first, after) == (1, 0)
    left = await rig.server.pttl("stonks:dedupe:recommendation:AAPL:7d")
    assert 0 < left <= 5 * 60 * 1000
    assert await rig.server.get("stonks:dedupe:recommendation:AAPL:7d") in {first.encode(), first.encode() + b"+"}
    assert await rig.open_jobs() == 2


async def test_what_is_owed_while_the_queue_is_silent_stays_owed(rig: Rig) -> None:
    await rig.ask(ParsingJob(document_id=uuid4()))

    async with a_process(rig) as process:
        fetcher = Fetcher(Stage(name="tiny", open=lambda _: Worker(), queues={"parsing": 1}), process)
        ((queue, job),) = await fetcher.fetch(1, {})
        fetcher.settle(queue, job.token, "subject")
        # No lists, no leases: every script fails.
        await rig.server.rename("stonks:stats:parsing", "elsewhere")
        await rig.server.set("stonks:stats:parsing", "not a hash")
        with pytest.raises(Unreachable):
            await fetcher.pay()
        owed, told = fetcher.owes, [outage.server for outage in process.health.outages]
        await rig.server.rename("elsewhere", "stonks:stats:parsing")
        await fetcher.pay()

        assert owed
        assert told == [Server.REDIS]
        assert process.health.outages == ()
        assert not fetcher.owes
        assert (await rig.depth("parsing")).in_flight == 0
