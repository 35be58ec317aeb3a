"""Random lives of a queue on a real server, beside a model in Python."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from redis import Redis

from stonks.adapters.queue.calls import MAX_CRASHES, MAX_DELIVERIES
from stonks.adapters.queue.letters import read_letter
from stonks.adapters.queue.redis import RedisQueue
from stonks.ports.queue import Claimed, Demand, Push
from tests.adapters.queue.laws import Tally
from tests.adapters.queue.model import Item, Model

T = TypeVar("T")

NAME, DOWNSTREAM = "extraction", "aggregation"
LEASE = LATER = timedelta(hours=1)
WINDOW = timedelta(minutes=5)
HIGH_WATER = 5
SWEEP = 1
BODIES = st.sampled_from(
    [
        b"}",
        b',"a":[],"b":{}}',
        b',"_q":{"id":"x","n":1,"c":0,"t":1,"s":"AAPL"}}\n',
        ',"t":"},{ \u2028 \\" \u00fc"} '.encode(),
        b', "n" : 12345678901234567 }',
        b',"bytes":"\xff\x00"}',
    ]
)
HEADS = st.sampled_from([b"{", b" {\t", b'{"_q":{"id":1},', b'{"_q":{"id":"x","n":1,"c":0,"t":1,"s":"u},'])
FORGED = b'{"_q":{"id":"x","n":1,"c":0,"t":1,"s":"AAPL"},'  # by hand it would be taken for an entry of a list
SUBJECTS = st.sampled_from(["AAPL", 'the "quoted" {one}', "snow\u2603", "MSFT"])
PICK = st.integers(0, 97)
_SNAPSHOT = """
local places = {}
for i = 1, 2 do places[i] = redis.call('LRANGE', KEYS[i], 0, -1) end
places[3] = redis.call('HGETALL', KEYS[3])
places[4] = redis.call('ZRANGE', KEYS[4], 0, -1)
places[5] = redis.call('ZRANGE', KEYS[5], 0, -1)
places[6] = redis.call('LRANGE', KEYS[6], 0, -1)
places[7] = {}
for _, lock in ipairs(redis.call('KEYS', ARGV[1])) do
  places[7][#places[7] + 1] = lock
  places[7][#places[7] + 1] = redis.call('GET', lock)
end
return places
"""
_KEYS = [f"stonks:{place.format(NAME)}" for place in ("queue:{}:high", "queue:{}", "inflight:{}", "leases:{}")]
_KEYS += [f"stonks:{place.format(NAME)}" for place in ("delayed:{}", "dlq:{}")]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the server keeps of the queue, at one moment."""

    high: list[bytes]
    ordinary: list[bytes]
    in_flight: dict[bytes, bytes]
    leases: list[bytes]
    delayed: list[bytes]
    dead: list[bytes]
    locks: dict[bytes, bytes]


_TAG = re.compile(
    rb'(\s*)\{"_q":\{"id":"[^"]*","n":\d,"c":\d,"t":\d+(?:,"h":1)?(?:,"s":"[^"]*")?(?:,"w":\d+)?(?:,"why":"\w+")?\}'
)


def payload_in(text: bytes) -> bytes:
    """The producer's bytes in a job's text."""
    tag = _TAG.match(text)
    return text if tag is None else tag[1] + b"{" + text[tag.end() :].removeprefix(b",")


class QueueLife(RuleBasedStateMachine):
    """Everything that can happen to a queue; after each step the server holds what the model says."""

    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.queue = RedisQueue.connect(url, sweep=SWEEP)
        self.keeper = self.queue.keeper()
        self.server = Redis.from_url(url)
        self.ask("FLUSHALL")
        self.snapshot_of = self.server.register_script(_SNAPSHOT)
        self.tally = tally
        self.model = Model()
        self.serial = self.moment = self.downstream = 0
        self.counted = [0, 0]
        self.first: list[bytes] = []
        self.items: dict[bytes, Item] = {}
        self.acked: set[bytes] = set()
        self.tokens: set[str] = set()
        self.stale: list[str] = []
        self.pushed: dict[bool, list[bytes]] = {True: [], False: []}  # never delivered yet, by lane, in order

    def law(self, number: int, *, holds: bool) -> None:
        self.tally.law(number, holds=holds)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        self.tally.operations += 1
        return self.runner.run(work)

    def ask(self, *command: str | bytes | int) -> Any:  # noqa: ANN401 - whatever the command answers
        return self.server.execute_command(*command)  # type: ignore[no-untyped-call]

    def teardown(self) -> None:
        try:
            if sys.exception() is None:
                self._drain()
        finally:
            self.runner.run(self.queue.close())
            self.runner.close()
            self.keeper.close()
            self.server.close()

    def snapshot(self) -> Snapshot:
        high, ordinary, in_flight, leases, delayed, dead, locks = self.snapshot_of(_KEYS, [f"stonks:dedupe:{NAME}:*"])
        return Snapshot(high, ordinary, _pairs(in_flight), leases, delayed, dead, _pairs(locks))

    # -------------------------------------------------------------------------------------------- in

    def _new(self, head: bytes, body: bytes) -> bytes:
        self.serial += 1
        return b'%b"serial":%d%b' % (head, self.serial, body)

    def _came(self, item: Item) -> None:
        self.items[item.payload] = item
        self.pushed[item.high].append(item.payload)

    @rule(
        subjects=st.lists(SUBJECTS, min_size=1, max_size=3),
        head=HEADS | st.just(FORGED),
        body=BODIES,
        window=st.booleans(),
    )
    def enqueue(self, subjects: list[str], head: bytes, body: bytes, *, window: bool) -> None:
        items = [
            Item(self._new(head, body), subject, f"{NAME}:{self.serial}{{}}", window=window) for subject in subjects
        ]
        locks = self._locks()
        answers = self.do(self.queue.enqueue([_push(item) for item in items], high_water=HIGH_WATER))
        for item, answer in zip(items, answers, strict=True):
            locked = item.subject in self.model.locks
            full = self.model.waiting >= HIGH_WATER
            self.law(12, holds=answer == (-1 if full else 0 if locked else 1))
            assert self.model.enqueue(item, HIGH_WATER) == answer
            if answer == 1:
                self._came(item)
        if set(answers) == {-1}:
            self.law(12, holds=self.snapshot().locks == locks)
        self._compare()

    @precondition(lambda self: self.model.locks)
    @rule(pick=PICK)
    def enqueue_again(self, pick: int) -> None:
        """As the reconciler does, which cannot know that the job is there."""
        live = [
            item
            for item in self.items.values()
            if item.ledger_id and item.subject and self.model.locks.get(item.subject) in _marks(item)
        ]
        if live and self.model.waiting < HIGH_WATER:
            push = _push(live[pick % len(live)])
            self.law(12, holds=self.do(self.queue.enqueue([push], high_water=HIGH_WATER)) == [0])
            self._compare()

    @rule(head=HEADS, body=BODIES, high=st.booleans(), malformed=st.sampled_from([False, False, False, True]))
    def push_by_hand(self, head: bytes, body: bytes, *, high: bool, malformed: bool) -> None:
        payload = self._new(head, body)
        item = Item(payload[1:-1] + b'"' if malformed else payload, high=high, malformed=malformed)
        self.tally.operations += 1
        self.ask("RPUSH", _KEYS[0 if high else 1], item.payload)
        self.model.lanes[high].append(item)
        self._came(item)

    @precondition(lambda self: any(item.window for item in self.items.values()))
    @rule()
    def end_the_windows(self) -> None:
        """Their time is over: the server forgets the locks."""
        for item in self.items.values():
            if item.window and item.subject and self.model.locks.get(item.subject) == item.ledger_id:
                del self.model.locks[item.subject]
                self.ask("DEL", f"stonks:dedupe:{NAME}:{item.subject}")

    # -------------------------------------------------------------------------------------------- out

    @rule(limit=st.integers(0, 4), in_hand=st.sampled_from([0, 0, 0, 1]), settle=st.booleans(), pick=PICK)
    def exchange(self, limit: int, in_hand: int, pick: int, *, settle: bool) -> None:
        tokens = [self._some_token(pick)] if settle and self.model.held else []
        crowded = tuple(token for token in tokens if self._settled(token))
        demand = Demand(
            limit=limit, lease=LEASE, high_water=HIGH_WATER, in_hand=in_hand, downstream=("parsing", DOWNSTREAM)
        )
        answer = self.do(self.queue.exchange(NAME, tokens, (), demand))
        assert answer.settled.crowded == crowded
        assert not answer.settled.lost
        held_back = limit > 0 and self.downstream >= HIGH_WATER
        assert answer.held_back == held_back
        self._swept()
        self._taken(answer.claimed, [] if held_back else self._expected(limit, in_hand))

    @rule(limit=st.integers(0, 4), in_hand=st.sampled_from([0, 0, 0, 1]))
    def claim(self, limit: int, in_hand: int) -> None:
        claimed = self.do(self.queue.claim(NAME, limit, LEASE, in_hand=in_hand))
        self._swept()
        self._taken(claimed, self._expected(limit, in_hand))

    def _swept(self) -> None:
        """Hold what a claim swept to its limit, and sweep the model."""
        now = [int(number or 0) for number in self.ask("HMGET", f"stonks:stats:{NAME}", "promoted", "reclaimed")]
        promoted, reclaimed = now[0] - self.counted[0], now[1] - self.counted[1]
        self.counted = now
        self.law(8, holds=promoted <= SWEEP and reclaimed <= SWEEP)
        self.law(9, holds=promoted <= len(self.model.due))
        self.law(14, holds=promoted >= min(len(self.model.due), SWEEP))
        self.law(14, holds=reclaimed >= min(len(self.model.overdue), SWEEP))
        self.stale += self.model.overdue[:SWEEP]
        self.model.promote(SWEEP)
        self.model.reap(SWEEP)

    def _expected(self, limit: int, in_hand: int) -> list[Item]:
        expected = self.model.claim(limit, in_hand)
        gone = {item.payload for item in self.model.dead if item.malformed} | {item.payload for item in expected}
        self.pushed, pushed = {h: [p for p in lane if p not in gone] for h, lane in self.pushed.items()}, self.pushed
        self.first = [payload for lane in (True, False) for payload in pushed[lane] if payload in gone]
        return expected

    def _taken(self, claimed: Iterable[Claimed], expected: list[Item]) -> None:
        claimed = list(claimed)
        later = {item.payload for item in self.model.delayed}
        for job in claimed:
            self.law(4, holds=job.payload not in self.acked)
            self.law(6, holds=job.payload in self.items)
            self.law(3, holds=job.token not in self.tokens)
            self.law(3, holds=all(item.payload != job.payload for item in self.model.held.values()))
            self.law(7, holds=job.deliveries <= MAX_DELIVERIES and job.crashes < MAX_CRASHES)
            self.law(9, holds=job.payload not in later)
            self.tokens.add(job.token)
        self.law(14, holds=bool(claimed) or not expected)
        if claimed:
            first = [job.payload for job in claimed if job.payload in self.first]
            self.law(10, holds=first == [payload for payload in self.first if payload in set(first)])
        assert [(job.payload, job.deliveries, job.crashes, job.ledger_id) for job in claimed] == [
            (item.payload, item.n, item.c, item.ledger_id) for item in expected
        ]
        for job, item in zip(claimed, expected, strict=True):
            self.model.hold(job.token, item)
        self._compare()

    # -------------------------------------------------------------------------------------------- parting with jobs

    def _some_token(self, pick: int) -> str:
        """Any that is held; every other time the one that came closest to the end of a budget."""
        tokens = list(self.model.held)
        if pick % 2:
            return max(tokens, key=lambda token: (self.model.held[token].n, self.model.held[token].c))
        return tokens[pick % len(tokens)]

    def _settled(self, token: str) -> bool:
        self.stale.append(token)
        self.acked.add(self.model.held[token].payload)
        del self.items[self.model.held[token].payload]
        return self.model.settle(token)

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK, more=st.booleans())
    def settle(self, pick: int, *, more: bool) -> None:
        late = tuple(self.stale[-2:])
        tokens = [self._some_token(pick)]
        if more and len(self.model.held) > 1:
            tokens.append(next(token for token in self.model.held if token != tokens[0]))
        settled = self.do(self.queue.settle(NAME, [*tokens, *late]))
        self.law(5, holds=settled.lost == late)
        assert settled.crowded == tuple(token for token in tokens if self._settled(token))
        self._compare()

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        token = self._some_token(pick)
        item, before = self.model.held[token], self.model.held[token].n
        self.do(self.queue.release(NAME, token))
        self._gone(token)
        self.model.release(token)
        head = self.snapshot()
        text = (head.high if item.high else head.ordinary)[0]
        self.law(13, holds=b'","n":%d,' % (before - 1) in text[: text.index(b"}")])
        self._compare()

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        self._retry(self._some_token(pick))

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK)
    def fail_until_it_is_dead(self, pick: int) -> None:
        item = self.model.held[self._some_token(pick)]
        for _ in range(3 * MAX_DELIVERIES):
            self.let_time_pass(count=99)
            self.claim(limit=3, in_hand=0)
            for token in [token for token, held in self.model.held.items() if held is item]:
                self._retry(token)

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK)
    def kill_every_worker_that_has_it(self, pick: int) -> None:
        item = self.model.held[self._some_token(pick)]
        for _ in range(3 * MAX_CRASHES):
            self._silence([token for token, held in self.model.held.items() if held is item])
            self.claim(limit=3, in_hand=0)

    def _retry(self, token: str) -> None:
        answer = self.do(self.queue.retry(NAME, token, delay=LATER, reason="Unreachable", error='"gone" {'))
        self._gone(token)
        assert answer == self.model.retry(token)
        self._compare()

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK)
    def crash(self, pick: int) -> None:
        token = self._some_token(pick)
        answer = self.do(self.queue.crash(NAME, token, reason="crashed", error="killed by signal 9"))
        self._gone(token)
        assert answer == self.model.crash(token)
        self._compare()

    @precondition(lambda self: self.model.held)
    @rule(pick=PICK, malformed=st.booleans())
    def bury(self, pick: int, *, malformed: bool) -> None:
        token = self._some_token(pick)
        raw = malformed and not self.model.held[token].payload.startswith(FORGED)
        self.do(self.queue.bury(NAME, token, reason="Refused", error='"no"', malformed=raw))
        self._gone(token)
        self.model.bury(token, raw=raw)
        self._compare()

    def _gone(self, token: str) -> None:
        self.stale.append(token)

    @precondition(lambda self: self.stale)
    @rule(pick=PICK)
    def come_too_late(self, pick: int) -> None:
        """A worker that was taken for dead goes on with its job's token."""
        token, before = self.stale[-1 - pick % len(self.stale)], self.snapshot()
        lost = self.keeper.extend(NAME, [token], LEASE)
        self.do(self.queue.release(NAME, token))
        self.do(self.queue.bury(NAME, token, reason="Refused", error=""))
        answers = [
            self.do(self.queue.retry(NAME, token, delay=LEASE, reason="", error="")),
            self.do(self.queue.crash(NAME, token, reason="", error="")),
        ]
        settled = self.do(self.queue.settle(NAME, [token]))
        self.law(5, holds=(lost, answers, settled.lost) == ([token], ["lost", "lost"], (token,)))
        self.law(5, holds=self.snapshot() == before)

    # -------------------------------------------------------------------------------------------- time, people

    @precondition(lambda self: len(self.model.held) > len(self.model.overdue))
    @rule(count=st.integers(1, 4))
    def fall_silent(self, count: int) -> None:
        """Workers die: their leases expire, and the claims that follow take the jobs back."""
        self._silence([token for token in self.model.held if token not in self.model.overdue][:count])

    def _silence(self, tokens: list[str]) -> None:
        silent = [token for token in tokens if token not in self.model.overdue]
        for token in silent:
            self.moment += 1
            self.ask("ZADD", f"stonks:leases:{NAME}", "XX", self.moment, token)
        self.model.overdue += silent

    @precondition(lambda self: self.model.delayed)
    @rule(count=st.integers(1, 4))
    def let_time_pass(self, count: int) -> None:
        """What was put aside comes due."""
        texts = {payload_in(text): text for text in self.ask("ZRANGE", f"stonks:delayed:{NAME}", 0, -1)}
        coming, self.model.delayed = self.model.delayed[:count], self.model.delayed[count:]
        for item in coming:
            self.moment += 1
            self.ask("ZADD", f"stonks:delayed:{NAME}", "XX", self.moment, texts[item.payload])
        self.model.due += coming

    @rule(length=st.sampled_from([0, 0, HIGH_WATER - 1, HIGH_WATER]))
    def fill_downstream(self, length: int) -> None:
        self.ask("DEL", f"stonks:queue:{DOWNSTREAM}", f"stonks:queue:{DOWNSTREAM}:high")
        for i in range(length):
            self.ask("RPUSH", f"stonks:queue:{DOWNSTREAM}{':high' if i % 2 else ''}", b"{}")
        self.downstream = length

    @precondition(lambda self: self.model.dead)
    @rule(count=st.integers(1, 3), pick=PICK, by_id=st.booleans())
    def replay(self, count: int, pick: int, *, by_id: bool) -> None:
        chosen = self.model.dead[:count]
        ids: list[str] = []
        if by_id:
            chosen = [self.model.dead[pick % len(self.model.dead)]]
            letters = {letter.payload: letter.id for letter in self.do(self.queue.dead_letters(NAME, 1000))}
            ids = [letters[chosen[0].payload]]
        assert self.do(self.queue.replay_dead(NAME, count, ids)) == len(chosen)
        for item in chosen:
            self.model.replay(item)
        self._compare()

    @precondition(lambda self: len(self.model.dead) > 1)
    @rule(pick=PICK)
    def discard(self, pick: int) -> None:
        item = self.model.dead[pick % len(self.model.dead)]
        letters = {letter.payload: letter.id for letter in self.do(self.queue.dead_letters(NAME, 1000))}
        assert self.do(self.queue.discard_dead(NAME, [letters[item.payload], "none"])) == 1
        self.model.dead.remove(item)
        del self.items[item.payload]
        self._forget([item])
        self._compare()

    @rule(high=st.booleans(), chance=PICK)
    def delete_a_list(self, chance: int, *, high: bool) -> None:
        """A person deletes a lane; the audit finds the locks that stand for what was in it."""
        if chance % 4:
            return
        self.ask("DEL", _KEYS[0 if high else 1])
        gone, self.model.lanes[high] = self.model.lanes[high], []
        for item in gone:
            del self.items[item.payload]
        self._forget(gone)
        asked = [item for item in [*gone, *self.items.values()] if item.ledger_id and item not in self.model.dead]
        expected = [item for item in gone if item.subject and self.model.locks.get(item.subject) in _marks(item)]
        freed = self.do(self.queue.audit(NAME, [_push(item) for item in asked]))
        assert sorted(freed) == sorted(item.ledger_id or "" for item in expected)
        for item in expected:
            del self.model.locks[item.subject or ""]
        self._compare()

    def _forget(self, items: list[Item]) -> None:
        gone = {item.payload for item in items}
        self.pushed = {high: [p for p in lane if p not in gone] for high, lane in self.pushed.items()}

    # -------------------------------------------------------------------------------------------- what always holds

    def _compare(self) -> None:
        there = self.snapshot()
        dead = [read_letter(NAME, 0, entry).payload for entry in there.dead]
        lanes = [[payload_in(text) for text in lane] for lane in (there.high, there.ordinary)]
        in_flight = {token: payload_in(text) for token, text in there.in_flight.items()}
        delayed = [payload_in(text) for text in there.delayed]
        places = Counter([*lanes[0], *lanes[1], *in_flight.values(), *delayed, *dead])
        self.law(4, holds=not places.keys() & self.acked)
        self.law(6, holds=places.keys() <= self.items.keys())
        self.law(1, holds=places == Counter(self.items.keys()))
        self.law(2, holds=sorted(there.in_flight) == sorted(there.leases))
        self.law(3, holds=len(set(in_flight.values())) == len(in_flight))
        model = self.model
        assert lanes == [[item.payload for item in model.lanes[high]] for high in (True, False)]
        assert in_flight == {token.encode(): item.payload for token, item in model.held.items()}
        assert sorted(delayed) == sorted(item.payload for item in [*model.delayed, *model.due])
        assert dead == [item.payload for item in model.dead]
        self.law(12, holds=there.locks == self._locks())

    def _locks(self) -> dict[bytes, bytes]:
        locks = self.model.locks.items()
        return {f"stonks:dedupe:{NAME}:{subject}".encode(): value.encode() for subject, value in locks}

    def _drain(self) -> None:
        """A worker comes and does all there is to do."""
        for _ in range(200):
            self.let_time_pass(count=99)
            for token in list(self.model.held):
                assert not self.do(self.queue.settle(NAME, [token])).lost
                self._settled(token)
            if not self.model.waiting and not self.model.due:
                break
            self.claim(limit=99, in_hand=0)
        left = self.snapshot()
        presence = {f"stonks:dedupe:{NAME}:{i.subject}".encode() for i in self.items.values() if not i.window}
        self.law(14, holds=not (left.high or left.ordinary or left.in_flight or left.leases or left.delayed))
        self.law(14, holds=not presence & left.locks.keys() or bool(self.model.locks))
        assert len(left.dead) == len(self.items)


def _push(item: Item) -> Push:
    assert item.subject is not None
    assert item.ledger_id is not None
    window = WINDOW if item.window else None
    return Push(queue=NAME, payload=item.payload, subject=item.subject, ledger_id=item.ledger_id, window=window)


def _marks(item: Item) -> set[str]:
    return {f"{item.ledger_id}", f"{item.ledger_id}+"}


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
