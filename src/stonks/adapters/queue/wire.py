"""Round trips to the server: many scripts in one, taught when it has forgotten them, its errors in its own words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import hiredis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from stonks.adapters.queue.calls import Call, command
from stonks.adapters.queue.line import Phone
from stonks.adapters.queue.lua import load_scripts
from stonks.model.errors import Server, Unreachable

_TYPES = {"queue": "list", "dlq": "list", "inflight": "hash", "stats": "hash", "leases": "zset", "delayed": "zset"}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise Unreachable for whatever the driver raises."""
    try:
        yield
    except (RedisError, hiredis.HiredisError, OSError) as error:
        raise Unreachable(f"Redis: {what}: {str(error) or type(error).__name__}", Server.REDIS) from error


class Wire:
    """Runs scripts on one server, all over one connection."""

    def __init__(self, pool: ConnectionPool) -> None:
        """Connect as this pool would, when something is asked."""
        self._phone = Phone(pool)

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts one after another in one round trip and return their answers.

        Raises:
            Unreachable: the server gives no answer, or an error for one of them.
        """
        with translated(calls[0].head.script):
            answers = await self._round_trip([call.packed() for call in calls])
            for answer in answers:
                if isinstance(answer, hiredis.ReplyError):
                    return await self._mended(calls, answers)
        return answers

    def close(self) -> None:
        """Hang up."""
        self._phone.close()

    async def _mended(self, calls: Sequence[Call], answers: list[Any]) -> list[Any]:
        """Teach the server what it has forgotten and ask again for what it could not do; other errors are raised."""
        unknown = [i for i, answer in enumerate(answers) if _says(answer, "NOSCRIPT")]
        if unknown:
            await self._teach()
            late = await self._round_trip([calls[i].packed() for i in unknown])
            answers = [late.pop(0) if i in unknown else answer for i, answer in enumerate(answers)]
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, hiredis.ReplyError):
                raise await self._explained(call, answer)
        return answers

    async def _explained(self, call: Call, error: Exception) -> Exception:
        """Return the error, with the key's name where somebody made a key something else."""
        if "WRONGTYPE" not in str(error):
            return error
        kinds = await self._round_trip([command("TYPE", key) for key in call.head.keys])
        wrong = [
            f"{key} is a {kind.decode()}, no {expected}: rename or delete it"
            for key, kind in zip(call.head.keys, kinds, strict=True)
            if kind.decode() not in {"none", expected := _TYPES[key.split(":")[1]]}
        ]
        return hiredis.ReplyError("; ".join(wrong)) if wrong else error

    async def _teach(self) -> None:
        # All or none: a server that knew only some would run a round trip's scripts out of order.
        loads = [command("SCRIPT", "LOAD", script.text) for script in load_scripts().values()]
        for answer in await self._round_trip([command("MULTI"), *loads, command("EXEC")]):
            if isinstance(answer, hiredis.ReplyError):
                raise answer

    async def _round_trip(self, commands: Sequence[bytes]) -> list[Any]:
        """Send commands and return their answers, errors among them."""
        line = await self._phone.line()
        return await line.ask(b"".join(commands), len(commands))


def _says(answer: object, code: str) -> bool:
    return isinstance(answer, hiredis.ReplyError) and str(answer).startswith(code)
