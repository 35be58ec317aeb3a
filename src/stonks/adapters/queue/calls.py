"""What is asked of the server's scripts, as bytes, and what their answers say."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from stonks.adapters.queue.lua import load_scripts
from stonks.ports.queue import Claimed, Demand, Depth, Push, Settled

MAX_DELIVERIES = 5
MAX_CRASHES = 3
AUDITED = 20_000
"""Length up to which a queue is looked through at once; that takes the server some 20 ms."""
LOCK_LIFE = int(timedelta(days=1) / timedelta(milliseconds=1))
_MOST = 500  # jobs or tokens in one call
_LANES = ("queue:{}", "queue:{}:high")
_PLACES = {
    "claim": (*_LANES, "inflight:{}", "leases:{}", "delayed:{}", "dlq:{}", "stats:{}"),
    "nack": (*_LANES, "inflight:{}", "leases:{}", "delayed:{}", "dlq:{}", "stats:{}"),
    "settle": ("inflight:{}", "leases:{}", "stats:{}"),
    "enqueue": (*_LANES, "stats:{}"),
    "letters": (*_LANES, "dlq:{}", "stats:{}"),
    "audit": (*_LANES, "inflight:{}", "leases:{}", "delayed:{}", "stats:{}"),
    "depths": (*_LANES, "inflight:{}", "leases:{}", "delayed:{}", "dlq:{}"),
    "extend": ("leases:{}",),
}
_ODD = re.compile(r'[\x00-\x1f"\\{}\x7f]')

Argument = str | bytes | int


class Head(NamedTuple):
    """The part of a call that is always the same: the script, its keys and the queue's name, packed."""

    script: str
    keys: tuple[str, ...]
    parts: int
    packed: bytes


class Call(NamedTuple):
    """One run of a script."""

    head: Head
    arguments: Sequence[Argument]

    def packed(self) -> bytes:
        """Return the call in the server's protocol."""
        arguments = self.arguments
        return b"*%d\r\n%b%b" % (self.head.parts + len(arguments), self.head.packed, pack(arguments))


def pack(arguments: Sequence[Argument]) -> bytes:
    """Return arguments in the server's protocol."""
    parts = []
    for argument in arguments:
        if isinstance(argument, int):
            parts.append(_number(argument))
        else:
            text = argument.encode() if isinstance(argument, str) else argument
            parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)


@lru_cache(maxsize=1024)
def _number(number: int) -> bytes:
    """Pack a number: the same few are in every call."""
    return pack([b"%d" % number])


def command(*arguments: Argument) -> bytes:
    """Return a plain command in the server's protocol."""
    return b"*%d\r\n%b" % (len(arguments), pack(arguments))


def places(script: str, queue: str) -> tuple[str, ...]:
    """Return the keys of a queue that a script is told."""
    return tuple(f"stonks:{place.format(queue)}" for place in _PLACES[script])


def _head(script: str, keys: tuple[str, ...], *name: str) -> Head:
    fixed: tuple[Argument, ...] = ("EVALSHA", load_scripts()[script].digest, len(keys), *keys, *name)
    return Head(script, keys, len(fixed), pack(fixed))


@cache
def _queue_head(script: str, queue: str, downstream: tuple[str, ...] = ()) -> Head:
    full = tuple(f"stonks:{lane.format(name)}" for name in downstream for lane in _LANES)
    return _head(script, places(script, queue) + full, queue)


def milliseconds(span: timedelta) -> int:
    """Return a span in the server's unit, rounded down."""
    return span.days * 86_400_000 + span.seconds * 1000 + span.microseconds // 1000


# ---------------------------------------------------------------------------------------------- claiming


def claim(queue: str, demand: Demand, prefix: str, sweep: int) -> Call:
    """Take jobs, after promoting and reaping ``sweep`` at most; the i-th of them gets the token ``prefix:i``."""
    lease = milliseconds(demand.lease)
    terms = (demand.limit, lease, prefix, demand.in_hand, demand.high_water, MAX_CRASHES, sweep)
    return Call(_queue_head("claim", queue, demand.downstream), terms)


