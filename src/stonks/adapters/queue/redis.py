"""The leased queue on Redis or Valkey: lists anyone may push to, and scripts that move jobs between their places.

Keys of a queue, after ``stonks:``: ``queue:`` (list), ``inflight:`` (hash, token to job), ``leases:`` (sorted set,
token to expiry), ``delayed:`` (sorted set, job to due time), ``dlq:`` (list), ``stats:`` (hash), and a presence lock
``dedupe:<queue>:<subject>`` for each subject that is somewhere in the queue. Scripts take the time from the server
alone. For one primary, not for a cluster: the key names carry no hash tag.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any, Self
from uuid import uuid4

import msgspec
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry as BlockingRetry

from stonks.adapters.queue.letters import read_letter
from stonks.adapters.queue.lua import load_scripts
from stonks.model.errors import Refused, Unreachable
from stonks.model.job import QUEUES
from stonks.ports.queue import Claimed, DeadLetter, Depth, Exchanged, Push, Settled

MAX_DELIVERIES = 5
MAX_CRASHES = 3
_SWEEP = 100  # jobs promoted and reaped by one claim at most
_LOCK_LIFE = int(timedelta(days=1) / timedelta(milliseconds=1))
_PATIENCE = 10.0  # seconds without an answer until a connection counts as dead
_OLDEST_SERVER = (6, 2)  # LPOP with a count, BLMOVE

Call = tuple[str, Sequence[str], Sequence[str | bytes | int]]
"""A script's name, its keys and its arguments."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise Unreachable for whatever the driver raises."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unreachable(f"Redis: {what}: {error}") from error


def _keys(queue: str, *kinds: str) -> list[str]:
    return [f"stonks:{kind}:{queue}" for kind in kinds]


def _milliseconds(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1))


def _claim(queue: str, limit: int, lease: timedelta, prefix: str) -> Call:
    keys = _keys(queue, "queue", "inflight", "leases", "delayed", "dlq", "stats")
    return "claim", keys, (queue, limit, _milliseconds(lease), prefix, MAX_CRASHES, _SWEEP)


def _claimed(flat: list[Any]) -> tuple[Claimed, ...]:
    return tuple(
        Claimed(flat[i].decode(), flat[i + 4], flat[i + 2], flat[i + 3], flat[i + 1].decode() or None)
        for i in range(0, len(flat), 5)
    )


def _settle(queue: str, tokens: Sequence[str]) -> Call:
    return "settle", _keys(queue, "inflight", "leases", "stats"), (queue, *tokens)


def _settled(answer: list[list[bytes]]) -> Settled:
    lost, crowded = answer
    return Settled(tuple(token.decode() for token in lost), tuple(token.decode() for token in crowded))


def _enqueue(pushes: Sequence[Push], high_water: int) -> Call:
    keys: list[str] = []
    arguments: list[str | bytes | int] = [high_water, _LOCK_LIFE]
    for push in pushes:
        queue, inflight, delayed, stats = _keys(push.queue, "queue", "inflight", "delayed", "stats")
        keys += (queue, f"stonks:dedupe:{push.queue}:{push.subject}", inflight, delayed, stats)
        arguments += (push.ledger_id, push.subject, push.payload)
    return "enqueue", keys, arguments


class RedisKeeper:
    """A blocking connection that keeps leases from expiring."""

    def __init__(self, url: str) -> None:
        """Connect to this server at the first call."""
        self._client = BlockingRedis.from_url(
            url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=BlockingRetry(NoBackoff(), 1)
        )

    def extend(self, queue: str, tokens: Sequence[str], lease: timedelta) -> list[str]:
        """Let these leases last so long from now on; return the tokens that were no longer ours."""
        script = load_scripts()["extend"]
        arguments: list[str | int] = [*_keys(queue, "leases"), _milliseconds(lease), *tokens]
        with translated("extend"):
            try:
                lost = self._client.evalsha(script.digest, 1, *arguments)
            except NoScriptError:
                lost = self._client.eval(script.text, 1, *arguments)
        return [token.decode() for token in lost]

    def close(self) -> None:
        """Hang up."""
        self._client.close()


