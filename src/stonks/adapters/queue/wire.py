"""Round trips to the server: many scripts in one, taught when it has forgotten them, its errors in its own words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError, RedisError, ResponseError

from stonks.adapters.queue.calls import Call, command
from stonks.adapters.queue.lua import load_scripts
from stonks.model.errors import Server, Unreachable

PATIENCE = 10.0
"""Seconds without an answer until a connection counts as dead."""
_TYPES = {"queue": "list", "dlq": "list", "inflight": "hash", "stats": "hash", "leases": "zset", "delayed": "zset"}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise Unreachable for whatever the driver raises."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unreachable(f"Redis: {what}: {str(error) or type(error).__name__}", Server.REDIS) from error


class Wire:
    """Runs scripts on one server."""

    def __init__(self, client: Redis) -> None:
        """Use this client's connections."""
        self._client = client

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts one after another in one round trip and return their answers.

        Raises:
            Unreachable: the server gives no answer, or an error for one of them.
        """
        with translated(calls[0].head.script):
            answers = await self._round_trip([call.packed() for call in calls])
            unknown = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if unknown:
                await self._teach()
                late = await self._round_trip([calls[i].packed() for i in unknown])
                answers = [late.pop(0) if i in unknown else answer for i, answer in enumerate(answers)]
            for call, answer in zip(calls, answers, strict=True):
                if isinstance(answer, Exception):
                    raise await self._explained(call, answer)
        return answers

    async def _explained(self, call: Call, error: Exception) -> Exception:
        """Return the error, with the key's name where somebody made a key something else."""
        if "WRONGTYPE" not in str(error):
            return error
        kinds = await self._round_trip([command("TYPE", key) for key in call.head.keys])
        wrong = [
            f"{key} is a {kind.decode()}, no {expected}"
            for key, kind in zip(call.head.keys, kinds, strict=True)
            if kind.decode() not in {"none", expected := _TYPES[key.split(":")[1]]}
        ]
        return ResponseError(f"{' and '.join(wrong) or error}: rename or delete it") if wrong else error

    async def _teach(self) -> None:
        # All or none: a server that knew only some would run a round trip's scripts out of order.
        loads = [command("SCRIPT", "LOAD", script.text) for script in load_scripts().values()]
        for answer in await self._round_trip([command("MULTI"), *loads, command("EXEC")]):
            if isinstance(answer, Exception):
                raise answer

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
