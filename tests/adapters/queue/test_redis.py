"""Random lives of a queue against a model: whatever happens, each job is in one place and keeps its bytes."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis import Redis

from stonks.adapters.queue.calls import MAX_CRASHES, MAX_DELIVERIES
from stonks.adapters.queue.letters import read_letter
from stonks.adapters.queue.redis import RedisQueue
from stonks.model.errors import Refused, Unreachable
from stonks.ports.queue import Claimed, Demand, Push

T = TypeVar("T")

NAME = "extraction"
LEASE = timedelta(seconds=30)
HIGH_WATER = 6
BODIES = st.sampled_from(
    [
        b"",
        b',"a":[],"b":{}',
        b',"_q":{"id":"x","n":1,"c":0}',
        ',"t":"},{ \u2028 \\" \u00fc"'.encode(),
        b', "n" : 12345678901234567 ',
    ]
)
SUBJECTS = st.sampled_from(["AAPL", 'the "quoted" {one}', "snow\u2603"])


class Known(NamedTuple):
    """What the model knows of a job that is not done."""

    subject: str | None
    n: int
    c: int


class QueueLife(RuleBasedStateMachine):
    """Jobs are told apart by their payload, which holds a serial number."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.queue = RedisQueue.connect(url)
        self.server = Redis.from_url(url)
        self.ask("FLUSHALL")
        self.serial = 0
        self.waiting: list[bytes] = []  # never delivered yet, in the order of their pushes
        self.back: set[bytes] = set()  # waiting or delayed once more
        self.held: dict[str, bytes] = {}
        self.stale: list[str] = []
        self.dead: list[bytes] = []
        self.known: dict[bytes, Known] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def ask(self, *command: str | bytes | int) -> Any:  # noqa: ANN401 - whatever the command answers
        return self.server.execute_command(*command)  # type: ignore[no-untyped-call]

    def teardown(self) -> None:
        self.run(self.queue.close())
        self.server.close()
        self.runner.close()

    def _payload(self, body: bytes) -> bytes:
        self.serial += 1
        return b' {"serial":%d%s}' % (self.serial, body)

    def _subjects(self) -> set[str]:
        gone = set(self.dead)
        return {known.subject for payload, known in self.known.items() if known.subject and payload not in gone}

    # -------------------------------------------------------------------------------------------- what can happen

    @rule(subject=SUBJECTS, body=BODIES)
    def enqueue(self, subject: str, body: bytes) -> None:
        payload = self._payload(body)
        length = self.ask("LLEN", f"stonks:queue:{NAME}")
        push = Push(queue=NAME, payload=payload, subject=subject, ledger_id=f"{NAME}:{self.serial}")

        (answer,) = self.run(self.queue.enqueue([push], high_water=HIGH_WATER))

        expected = -1 if length >= HIGH_WATER else int(subject not in self._subjects())
        assert answer == expected
        if answer == 1:
            self._came(payload, subject)

    @rule(body=BODIES)
    def push_by_hand(self, body: bytes) -> None:
        payload = self._payload(body)
        self.ask("RPUSH", f"stonks:queue:{NAME}", payload)
        self._came(payload, None)

    def _came(self, payload: bytes, subject: str | None) -> None:
        self.waiting.append(payload)
        self.known[payload] = Known(subject, 0, 0)

    @rule(limit=st.integers(1, 5))
    def claim(self, limit: int) -> None:
        claimed = self.run(self.queue.claim(NAME, limit, LEASE))

        assert len(claimed) <= limit
        assert len(claimed) == 1 or not any(job.crashes for job in claimed)
        assert [job.payload for job in claimed if job.payload in self.waiting] == [
            payload for payload in self.waiting if payload in {job.payload for job in claimed}
        ]
        for job in claimed:
            self._taken(job)

    def _taken(self, job: Claimed) -> None:
        known = self.known[job.payload]
        assert job.payload not in self.held.values()
        assert (job.deliveries, job.crashes) == (known.n + 1, known.c)
        assert job.deliveries <= MAX_DELIVERIES
        self.known[job.payload] = known._replace(n=job.deliveries)
        self.held[job.token] = job.payload
        self.back.discard(job.payload)
        if job.payload in self.waiting:
            self.waiting.remove(job.payload)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(sorted(self.held)))
        settled = self.run(self.queue.settle(NAME, [token, *self.stale]))
        assert settled.lost == tuple(self.stale)
        del self.known[self._given_back(token)]

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(sorted(self.held)))
        self.run(self.queue.release(NAME, token))
        payload = self._given_back(token)
        self.known[payload] = self.known[payload]._replace(n=self.known[payload].n - 1)
        self.back.add(payload)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), delay=st.sampled_from([timedelta(0), timedelta(hours=1)]))
    def retry(self, data: st.DataObject, delay: timedelta) -> None:
        token = data.draw(st.sampled_from(sorted(self.held)))
        answer = self.run(self.queue.retry(NAME, token, delay=delay, reason="Unreachable", error="gone"))
        payload = self._given_back(token)
        spent = self.known[payload].n >= MAX_DELIVERIES
        assert answer == ("dead" if spent else "delayed")
        if spent:
            self.dead.append(payload)
        else:
            self.back.add(payload)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), malformed=st.booleans())
    def bury(self, data: st.DataObject, *, malformed: bool) -> None:
        token = data.draw(st.sampled_from(sorted(self.held)))
        self.run(self.queue.bury(NAME, token, reason="Refused", error='"no"', malformed=malformed))
        self.dead.append(self._given_back(token))

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def come_too_late(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.stale))
        self.run(self.queue.release(NAME, token))
        self.run(self.queue.bury(NAME, token, reason="Refused", error=""))
        assert self.run(self.queue.retry(NAME, token, delay=LEASE, reason="", error="")) == "lost"

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def fall_silent(self, data: st.DataObject) -> None:
        """A worker dies: its lease expires, and the next claim of anyone takes the job back."""
        token = data.draw(st.sampled_from(sorted(self.held)))
        self.ask("ZADD", f"stonks:leases:{NAME}", 1, token)
        assert self.run(self.queue.claim(NAME, 0, LEASE)) == []
        payload = self._given_back(token)
        known = self.known[payload] = self.known[payload]._replace(
            n=self.known[payload].n - 1, c=self.known[payload].c + 1
        )
        if known.c >= MAX_CRASHES:
            self.dead.append(payload)
        else:
            self.back.add(payload)

    def _given_back(self, token: str) -> bytes:
        self.stale.append(token)
        return self.held.pop(token)

    @rule()
    def let_time_pass(self) -> None:
        """All that was put aside is due."""
        delayed = self.ask("ZRANGE", f"stonks:delayed:{NAME}", 0, -1)
        for text in delayed:
            self.ask("ZADD", f"stonks:delayed:{NAME}", 1, text)

    # -------------------------------------------------------------------------------------------- what always holds

    @invariant()
    def each_job_is_in_one_place(self) -> None:
        waiting = self.ask("LRANGE", f"stonks:queue:{NAME}", 0, -1)
        delayed = self.ask("ZRANGE", f"stonks:delayed:{NAME}", 0, -1)
        held = self.ask("HVALS", f"stonks:inflight:{NAME}")
        dead = self.ask("LRANGE", f"stonks:dlq:{NAME}", 0, -1)
        assert len(waiting) + len(delayed) == len(self.waiting) + len(self.back)
        assert len(held) == len(self.held)
        assert [read_letter(NAME, 0, entry).payload for entry in dead] == self.dead

    @invariant()
    def what_is_held_has_a_lease(self) -> None:
        held = self.ask("HKEYS", f"stonks:inflight:{NAME}")
        leases = self.ask("ZRANGE", f"stonks:leases:{NAME}", 0, -1)
        assert (
            sorted(map(repr, held)) == sorted(map(repr, leases)) == sorted(repr(token.encode()) for token in self.held)
        )

    @invariant()
    def a_subject_is_locked_while_a_job_of_it_is_here(self) -> None:
        locks = self.ask("KEYS", f"stonks:dedupe:{NAME}:*")
        assert sorted(locks) == sorted(f"stonks:dedupe:{NAME}:{subject}".encode() for subject in self._subjects())


