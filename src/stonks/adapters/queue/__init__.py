"""The queue on Redis or Valkey; the URL chooses the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from stonks.model.errors import SettingError
from stonks.ports.queue import Queue


@asynccontextmanager
async def open_queue(url: str) -> AsyncIterator[Queue]:
    """Open the queue at ``redis://``, ``rediss://`` or ``unix://`` and check that its server can keep one.

    Raises:
        SettingError: the scheme is none of these.
        Refused: the server is too old, or forgets keys when memory is short.
        Unreachable: no server answers there.
    """
    match urlsplit(url).scheme:
        case "redis" | "rediss" | "unix":
            from stonks.adapters.queue.redis import RedisQueue

            queue = RedisQueue.connect(url)
            try:
                await queue.check()
                yield queue
            finally:
                await queue.close()
        case scheme:
            raise SettingError("STONKS_REDIS_URL", f"cannot open {scheme}://; use redis://, rediss:// or unix://")
