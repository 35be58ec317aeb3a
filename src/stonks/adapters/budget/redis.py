"""Token buckets at ``stonks:ratelimit:<name>`` on Redis or Valkey, kept by one script and the server's own clock."""

import hashlib
import math
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from stonks.model.errors import Refused, Unreachable
from stonks.ports.budget import Rate

_PATIENCE = 10.0  # seconds without an answer until a connection counts as dead
_MICROSECOND = timedelta(microseconds=1)


class _Script(NamedTuple):
    text: str
    digest: str


@cache
def _script() -> _Script:
    text = files("stonks.adapters.budget").joinpath("scripts", "take.lua").read_text()
    return _Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class RedisBudget:
    """Every bucket on one server; a bucket that is full is no key at all."""

    def __init__(self, client: Redis) -> None:
        """Use this client."""
        self._client = client

    @classmethod
    def connect(cls, url: str) -> Self:
        """Return the budgets on the server at this URL; nothing is sent yet."""
        retry = Retry(NoBackoff(), 1)
        return cls(Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=retry))

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:
        """Take tokens from a bucket and return zero; or take none and return how long to wait for them."""
        if not 0 < tokens <= rate.burst:
            raise Refused(f"the budget {name} never has {tokens} tokens at once, but 1 to {rate.burst}")
        return timedelta(microseconds=await self._run(name, rate, tokens, 0))

    async def hold(self, name: str, rate: Rate, span: timedelta) -> None:
        """Let nobody take from a bucket for this span, because the other side asked for it."""
        await self._run(name, rate, 1, max(math.ceil(span / _MICROSECOND), 1))

    async def _run(self, name: str, rate: Rate, tokens: int, held: int) -> int:
        key, script = f"stonks:ratelimit:{name}", _script()
        # Rounded up: the bucket fills a hair slower than the rate, never faster.
        arguments = (tokens, math.ceil(rate.per / _MICROSECOND / rate.tokens), rate.burst, held)
        try:
            try:
                wait: int = await self._client.evalsha(script.digest, 1, key, *map(str, arguments))
            except NoScriptError:
                wait = await self._client.eval(script.text, 1, key, *map(str, arguments))
        except (RedisError, OSError) as error:
            raise Unreachable(f"Redis: budget {name}: {error}") from error
        return wait
