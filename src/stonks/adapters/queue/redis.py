"""The leased queue on Redis or Valkey: lists anyone may push to, and scripts that move jobs between their places.

Keys of a queue, after ``stonks:``: ``queue:`` (list), its priority lane ``queue:<queue>:high``, ``inflight:`` (hash,
token to job), ``leases:`` (sorted set, token to expiry), ``delayed:`` (sorted set, job to due time), ``dlq:`` (list),
``stats:`` (hash), and a lock ``dedupe:<queue>:<subject>`` for each subject that is somewhere in the queue, or was
within its window. Scripts take the time from the server alone. For one primary, not for a cluster: the key names carry
no hash tag.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Self
from uuid import uuid4

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from stonks.adapters.queue import calls
from stonks.adapters.queue.bells import Bells
from stonks.adapters.queue.calls import MAX_CRASHES, MAX_DELIVERIES
from stonks.adapters.queue.keeper import RedisKeeper
from stonks.adapters.queue.letters import read_letter
from stonks.adapters.queue.line import PATIENCE
from stonks.adapters.queue.wire import Wire, translated
from stonks.model.errors import Refused
from stonks.model.job import QUEUES
from stonks.ports.queue import Claimed, DeadLetter, Demand, Depth, Exchanged, Push, Settled

_OLDEST_SERVER = (6, 2)  # BLMOVE
_SWEEP = 100  # jobs promoted and reaped by one claim at most, and dead letters looked at by one call
_log = structlog.get_logger()


class RedisQueue:
    """Every queue of the pipeline on one server."""

    def __init__(self, client: Redis, url: str, sweep: int) -> None:
        """Use a client that was opened on this URL; promote and reap so many jobs with one claim at most."""
        self._client = client
        self._url = url
        self._sweep = sweep
        self._wire = Wire(client.connection_pool)
        self._bells = Bells(client.connection_pool)
        self._worker = uuid4().hex
        self._claims = count(1)

    @classmethod
    def connect(cls, url: str, sweep: int = _SWEEP) -> Self:
        """Return a queue on the server at this URL; nothing is sent yet."""
        # One more try at once: a connection kept from before the server's restart fails when it is first used again.
        # Protocol 2, in which nothing is said that was not asked.
        client = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 1), protocol=2
        )
        return cls(client, url, sweep)

    async def check(self) -> None:
        """Return when the server is fit to keep a queue; log what it would remember after a power cut.

        Raises:
            Refused: it is too old, or forgets keys when memory is short.
            Unreachable: no server answers.
        """
        with translated("info"):
            facts: dict[str, Any] = await self._client.info()
        version = tuple(int(part) for part in str(facts["redis_version"]).split(".")[:2])
        if version < _OLDEST_SERVER:
            raise Refused(f"Redis {facts['redis_version']} is too old: a queue needs 6.2 or Valkey")
        if (policy := facts.get("maxmemory_policy", "noeviction")) != "noeviction":
            raise Refused(f"Redis may forget jobs: set maxmemory-policy to noeviction (it is {policy})")
        _log.info(
            "queue.server",
            server=facts.get("server_name", "redis"),
            version=facts.get("valkey_version", facts["redis_version"]),
            role=facts.get("role"),
            append_only_file=bool(facts.get("aof_enabled")),
        )

    async def close(self) -> None:
        """Close every connection."""
        self._bells.close()
        self._wire.close()
        await self._client.aclose()

    # ---------------------------------------------------------------------------------------------- jobs in and out

    async def enqueue(self, pushes: Sequence[Push], *, high_water: int) -> list[int]:
        """Push each job unless its subject is locked (0) or the queue is full (-1, no lock taken); 1 means pushed."""
        if not pushes:
            return []
        asked, order = calls.enqueue(pushes, high_water)
        return calls.pushed(await self._wire.run(asked), order)

    async def claim(self, queue: str, limit: int, lease: timedelta, *, in_hand: int = 0) -> list[Claimed]:
        """Take up to ``limit`` jobs under a lease, after promoting due ones and reaping expired ones."""
        prefix = self._prefix()
        demand = Demand(limit=limit, lease=lease, in_hand=in_hand, high_water=0)
        return list(calls.claimed(await self._run(calls.claim(queue, demand, prefix, self._sweep)), prefix))

    async def settle(self, queue: str, tokens: Sequence[str]) -> Settled:
        """Acknowledge jobs and free their subjects."""
        return calls.settled(await self._wire.run(calls.settle(queue, tokens))) if tokens else Settled()

    async def exchange(self, queue: str, settle: Sequence[str], push: Sequence[Push], demand: Demand) -> Exchanged:
        """Settle, push to any queues, and claim, in this order and one round trip."""
        prefix = self._prefix()
        settles = calls.settle(queue, settle)
        pushes, order = calls.enqueue(push, demand.high_water) if push else ([], [])
        answers = await self._wire.run([*settles, *pushes, calls.claim(queue, demand, prefix, self._sweep)])
        claim = answers[-1]
        return Exchanged(
            calls.settled(answers[: len(settles)]),
            calls.claimed(claim, prefix),
            tuple(calls.pushed(answers[len(settles) : -1], order)),
            held_back=claim[0] == 1,
        )

    async def release(self, queue: str, token: str) -> None:
        """Give a job back unharmed, to the head of its lane."""
        await self._nack(queue, token, "release")

    async def retry(self, queue: str, token: str, *, delay: timedelta, reason: str, error: str) -> str:
        """Put a job aside for a while, or into the dead-letter queue when its deliveries are spent; say which."""
        why = (MAX_DELIVERIES, calls.milliseconds(delay), reason, msgspec.json.encode(error))
        return await self._nack(queue, token, "retry", *why)

    async def crash(self, queue: str, token: str, *, reason: str, error: str) -> str:
        """Give back a job whose work died, as if its lease had expired: to the head, or dead at the third crash."""
        return await self._nack(queue, token, "crash", MAX_CRASHES, 0, reason, msgspec.json.encode(error))

    async def bury(self, queue: str, token: str, *, reason: str, error: str, malformed: bool = False) -> None:
        """Put a job into the dead-letter queue, bytes unchanged, with the reason; malformed ones as a string."""
        await self._nack(queue, token, "bury", 0, 0, reason, msgspec.json.encode(error), int(malformed))

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when a lane of the queue has a job or the time is over; nothing is taken."""
        await self._bells.wait(queue, at_most)

    # ---------------------------------------------------------------------------------------------- looking

    async def mark(self, marks: Mapping[str, str], life: timedelta) -> None:
        """Keep a value under each ``stonks:<key>`` for a while, all in one round trip."""
        pipeline = self._client.pipeline(transaction=False)
        for key, value in marks.items():
            pipeline.set(f"stonks:{key}", value, px=calls.milliseconds(life))
        with translated("mark"):
            await pipeline.execute()

    async def depths(self) -> list[Depth]:
        """Return how much of every queue of the pipeline is where, in one consistent look."""
        queues = tuple(QUEUES)
        return calls.measured(await self._run(calls.depths(queues)), queues)

    async def stats(self) -> dict[str, dict[str, int]]:
        """Return what was counted of every queue of the pipeline since the server's memory began."""
        pipeline = self._client.pipeline(transaction=False)
        for queue in QUEUES:
            pipeline.hgetall(f"stonks:stats:{queue}")
        with translated("stats"):
            counted: list[dict[bytes, bytes]] = await pipeline.execute()
        return {
            queue: {name.decode(): int(number) for name, number in counters.items()}
            for queue, counters in zip(QUEUES, counted, strict=True)
        }

    async def audit(self, queue: str, pushes: Sequence[Push]) -> list[str]:
        """Free the locks that stand for jobs which are nowhere; return the ledger ids of these jobs."""
        freed = [await self._run(call) for call in calls.audit(queue, pushes)]
        return [ledger_id.decode() for answer in freed for ledger_id in answer]

    async def pulse(self) -> bool:
        """Return True once after the server lost its memory: everything open must be pushed again."""
        return bool(await self._plain("SET", "stonks:epoch", uuid4().hex, "NX"))

    def keeper(self) -> RedisKeeper:
        """Open a second line for a heartbeat's thread."""
        return RedisKeeper(self._url)

    # ---------------------------------------------------------------------------------------------- dead letters

    async def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        """Return the newest dead jobs of a queue, newest first; nothing is taken."""
        entries = await self._plain("LRANGE", f"stonks:dlq:{queue}", -limit, -1)
        return [read_letter(queue, place, entry) for place, entry in enumerate(reversed(entries))]

    async def replay_dead(self, queue: str, limit: int, ids: Sequence[str] = ()) -> int:
        """Move the oldest dead letters back with fresh budgets, only these where ids are given; return how many."""
        return await self._take_letters(queue, "replay", limit, ids)

    async def discard_dead(self, queue: str, ids: Sequence[str]) -> int:
        """Remove these dead letters for good; return how many there were."""
        return await self._take_letters(queue, "discard", len(ids), ids) if ids else 0

    async def _take_letters(self, queue: str, mode: str, limit: int, ids: Sequence[str]) -> int:
        """Go through the letters in pages, so that no single script takes long."""
        taken = first = 0
        while taken < limit:
            seen, moved = await self._run(calls.letters(queue, mode, (first, self._sweep), limit - taken, ids))
            taken, first = taken + moved, first + seen - moved
            if seen < self._sweep:
                break
        return taken

    # ---------------------------------------------------------------------------------------------- asking

    async def _nack(self, queue: str, token: str, mode: str, *why: str | bytes | int) -> str:
        answer: bytes = await self._run(calls.nack(queue, token, mode, *why))
        return answer.decode()

    def _prefix(self) -> str:
        return f"{self._worker}:{next(self._claims)}"

    async def _run(self, call: calls.Call) -> Any:  # noqa: ANN401 - a script's answer is what it says
        return (await self._wire.run([call]))[0]

    async def _plain(self, *command: str | bytes | int) -> Any:  # noqa: ANN401 - the command's answer
        with translated(str(command[0])):
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call] # redis-py's
