"""What people do with dead letters, on real servers, also when they are killed half-way or two do it at once."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import msgspec
from structlog.testing import capture_logs

from stonks.model.job import AggregationJob, Job
from stonks.ports.queue import DeadLetter
from stonks.runtime.ledger import Ledger
from stonks.runtime.letters import Wanted, discard, find_letters, group_of, retry
from tests.runtime.conftest import SHORT, Rig

LONG = timedelta(minutes=5)


def jobs(count: int) -> list[Job]:
    return [AggregationJob(ticker="AAPL", cause=str(uuid4())) for _ in range(count)]


async def die(rig: Rig, *dying: Job, error: str = "no") -> list[DeadLetter]:
    """Have jobs dead in queue and ledger, and return their letters."""
    for job in dying:
        await rig.ask(job)
        (claimed,) = await rig.ports.queue.claim(job.queue, 1, LONG)
        await rig.ports.queue.bury(job.queue, claimed.token, reason="refused", error=error)
    await Ledger(rig.ports.store).bury(list(dying), "refused", rig.ports.clock.now())
    return await find_letters(rig.ports, Wanted())


async def ends(rig: Rig) -> list[tuple[str, str | None]]:
    """How each row of the ledger ended, and why."""
    found = await rig.rows(
        """SELECT CASE WHEN done_at IS NOT NULL THEN 'done' WHEN dead_at IS NOT NULL THEN 'dead' ELSE 'open' END, reason
           FROM jobs ORDER BY seq"""
    )
    return [(end, reason) for end, reason in found]


async def test_what_is_tried_again_is_open_and_waits_with_fresh_budgets(rig: Rig) -> None:
    (job,) = jobs(1)
    letters = await die(rig, job)

    assert await retry(rig.ports, letters) == 1

    (again,) = await rig.ports.queue.claim(job.queue, 10, SHORT)
    assert msgspec.json.decode(again.payload, type=AggregationJob) == job
    assert (again.deliveries, again.crashes) == (1, 0)
    assert await ends(rig) == [("open", None)]
    assert await find_letters(rig.ports, Wanted()) == []


async def test_bytes_that_are_no_job_go_back_as_they_are(rig: Rig) -> None:
    await rig.server.rpush("stonks:queue:parsing", b"\xff{")
    await rig.ports.queue.claim("parsing", 1, SHORT)
    letters = await find_letters(rig.ports, Wanted())

    assert await retry(rig.ports, letters) == 1

    assert await rig.server.lrange("stonks:queue:parsing", 0, -1) == [b"\xff{"]


async def test_what_is_discarded_stays_dead_with_the_reason_and_what_it_died_of(rig: Rig) -> None:
    letters = await die(rig, *jobs(2))

    with capture_logs() as lines:
        removed = await discard(rig.ports, letters[:1], "the source is gone")

    assert removed == 1
    assert await ends(rig) == [("dead", "discarded: the source is gone (died of refused)"), ("dead", "refused")]
    assert [letter.id for letter in await find_letters(rig.ports, Wanted())] == [letters[1].id]
    (line,) = lines
    assert (line["event"], line["letter"], line["why"]) == ("letter.discarded", letters[0].id, "the source is gone")


async def test_doing_it_twice_changes_nothing_more(rig: Rig) -> None:
    letters = await die(rig, *jobs(2))

    first = await discard(rig.ports, letters[:1], "one"), await retry(rig.ports, letters[1:])
    before = await ends(rig)
    second = await discard(rig.ports, letters[:1], "two"), await retry(rig.ports, letters[1:])

    assert (first, second) == ((1, 1), (0, 0))
    assert await ends(rig) == before
    assert (await rig.depth("aggregation")).waiting == 1


async def test_whoever_is_killed_between_ledger_and_queue_leaves_a_letter_that_can_be_handled_again(rig: Rig) -> None:
    (tried, thrown) = jobs(2)
    letters = await die(rig, tried, thrown)
    await Ledger(rig.ports.store).reopen([tried], rig.ports.clock.now())
    async with rig.ports.store.transaction() as transaction:
        await transaction.rows(str, "letters.discard", job_ids=[thrown.key], reason="killed")

    left = await find_letters(rig.ports, Wanted())
    moved, removed = await retry(rig.ports, left[:1]), await discard(rig.ports, left[1:], "again")

    assert [letter.id for letter in left] == [letter.id for letter in letters]
    assert (moved, removed) == (1, 1)
    assert await ends(rig) == [("open", None), ("dead", "discarded: killed (died of refused)")]
    assert (await rig.depth("aggregation")).waiting == 1


async def test_two_people_who_try_the_same_again_bring_back_each_job_once(rig: Rig) -> None:
    letters = await die(rig, *jobs(20))

    moved = await asyncio.gather(retry(rig.ports, letters), retry(rig.ports, letters))

    assert sum(moved) == 20
    assert (await rig.depth("aggregation")).waiting == 20


async def test_when_one_retries_what_another_discards_each_job_is_open_or_dead_and_none_is_lost(rig: Rig) -> None:
    letters = await die(rig, *jobs(20))

    moved, removed = await asyncio.gather(retry(rig.ports, letters), discard(rig.ports, letters, "no use"))

    assert moved + removed == 20
    waiting = (await rig.depth("aggregation")).waiting
    assert waiting == moved
    assert {end for end, _ in await ends(rig)} <= {"open", "dead"}


async def test_a_letter_whose_worker_could_not_tell_the_ledger_is_dead_there_once_it_is_discarded(rig: Rig) -> None:
    """Otherwise the reconciler would find an open row that is nowhere, and have the job done after all."""
    (job,) = jobs(1)
    await rig.ask(job)
    (claimed,) = await rig.ports.queue.claim(job.queue, 1, LONG)
    await rig.ports.queue.bury(job.queue, claimed.token, reason="refused", error="no")

    await discard(rig.ports, await find_letters(rig.ports, Wanted()), "never")

    assert await ends(rig) == [("dead", "discarded: never")]


async def test_a_job_that_was_done_after_all_stays_done(rig: Rig) -> None:
    (job,) = jobs(1)
    letters = await die(rig, job)
    await rig.database.execute("UPDATE jobs SET dead_at = NULL, reason = NULL, done_at = now()")

    await discard(rig.ports, letters, "never")

    assert await ends(rig) == [("done", None)]


async def test_letters_are_picked_by_queue_group_and_the_beginning_of_an_id_oldest_first(rig: Rig) -> None:
    first, second, other = await die(rig, *jobs(2)) + (await die(rig, *jobs(1), error="something else"))[2:]

    async def picked(limit: int | None = None, **wanted: object) -> list[str]:
        found = await find_letters(rig.ports, msgspec.convert(wanted, Wanted), limit)
        return [letter.id for letter in found]

    assert await picked() == [first.id, second.id, other.id]
    assert await picked(queues=("parsing",)) == []
    assert await picked(group=group_of(first)) == [first.id, second.id]
    assert await picked(ids=(other.id[:12], first.id)) == [first.id, other.id]
    assert await picked(limit=1) == [first.id]
