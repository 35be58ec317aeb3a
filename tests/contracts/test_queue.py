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


async def test_a_job_says_how_long_it_waited_on_the_servers_clock(queue: Queue, server: Redis) -> None:
    await server.rpush(f"stonks:queue:{NAME}", b'{"pushed":"by hand"}')
    by_hand = await claim_one(queue)
    await queue.release(NAME, by_hand.token)
    released = await claim_one(queue)
    await queue.settle(NAME, [released.token])
    await enqueue(queue, push("1"))
    await asyncio.sleep(0.02)
    pushed = await claim_one(queue)
    await queue.retry(NAME, pushed.token, delay=timedelta(hours=1), reason="Throttled", error="")
    (text,) = await server.zrange(f"stonks:delayed:{NAME}", 0, -1)
    assert isinstance(text, bytes)
    await server.zincrby(f"stonks:delayed:{NAME}", -3_610_000, text)
    due_again = await claim_one(queue)

    assert by_hand.waited is None
    assert released.waited is not None
    assert pushed.waited is not None
    assert due_again.waited is not None
    assert released.waited < timedelta(seconds=9)
    assert timedelta(milliseconds=20) <= pushed.waited < timedelta(seconds=9)
    assert timedelta(seconds=10) <= due_again.waited < timedelta(seconds=19)


# ------------------------------------------------------------------------------------------------ the priority lane


async def test_the_priority_lane_goes_first_and_what_came_from_it_goes_back_to_it(queue: Queue, server: Redis) -> None:
    high = f"stonks:queue:{NAME}:high"
    await enqueue(queue, push("1"))
    await server.rpush(high, b'{"urgent":1}')
    assert (await depth(queue)).waiting == 2

    await queue.release(NAME, (await claim_one(queue)).token)
    assert await server.llen(high) == 1
    await expire(server, (await claim_one(queue)).token)
    await queue.retry(NAME, (await claim_one(queue)).token, delay=AT_ONCE, reason="Unreachable", error="")
    claimed = await queue.claim(NAME, 2, LEASE)

    assert [job.payload for job in claimed] == [b'{"urgent":1}', b'{"document_id":1}']


async def test_a_push_to_the_priority_lane_wakes_who_waits(queue: Queue, server: Redis) -> None:
    waiting = asyncio.ensure_future(queue.wait(NAME, timedelta(seconds=20)))
    await asyncio.sleep(0.02)
    await server.rpush(f"stonks:queue:{NAME}:high", b"{}")

    await asyncio.wait_for(waiting, 4)

    assert (await depth(queue)).waiting == 1


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


async def test_a_window_keeps_its_subject_locked_when_the_job_is_done(queue: Queue, server: Redis) -> None:
    window = timedelta(minutes=5)
    first = Push(queue=NAME, payload=b"{}", subject="AAPL", ledger_id="a", window=window)
    second = Push(queue=NAME, payload=b"{}", subject="AAPL", ledger_id="b", window=window)
    assert await enqueue(queue, first, second) == [1, 0]

    settled = await queue.settle(NAME, [(await claim_one(queue)).token])

    assert settled.crowded == ()
    assert await enqueue(queue, second) == [0]
    assert 0 < await server.pttl(f"stonks:dedupe:{NAME}:AAPL") <= window / timedelta(milliseconds=1)
    await server.delete(f"stonks:dedupe:{NAME}:AAPL")
    assert await enqueue(queue, second) == [1]
    await queue.bury(NAME, (await claim_one(queue)).token, reason="Refused", error="")
    assert await enqueue(queue, first) == [0]


async def test_a_lock_lives_as_long_as_someone_asks_for_its_subject(queue: Queue, server: Redis) -> None:
    lock = f"stonks:dedupe:{NAME}:1"
    await enqueue(queue, push("1"))
    await server.pexpire(lock, 5000)

    await enqueue(queue, push("1"))

    assert await server.pttl(lock) > 5000


@pytest.mark.parametrize("lane", ["", ":high"])
async def test_nothing_is_claimed_while_a_queue_downstream_is_full(queue: Queue, server: Redis, lane: str) -> None:
    await enqueue(queue, push("1"), push("2"))
    aside = await claim_one(queue)
    await queue.retry(NAME, aside.token, delay=AT_ONCE, reason="Unreachable", error="")
    await server.rpush(f"stonks:queue:extraction{lane}", *[b"{}"] * 10)
    asked = Demand(limit=5, lease=LEASE, high_water=10, downstream=("aggregation", "extraction"))

    full = await queue.exchange(NAME, [], [], asked)
    due = (await depth(queue)).waiting
    await server.lpop(f"stonks:queue:extraction{lane}")
    room = await queue.exchange(NAME, [], [], asked)

    assert (full.held_back, full.claimed, due) == (True, (), 2)
    assert (room.held_back, len(room.claimed)) == (False, 2)


async def test_an_exchange_says_what_became_of_each_push(queue: Queue) -> None:
    other = Push(queue="extraction", payload=b"{}", subject="1", ledger_id="extraction:1")

    answer = await queue.exchange(NAME, [], [push("1"), other, push("1"), push("2")], demand(0))

    assert answer.pushed == (1, 1, 0, 1)


