"""What the queue's port promises, on every server that keeps one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from stonks.adapters.queue import open_queue
from stonks.model.errors import SettingError
from stonks.ports.queue import Claimed, Demand, Depth, Push, Queue

LEASE = timedelta(seconds=30)
AT_ONCE = timedelta(0)
NAME = "parsing"
TRICKY = [
    b"{}",
    b" {\t} ",
    b'{"a":[],"b":{},"c":12345678901234567,"d":1.0}',
    '{"text":"line\u2028separator, \u00fc, {},{ }"}'.encode(),
    b'{"a":"},{","b":"\\"_q\\":{","_q":{"id":"inner","n":9,"c":9}}',
    b'{"_q":{"n":4},"ticker":"AAPL"}',
    b'{"_q":null}',
    b'{ "spaced" : "out" }\n',
    b'{"bytes":"\xff\x00"}',
]


@pytest_asyncio.fixture
async def queue(redis_url: str) -> AsyncIterator[Queue]:
    async with open_queue(redis_url) as queue:
        yield queue


@pytest_asyncio.fixture
async def server(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


def push(subject: str, ledger_id: str | None = None, payload: bytes = b'{"document_id":1}') -> Push:
    return Push(queue=NAME, payload=payload, subject=subject, ledger_id=ledger_id or f"{NAME}:{subject}")


def demand(limit: int) -> Demand:
    return Demand(limit=limit, lease=LEASE, high_water=10)


async def enqueue(queue: Queue, *pushes: Push, high_water: int = 1000) -> list[int]:
    return await queue.enqueue(pushes, high_water=high_water)


async def claim_one(queue: Queue) -> Claimed:
    (claimed,) = await queue.claim(NAME, 1, LEASE)
    return claimed


async def depth(queue: Queue) -> Depth:
    return next(depth for depth in await queue.depths() if depth.queue == NAME)


async def expire(server: Redis, token: str) -> None:
    """As if the worker had been silent for longer than its lease."""
    assert await server.zadd(f"stonks:leases:{NAME}", {token: 1}, xx=True, ch=True)


# ------------------------------------------------------------------------------------------------ pushing and claiming


async def test_jobs_leave_in_the_order_in_which_they_came(queue: Queue) -> None:
    await enqueue(queue, *(push(str(i), payload=b'{"i":%d}' % i) for i in range(5)))

    claimed = await queue.claim(NAME, 3, LEASE) + await queue.claim(NAME, 3, LEASE)

    assert [job.payload for job in claimed] == [b'{"i":%d}' % i for i in range(5)]
    assert [job.ledger_id for job in claimed] == [f"{NAME}:{i}" for i in range(5)]


@pytest.mark.parametrize("payload", TRICKY)
async def test_a_payload_keeps_its_bytes_through_every_kind_of_return(
    queue: Queue, server: Redis, payload: bytes
) -> None:
    await server.rpush(f"stonks:queue:{NAME}", payload)

    first = await claim_one(queue)
    await queue.release(NAME, first.token)
    second = await claim_one(queue)
    await queue.retry(NAME, second.token, delay=AT_ONCE, reason="Unreachable", error="")
    third = await claim_one(queue)
    await expire(server, third.token)
    fourth = await claim_one(queue)
    await queue.bury(NAME, fourth.token, reason="Refused", error='"no"')
    (letter,) = await queue.dead_letters(NAME, 10)
    await queue.replay_dead(NAME, 10)
    fifth = await claim_one(queue)

    assert {job.payload for job in (first, second, third, fourth, letter, fifth)} == {payload}


async def test_a_job_in_the_list_stays_one_json_object(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push('so "called" {one}', payload=b'{"a":[1,{}]}'), push("two", payload=b"{}"))

    entries = [msgspec.json.decode(entry) for entry in await server.lrange(f"stonks:queue:{NAME}", 0, -1)]

    pushed_at = entries[0]["_q"].pop("t")
    assert isinstance(pushed_at, int)
    assert entries[0] == {
        "_q": {"id": 'parsing:so "called" {one}', "n": 0, "c": 0, "s": 'so "called" {one}'},
        "a": [1, {}],
    }
    assert entries[1].keys() == {"_q"}


async def test_a_plain_push_of_a_json_object_is_a_job(queue: Queue, server: Redis) -> None:
    await server.rpush(f"stonks:queue:{NAME}", b'{"document_id":"x"}')

    job = await claim_one(queue)

    assert job == Claimed(job.token, b'{"document_id":"x"}', 1, 0, None)


async def test_a_push_wakes_who_waits_and_takes_nothing(queue: Queue) -> None:
    waiting = asyncio.ensure_future(queue.wait(NAME, timedelta(seconds=5)))
    await asyncio.sleep(0.02)
    await enqueue(queue, push("1"))

    await asyncio.wait_for(waiting, 1)

    assert (await depth(queue)).waiting == 1


async def test_waiting_for_nothing_ends_in_time(queue: Queue) -> None:
    await asyncio.wait_for(queue.wait(NAME, timedelta(milliseconds=20)), 1)


async def test_one_round_trip_settles_pushes_and_claims_in_this_order(queue: Queue) -> None:
    await enqueue(queue, push("1"))
    first = await claim_one(queue)

    answer = await queue.exchange(NAME, [first.token, "stranger"], [push("1", "again")], demand(5))

    assert answer.settled.lost == ("stranger",)
    assert [job.ledger_id for job in answer.claimed] == ["again"]


# ------------------------------------------------------------------------------------------------ presence, high water


async def test_a_subject_is_in_the_queue_once_until_it_is_settled(queue: Queue) -> None:
    assert await enqueue(queue, push("AAPL", "a"), push("AAPL", "b"), push("MSFT", "c")) == [1, 0, 1]
    job = await claim_one(queue)
    assert await enqueue(queue, push("AAPL", "b")) == [0]
    await queue.retry(NAME, job.token, delay=AT_ONCE, reason="Unreachable", error="")
    assert await enqueue(queue, push("AAPL", "b")) == [0]

    for job in await queue.claim(NAME, 2, LEASE):
        await queue.settle(NAME, [job.token])

    assert await enqueue(queue, push("AAPL", "b")) == [1]


async def test_who_settles_hears_that_others_of_the_subject_were_turned_away(queue: Queue) -> None:
    await enqueue(queue, push("AAPL", "a"), push("AAPL", "a"), push("MSFT", "b"), push("MSFT", "c"), push("MSFT", "d"))
    alone, crowded = await queue.claim(NAME, 2, LEASE)

    settled = await queue.settle(NAME, [alone.token, crowded.token])

    assert settled.crowded == (crowded.token,)


async def test_a_full_queue_takes_nothing_and_locks_nothing(queue: Queue, server: Redis) -> None:
    answers = await enqueue(queue, *(push(str(i)) for i in range(4)), high_water=2)

    assert answers == [1, 1, -1, -1]
    assert sorted(await server.keys("stonks:dedupe:*")) == [b"stonks:dedupe:parsing:0", b"stonks:dedupe:parsing:1"]


async def test_an_audit_frees_the_locks_of_jobs_that_are_nowhere_and_only_these(queue: Queue, server: Redis) -> None:
    pushes = [push(str(i)) for i in range(5)]
    await enqueue(queue, *pushes)
    _in_hand, aside, gone, _ = await queue.claim(NAME, 4, LEASE)
    await queue.retry(NAME, aside.token, delay=LEASE, reason="Unreachable", error="")
    await server.hdel(f"stonks:inflight:{NAME}", gone.token)
    await server.rpush(f"stonks:queue:{NAME}:high", *await server.lrange(f"stonks:queue:{NAME}", 0, -1))
    await server.delete(f"stonks:queue:{NAME}")

    freed = await queue.audit(NAME, pushes)

    assert freed == [f"{NAME}:2"]
    assert await enqueue(queue, *pushes) == [0, 0, 1, 0, 0]


# ------------------------------------------------------------------------------------------------ leases


async def test_an_expired_job_goes_to_the_head_and_counts_as_a_crash_not_as_a_delivery(
    queue: Queue, server: Redis
) -> None:
    await enqueue(queue, push("1"), push("2"))
    first = await claim_one(queue)
    await expire(server, first.token)

    again = await claim_one(queue)

    assert (again.ledger_id, again.deliveries, again.crashes) == (first.ledger_id, 1, 1)
    assert again.token != first.token


async def test_a_stale_token_changes_nothing(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"))
    stale = await claim_one(queue)
    await expire(server, stale.token)
    await claim_one(queue)

    await queue.release(NAME, stale.token)
    await queue.bury(NAME, stale.token, reason="Refused", error="")
    answer = await queue.retry(NAME, stale.token, delay=AT_ONCE, reason="Refused", error="")
    settled = await queue.settle(NAME, [stale.token])

    assert (answer, settled.lost) == ("lost", (stale.token,))
    now = await depth(queue)
    assert (now.waiting, now.in_flight, now.delayed, now.dead) == (0, 1, 0, 0)
    assert await enqueue(queue, push("1")) == [0]


async def test_a_kept_lease_does_not_expire_and_a_lost_one_is_not_made_again(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"), push("2"))
    kept, lost = await queue.claim(NAME, 2, timedelta(milliseconds=1))
    await queue.settle(NAME, [lost.token])
    keeper = queue.keeper()

    answer = await asyncio.to_thread(keeper.extend, NAME, [kept.token, lost.token], LEASE)
    keeper.close()

    assert answer == [lost.token]
    assert await queue.claim(NAME, 1, LEASE) == []
    assert await server.zcard(f"stonks:leases:{NAME}") == 1


async def test_a_job_that_crashed_a_worker_is_claimed_alone(queue: Queue, server: Redis) -> None:
    await enqueue(queue, *(push(str(i)) for i in range(4)))
    for job in await queue.claim(NAME, 2, LEASE):
        await expire(server, job.token)

    batches = [[job.ledger_id for job in await queue.claim(NAME, 10, LEASE)] for _ in range(3)]

    assert batches == [["parsing:0"], ["parsing:1"], ["parsing:2", "parsing:3"]]


async def test_the_third_crash_ends_in_the_dead_letters(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"))
    for _ in range(3):
        await expire(server, (await claim_one(queue)).token)

    assert await queue.claim(NAME, 1, LEASE) == []

    (letter,) = await queue.dead_letters(NAME, 10)
    assert (letter.reason, letter.crashes, letter.ledger_id) == ("lease_expired", 3, "parsing:1")
    assert await enqueue(queue, push("1")) == [1]


# ------------------------------------------------------------------------------------------------ parting with a job


async def test_a_released_job_is_the_next_and_was_never_delivered(queue: Queue) -> None:
    await enqueue(queue, push("1"), push("2"))
    await queue.release(NAME, (await claim_one(queue)).token)

    job = await claim_one(queue)

    assert (job.ledger_id, job.deliveries) == ("parsing:1", 1)


async def test_a_retried_job_waits_for_its_time(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"))
    job = await claim_one(queue)

    assert await queue.retry(NAME, job.token, delay=timedelta(hours=1), reason="Throttled", error="") == "delayed"

    assert await queue.claim(NAME, 1, LEASE) == []
    (delayed,) = await server.zrange(f"stonks:delayed:{NAME}", 0, -1)
    assert isinstance(delayed, bytes)
    await server.zadd(f"stonks:delayed:{NAME}", {delayed: 1})
    assert (await claim_one(queue)).deliveries == 2


async def test_the_fifth_failure_ends_in_the_dead_letters(queue: Queue) -> None:
    await enqueue(queue, push("1"))
    answers = []
    for i in range(5):
        job = await claim_one(queue)
        answers.append(await queue.retry(NAME, job.token, delay=AT_ONCE, reason="Unreachable", error=f"try {i}"))

    (letter,) = await queue.dead_letters(NAME, 10)

    assert answers == ["delayed"] * 4 + ["dead"]
    assert (letter.reason, letter.error, letter.deliveries) == ("Unreachable", "try 4", 5)


@pytest.mark.parametrize("text", [b"not json", b"[1]", b"", b'"\\"', b"\xff\xfe{", b'{"a":1', bytes(range(256))])
async def test_what_is_no_object_is_dead_at_once_with_its_bytes(queue: Queue, server: Redis, text: bytes) -> None:
    await server.rpush(f"stonks:queue:{NAME}", text, b'{"ok":1}')

    claimed = await queue.claim(NAME, 10, LEASE)

    (letter,) = await queue.dead_letters(NAME, 10)
    (entry,) = await server.lrange(f"stonks:dlq:{NAME}", 0, -1)
    assert [job.payload for job in claimed] == [b'{"ok":1}']
    assert (letter.reason, letter.payload) == ("malformed", text)
    assert msgspec.json.decode(entry)["job"].encode("latin-1") == text


async def test_dead_letters_are_shown_newest_first_and_kept_as_json(queue: Queue, server: Redis) -> None:
    await enqueue(queue, *(push(str(i)) for i in range(3)))
    for job in await queue.claim(NAME, 3, LEASE):
        await queue.bury(NAME, job.token, reason="Refused", error='said "no", {"job":1}')
    await server.rpush(f"stonks:dlq:{NAME}", b"left by hand")

    letters = await queue.dead_letters(NAME, 3)

    assert [(letter.place, letter.reason, letter.ledger_id) for letter in letters] == [
        (0, "unknown", None),
        (1, "Refused", "parsing:2"),
        (2, "Refused", "parsing:1"),
    ]
    assert letters[1].error == 'said "no", {"job":1}'
    oldest = await server.lindex(f"stonks:dlq:{NAME}", 0)
    assert oldest is not None
    assert msgspec.json.decode(oldest)["job"]["document_id"] == 1


async def test_a_replayed_letter_has_fresh_budgets_its_id_and_its_lock(queue: Queue) -> None:
    await enqueue(queue, push("1"), push("2"), push("3"))
    for job in await queue.claim(NAME, 3, LEASE):
        await queue.bury(NAME, job.token, reason="Refused", error="")

    second = (await queue.dead_letters(NAME, 10))[1]
    assert await queue.replay_dead(NAME, 10, [second.id]) == 1

    assert await enqueue(queue, push("2")) == [0]
    job = await claim_one(queue)
    assert (job.ledger_id, job.deliveries, job.crashes) == ("parsing:2", 1, 0)
    assert [letter.ledger_id for letter in await queue.dead_letters(NAME, 10)] == ["parsing:3", "parsing:1"]


# ------------------------------------------------------------------------------------------------ the server


async def test_a_wiped_server_is_noticed_once(queue: Queue, server: Redis) -> None:
    assert [await queue.pulse(), await queue.pulse()] == [True, False]

    await server.flushall()

    assert [await queue.pulse(), await queue.pulse()] == [True, False]


async def test_a_server_that_forgot_the_scripts_is_told_them_again(queue: Queue, server: Redis) -> None:
    await server.script_flush()
    await enqueue(queue, push("1"))
    await server.script_flush()

    answer = await queue.exchange(NAME, ["stranger"], [push("2")], demand(5))

    assert [job.ledger_id for job in answer.claimed] == ["parsing:1", "parsing:2"]


async def test_an_unknown_scheme_names_the_setting() -> None:
    with pytest.raises(SettingError, match="STONKS_REDIS_URL"):
        async with open_queue("amqp://localhost"):
            pass


async def test_a_marker_stands_for_its_life_and_is_replaced_by_a_newer_one(queue: Queue, server: Redis) -> None:
    await queue.mark({"trading:circuit_breaker:global:DRAWDOWN": "open", "dedupe:trading:1": "act"}, LEASE)
    await queue.mark({"dedupe:trading:1": "skip"}, LEASE)

    assert await server.get("stonks:trading:circuit_breaker:global:DRAWDOWN") == b"open"
    assert await server.get("stonks:dedupe:trading:1") == b"skip"
    assert 0 < await server.pttl("stonks:dedupe:trading:1") <= LEASE / timedelta(milliseconds=1)