class RedisQueue:
    """Every queue of the pipeline on one server."""

    def __init__(self, client: Redis, url: str) -> None:
        """Use a client that was opened on this URL."""
        self._client = client
        self._url = url
        self._worker = uuid4().hex
        self._claims = count(1)

    @classmethod
    def connect(cls, url: str) -> Self:
        """Return a queue on the server at this URL; nothing is sent yet."""
        # One more try at once: a connection kept from before the server's restart fails when it is first used again.
        client = Redis.from_url(
            url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=Retry(NoBackoff(), 1)
        )
        return cls(client, url)

    async def check(self) -> None:
        """Return when the server is fit to keep a queue.

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

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def enqueue(self, pushes: Sequence[Push], *, high_water: int) -> list[int]:
        """Push each job unless its subject waits already (0) or the queue is full (-1); 1 means pushed."""
        answers: list[int] = await self._run(_enqueue(pushes, high_water))
        return answers

    async def claim(self, queue: str, limit: int, lease: timedelta) -> list[Claimed]:
        """Take up to ``limit`` jobs under a lease, after promoting due ones and reaping expired ones."""
        return list(_claimed(await self._run(_claim(queue, limit, lease, self._prefix()))))

    async def settle(self, queue: str, tokens: Sequence[str]) -> Settled:
        """Acknowledge jobs and free their subjects."""
        return _settled(await self._run(_settle(queue, tokens)))

    async def exchange(
        self, queue: str, settle: Sequence[str], push: Sequence[Push], *, limit: int, lease: timedelta, high_water: int
    ) -> Exchanged:
        """Settle, push to any queues, and claim, in this order and one round trip."""
        calls = [_settle(queue, settle)] if settle else []
        if push:
            calls.append(_enqueue(push, high_water))
        calls.append(_claim(queue, limit, lease, self._prefix()))
        answers = await self._run_all(calls)
        return Exchanged(_settled(answers[0]) if settle else Settled(), _claimed(answers[-1]))

    async def release(self, queue: str, token: str) -> None:
        """Give a job back unharmed, to the head of its queue."""
        await self._nack(queue, token, "release")

    async def retry(self, queue: str, token: str, *, delay: timedelta, reason: str, error: str) -> str:
        """Put a job aside for a while, or into the dead-letter queue when its deliveries are spent; say which."""
        return await self._nack(queue, token, "retry", _milliseconds(delay), reason, msgspec.json.encode(error))

    async def bury(self, queue: str, token: str, *, reason: str, error: str, malformed: bool = False) -> None:
        """Put a job into the dead-letter queue, bytes unchanged, with the reason; malformed ones as a string."""
        await self._nack(queue, token, "bury", 0, reason, msgspec.json.encode(error), int(malformed))

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when the queue has a job or the time is over; nothing is taken."""
        # Moving the head to the head changes nothing, blocks until there is one, and loses nothing if we die.
        key, seconds = f"stonks:queue:{queue}", max(at_most.total_seconds(), 0.001)
        with translated("wait"):
            await self._client.blmove(key, key, seconds, "LEFT", "LEFT")  # type: ignore[arg-type] # fractions are fine

    async def mark(self, marks: Mapping[str, str], life: timedelta) -> None:
        """Keep a value under each ``stonks:<key>`` for a while, all in one round trip."""
        pipeline = self._client.pipeline(transaction=False)
        for key, value in marks.items():
            pipeline.set(f"stonks:{key}", value, px=_milliseconds(life))
        with translated("mark"):
            await pipeline.execute()

    async def depths(self) -> list[Depth]:
        """Return how much of every queue of the pipeline is where, in one consistent look."""
        keys = [key for queue in QUEUES for key in _keys(queue, "queue", "inflight", "delayed", "dlq")]
        flat = await self._run(("depths", keys, ()))
        return [
            Depth(queue=queue, waiting=flat[i], in_flight=flat[i + 1], delayed=flat[i + 2], dead=flat[i + 3])
            for i, queue in zip(range(0, len(flat), 4), QUEUES, strict=True)
        ]

    async def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        """Return the newest dead jobs of a queue, newest first; nothing is taken."""
        entries = await self._plain("LRANGE", f"stonks:dlq:{queue}", -limit, -1)
        return [read_letter(queue, place, entry) for place, entry in enumerate(reversed(entries))]

    async def replay_dead(self, queue: str, limit: int, ledger_ids: Sequence[str] = ()) -> int:
        """Move the oldest dead letters back with fresh budgets, only these where ids are given; return how many."""
        keys = _keys(queue, "dlq", "queue", "stats")
        moved: int = await self._run(("replay", keys, (queue, limit, _LOCK_LIFE, *ledger_ids)))
        return moved

    async def pulse(self) -> bool:
        """Return True once after the server lost its memory: everything open must be pushed again."""
        return bool(await self._plain("SET", "stonks:epoch", uuid4().hex, "NX"))

    def keeper(self) -> RedisKeeper:
        """Open a second line for a heartbeat's thread."""
        return RedisKeeper(self._url)

    async def _nack(self, queue: str, token: str, mode: str, *why: str | bytes | int) -> str:
        keys = _keys(queue, "queue", "inflight", "leases", "delayed", "dlq", "stats")
        answer: bytes = await self._run(("nack", keys, (queue, token, mode, MAX_DELIVERIES, *why)))
        return answer.decode()

    def _prefix(self) -> str:
        return f"{self._worker}:{next(self._claims)}"

    async def _plain(self, *command: str | bytes | int) -> Any:  # noqa: ANN401 - the command's answer
        with translated(str(command[0])):
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call] # redis-py's

    async def _run(self, call: Call) -> Any:  # noqa: ANN401 - a script's answer is what it says
        return (await self._run_all([call]))[0]

    async def _run_all(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts one after another in one round trip; a server that has forgotten them learns them first."""
        scripts = load_scripts()
        commands = [
            _packed("EVALSHA", scripts[name].digest, len(keys), *keys, *arguments) for name, keys, arguments in calls
        ]
        with translated(calls[0][0]):
            answers = await self._round_trip(commands)
            unknown = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if unknown:
                await self._teach()
                late = await self._round_trip([commands[i] for i in unknown])
                answers = [late.pop(0) if i in unknown else answer for i, answer in enumerate(answers)]
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        return answers

    async def _teach(self) -> None:
        # All or none: a server that knew only some would run a round trip's scripts out of order.
        loads = [_packed("SCRIPT", "LOAD", script.text) for script in load_scripts().values()]
        await self._round_trip([_packed("MULTI"), *loads, _packed("EXEC")])

    async def _round_trip(self, commands: Sequence[bytes]) -> list[Any]:
        """Send commands and return their answers, errors among them: redis-py's pipeline at half its cost."""
        pool = self._client.connection_pool
        connection = await pool.get_connection()  # type: ignore[no-untyped-call] # its decorator has no types
        try:
            await connection.send_packed_command(b"".join(commands))
            return [await _answer(connection) for _ in commands]
        except BaseException:
            # An answer that was not read would be taken for the next command's.
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


async def _answer(connection: AbstractConnection) -> Any:  # noqa: ANN401 - whatever the server says
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _packed(*command: str | bytes | int) -> bytes:
    parts = [b"*%d\r\n" % len(command)]
    for part in command:
        text = part if isinstance(part, bytes) else str(part).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)