async def test_an_audit_gives_what_is_in_flight_without_a_lease_back(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"))
    await claim_one(queue)
    await server.delete(f"stonks:leases:{NAME}")

    assert await queue.audit(NAME, [push("1")]) == []

    assert (await claim_one(queue)).crashes == 1


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


@pytest.mark.parametrize(
    ("crashes", "expected"),
    [
        (1, [["parsing:0", "parsing:1", "parsing:2", "parsing:3"], [], []]),
        (2, [["parsing:0"], ["parsing:1"], ["parsing:2", "parsing:3"]]),
    ],
)
async def test_a_job_whose_next_crash_is_its_last_is_claimed_alone(
    queue: Queue, server: Redis, crashes: int, expected: list[list[str]]
) -> None:
    await enqueue(queue, *(push(str(i)) for i in range(4)))
    for _ in range(crashes):
        for job in await queue.claim(NAME, 2, LEASE):
            await expire(server, job.token)

    batches = [[job.ledger_id for job in await queue.claim(NAME, 10, LEASE)] for _ in range(3)]

    assert batches == expected


async def test_the_third_crash_ends_in_the_dead_letters(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"))
    for _ in range(3):
        await expire(server, (await claim_one(queue)).token)

    assert await queue.claim(NAME, 1, LEASE) == []

    (letter,) = await queue.dead_letters(NAME, 10)
    assert (letter.reason, letter.crashes, letter.ledger_id) == ("lease_expired", 3, "parsing:1")
    assert await enqueue(queue, push("1")) == [1]


async def test_a_job_whose_next_crash_is_its_last_is_given_to_empty_hands_only(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"), push("2"))
    for _ in range(2):
        await expire(server, (await claim_one(queue)).token)

    assert await queue.claim(NAME, 5, LEASE, in_hand=1) == []
    assert [job.ledger_id for job in await queue.claim(NAME, 5, LEASE)] == ["parsing:1"]


async def test_a_crash_that_someone_lived_to_tell_counts_as_one(queue: Queue) -> None:
    await enqueue(queue, push("1"), push("2"))
    answers, crashes = [], []
    for _ in range(3):
        job = await claim_one(queue)
        crashes.append((job.ledger_id, job.deliveries, job.crashes))
        answers.append(await queue.crash(NAME, job.token, reason="crashed", error="killed by signal 9"))

    (letter,) = await queue.dead_letters(NAME, 10)
    assert crashes == [("parsing:1", 1, crash) for crash in range(3)]
    assert answers == ["returned", "returned", "dead"]
    assert (letter.reason, letter.error, letter.deliveries, letter.crashes) == ("crashed", "killed by signal 9", 0, 3)
    assert await queue.crash(NAME, job.token, reason="crashed", error="") == "lost"


async def test_how_long_the_oldest_lease_lasts_is_measured(queue: Queue, server: Redis) -> None:
    await enqueue(queue, push("1"), push("2"))
    assert (await depth(queue)).oldest_lease is None
    job, _ = await queue.claim(NAME, 2, LEASE)
    left = (await depth(queue)).oldest_lease
    await expire(server, job.token)
    overdue = (await depth(queue)).oldest_lease

    assert left is not None
    assert overdue is not None
    assert timedelta(0) < left <= LEASE
    assert overdue < timedelta(0)


async def test_everything_is_counted(queue: Queue) -> None:
    await enqueue(queue, push("1"), push("1"), push("2"), push("3"), high_water=2)
    one, two = await queue.claim(NAME, 2, LEASE)
    await queue.settle(NAME, [one.token, "stranger"])
    await queue.release(NAME, two.token)
    await queue.bury(NAME, (await claim_one(queue)).token, reason="Refused", error="")

    stats = await queue.stats()

    assert stats[NAME] == {"claimed": 3, "acked": 1, "lost": 1, "released": 1, "dead": 1, "refused": 1, "full": 1}
    assert stats["extraction"] == {}


# ------------------------------------------------------------------------------------------------ parting with a job


async def test_two_jobs_of_the_same_text_stay_two_when_put_aside(queue: Queue, server: Redis) -> None:
    text = b'{"_q":{"id":"x","n":0,"c":0,"t":1},"moved":"by hand"}'
    await server.rpush(f"stonks:queue:{NAME}", text, text)

    for job in await queue.claim(NAME, 2, LEASE):
        await queue.retry(NAME, job.token, delay=LEASE, reason="Unreachable", error="")

    assert (await depth(queue)).delayed == 2


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


async def test_letters_are_chosen_by_their_ids_however_many_there_are(queue: Queue) -> None:
    for batch in range(3):
        await enqueue(queue, *(push(f"{batch}:{i}", payload=b'{"i":%d}' % (batch * 100 + i)) for i in range(100)))
        for job in await queue.claim(NAME, 100, LEASE):
            await queue.bury(NAME, job.token, reason="Refused", error="")
    newest = await queue.dead_letters(NAME, 300)
    ids = {letter.payload: letter.id for letter in newest}

    moved = await queue.replay_dead(NAME, 10, [ids[b'{"i":%d}' % i] for i in (250, 3, 120)])
    discarded = await queue.discard_dead(NAME, [ids[b'{"i":299}'], ids[b'{"i":0}'], "no such letter"])

    assert len(set(ids.values())) == 300
    assert (moved, discarded) == (3, 2)
    assert [job.payload for job in await queue.claim(NAME, 9, LEASE)] == [b'{"i":3}', b'{"i":120}', b'{"i":250}']
    left = {letter.payload for letter in await queue.dead_letters(NAME, 300)}
    assert ids.keys() - left == {b'{"i":%d}' % i for i in (0, 3, 120, 250, 299)}


async def test_a_letter_whose_job_is_queued_again_already_makes_no_second_one(queue: Queue) -> None:
    await enqueue(queue, push("1"))
    await queue.bury(NAME, (await claim_one(queue)).token, reason="Refused", error="")
    await enqueue(queue, push("1"))

    assert await queue.replay_dead(NAME, 10) == 1

    now = await depth(queue)
    assert (now.waiting, now.dead) == (1, 0)


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
