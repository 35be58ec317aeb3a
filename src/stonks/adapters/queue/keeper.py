"""A blocking line to the server for a heartbeat's thread."""

from collections.abc import Sequence
from datetime import timedelta

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from stonks.adapters.queue.calls import milliseconds, places
from stonks.adapters.queue.line import PATIENCE
from stonks.adapters.queue.lua import load_scripts
from stonks.adapters.queue.wire import translated


class RedisKeeper:
    """A blocking connection that keeps leases from expiring."""

    def __init__(self, url: str) -> None:
        """Connect to this server at the first call."""
        self._client = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 1)
        )

    def extend(self, queue: str, tokens: Sequence[str], lease: timedelta) -> list[str]:
        """Let these leases last so long from now on; return the tokens that were no longer ours."""
        script = load_scripts()["extend"]
        arguments: list[str | int] = [*places("extend", queue), milliseconds(lease), *tokens]
        with translated("extend"):
            try:
                lost = self._client.evalsha(script.digest, 1, *arguments)
            except NoScriptError:
                lost = self._client.eval(script.text, 1, *arguments)
        return [token.decode() for token in lost]

    def close(self) -> None:
        """Hang up."""
        self._client.close()
