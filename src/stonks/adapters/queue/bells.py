"""Waiting for a job without taking one."""

import asyncio
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from stonks.adapters.queue.wire import translated

_LISTENS = 5.0  # seconds one blocking command lasts; less than a connection's patience


class Bells:
    """One listener a lane, however often and however shortly is waited: it goes on listening for who waits next."""

    def __init__(self, client: Redis) -> None:
        """Listen through this client, a connection a lane."""
        self._client = client
        self._listeners: dict[str, asyncio.Task[Exception | None]] = {}

    async def wait(self, queue: str, at_most: timedelta) -> None:
        """Return when a lane has a job or the time is over.

        Raises:
            Unreachable: the server does not answer.
        """
        listeners = [self._listener(lane) for lane in (f"stonks:queue:{queue}", f"stonks:queue:{queue}:high")]
        done, _ = await asyncio.wait(listeners, timeout=at_most.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        with translated("wait"):
            for listener in done:
                if error := listener.result():
                    raise error

    async def close(self) -> None:
        """Stop listening."""
        for listener in self._listeners.values():
            listener.cancel()
        await asyncio.gather(*self._listeners.values(), return_exceptions=True)

    def _listener(self, lane: str) -> "asyncio.Task[Exception | None]":
        listener = self._listeners.get(lane)
        if listener is None or listener.done():
            listener = self._listeners[lane] = asyncio.create_task(self._listen(lane))
        return listener

    async def _listen(self, lane: str) -> Exception | None:
        # Moving the head to the head changes nothing, blocks until there is one, and loses nothing if we die.
        try:
            await self._client.blmove(lane, lane, _LISTENS, "LEFT", "LEFT")  # type: ignore[arg-type] # fractions are fine
        except (RedisError, OSError) as error:
            return error
        return None