def test_a_queue_loses_nothing_and_doubles_nothing_whatever_happens(redis_url: str) -> None:
    run_state_machine_as_test(
        lambda: QueueLife(redis_url),  # type: ignore[arg-type] # any callable that makes one is taken
        settings=settings(max_examples=30, stateful_step_count=40, deadline=None),
    )


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    queue = RedisQueue.connect("unix:///nowhere/valkey.sock")
    with pytest.raises(Unreachable):
        await queue.check()
    with pytest.raises(Unreachable):
        await queue.depths()
    await queue.close()


def pushed(ledger_id: str) -> Push:
    return Push(queue=NAME, payload=b"{}", subject="1", ledger_id=ledger_id)


async def test_a_server_that_has_forgotten_its_scripts_runs_a_round_trip_in_order(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    await queue.enqueue([pushed("first")], high_water=HIGH_WATER)
    with Redis.from_url(redis_url) as server:
        server.script_flush()

    (job,) = await queue.claim(NAME, 1, LEASE)
    demand = Demand(limit=1, lease=LEASE, high_water=HIGH_WATER)
    answer = await queue.exchange(NAME, [job.token], [pushed("second")], demand)

    assert [claimed.ledger_id for claimed in answer.claimed] == ["second"]
    await queue.close()


async def test_a_server_that_may_forget_jobs_is_refused(redis_url: str) -> None:
    queue = RedisQueue.connect(redis_url)
    with Redis.from_url(redis_url) as server:
        server.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(Refused, match="noeviction"):
                await queue.check()
        finally:
            server.config_set("maxmemory-policy", "noeviction")
            await queue.close()
