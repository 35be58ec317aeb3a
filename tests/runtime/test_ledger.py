from datetime import UTC, datetime
from uuid import uuid4

from stonks.model.job import AggregationJob, LakePublishJob, ParsingJob
from stonks.runtime.ledger import Ledger, record
from tests.runtime.conftest import Rig

NOW = datetime(2025, 4, 1, tzinfo=UTC)


async def test_the_same_work_asked_for_twice_is_pushed_once(rig: Rig) -> None:
    job = AggregationJob(ticker="AAPL", cause="one")

    async with rig.ports.store.transaction() as transaction:
        first = await record(transaction, [job, job])
        second = await record(transaction, [job])

    assert [push.ledger_id for push in first] == ["aggregation:AAPL:one"]
    assert first[0].payload == b'{"ticker":"AAPL","cause":"one"}'
    assert second == []


async def test_a_job_in_hand_sees_every_open_row_of_its_subject(rig: Rig) -> None:
    jobs = [AggregationJob(ticker=ticker, cause=cause) for ticker in ("AAPL", "MSFT") for cause in "abc"]
    await rig.ask(*jobs)
    await rig.database.execute("UPDATE jobs SET done_at = now() WHERE job_id = 'aggregation:AAPL:b'")

    entries = await Ledger(rig.ports.store).load("aggregation", {job.key: job for job in (jobs[0], jobs[1])})

    first, second = entries["aggregation:AAPL:a"], entries["aggregation:AAPL:b"]
    assert (first.done, second.done) == (False, True)
    assert len(first.open) == 2


async def test_what_waits_longest_of_a_subject_is_next(rig: Rig) -> None:
    await rig.ask(*(AggregationJob(ticker=ticker, cause=cause) for cause in "ab" for ticker in ("AAPL", "MSFT")))

    pushes = await Ledger(rig.ports.store).leftovers("aggregation", ["MSFT", "AAPL", "IBM"])

    assert [push.ledger_id for push in pushes] == ["aggregation:AAPL:a", "aggregation:MSFT:a"]


async def test_a_buried_job_can_be_opened_again(rig: Rig) -> None:
    ledger = Ledger(rig.ports.store)
    jobs = [ParsingJob(document_id=uuid4()), LakePublishJob(table="bars", day="2025-04-01", cause="close")]
    await rig.ask(*jobs)

    await ledger.bury(jobs, "refused", NOW)
    assert await rig.open_jobs() == 0
    await ledger.reopen(jobs, NOW)

    assert await rig.open_jobs() == 2