def claimed(flat: list[Any], prefix: str) -> tuple[Claimed, ...]:
    """Return the jobs in a claim's answer."""
    jobs = []
    for i in range(1, len(flat), 5):
        ledger_id, deliveries, crashes, waited, payload = flat[i : i + 5]
        token, since = f"{prefix}:{i // 5 + 1}", timedelta(0, 0, waited * 1000) if waited >= 0 else None
        jobs.append(Claimed(token, payload, deliveries, crashes, ledger_id.decode() or None, since))
    return tuple(jobs)


# ---------------------------------------------------------------------------------------------- settling


def settle(queue: str, tokens: Sequence[str]) -> list[Call]:
    """Acknowledge jobs."""
    head = _queue_head("settle", queue)
    return [Call(head, tokens[i : i + _MOST]) for i in range(0, len(tokens), _MOST)]


def settled(answers: Sequence[list[list[bytes]]]) -> Settled:
    """Return what became of the acknowledged."""
    lost, crowded = (tuple(token.decode() for answer in answers for token in answer[i]) for i in (0, 1))
    return Settled(lost, crowded)


def nack(queue: str, token: str, mode: str, *why: Argument) -> Call:
    """Part with a job that is not done."""
    return Call(_queue_head("nack", queue), (token, mode, *why))


# ---------------------------------------------------------------------------------------------- pushing


def enqueue(pushes: Sequence[Push], high_water: int) -> tuple[list[Call], list[int]]:
    """Push jobs, a call a queue; return also which push each answer in their concatenation belongs to."""
    order = sorted(range(len(pushes)), key=lambda i: pushes[i].queue)
    calls = []
    for queue, group in groupby(order, key=lambda i: pushes[i].queue):
        head = _queue_head("enqueue", queue)
        chunk = [pushes[i] for i in group]
        for start in range(0, len(chunk), _MOST):
            arguments: list[Argument] = [high_water, LOCK_LIFE]
            for push in chunk[start : start + _MOST]:
                window = "" if push.window is None else max(milliseconds(push.window), 1)
                arguments += (_escaped(push.ledger_id), _escaped(push.subject), window, push.payload)
            calls.append(Call(head, arguments))
    return calls, order


def _escaped(text: str) -> str:
    """Return a JSON string's inside without braces, which end what the queue writes into a job."""
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", text) if _ODD.search(text) else text


def pushed(answers: Sequence[list[int]], order: Sequence[int]) -> list[int]:
    """Return what became of each push, in the order in which they were asked for."""
    flat = [answer for group in answers for answer in group]
    return [answer for _, answer in sorted(zip(order, flat, strict=True))]


# ---------------------------------------------------------------------------------------------- looking


def audit(queue: str, pushes: Sequence[Push]) -> Iterator[Call]:
    """Look for jobs whose locks stand."""
    for start in range(0, len(pushes), _MOST):
        arguments: list[Argument] = [AUDITED]
        for push in pushes[start : start + _MOST]:
            arguments += (push.ledger_id, push.subject)
        yield Call(_queue_head("audit", queue), arguments)


def letters(queue: str, mode: str, page: tuple[int, int], limit: int, ids: Sequence[str]) -> Call:
    """Move or remove dead letters of one page, which is a place and a length."""
    return Call(_queue_head("letters", queue), (mode, *page, limit, LOCK_LIFE, *ids))


def depths(queues: Sequence[str]) -> Call:
    """Measure these queues."""
    return Call(_head("depths", tuple(key for queue in queues for key in places("depths", queue))), ())


def measured(flat: list[int | None], queues: Sequence[str]) -> list[Depth]:
    """Return the depths in an answer."""
    rows = zip(*(iter(flat),) * 5, strict=True)
    return [
        Depth(
            queue=queue,
            waiting=waiting or 0,
            in_flight=in_flight or 0,
            delayed=delayed or 0,
            dead=dead or 0,
            oldest_lease=None if left is None else timedelta(milliseconds=left),
        )
        for queue, (waiting, in_flight, delayed, dead, left) in zip(queues, rows, strict=True)
    ]
