"""A web of this machine for live sources under test: a real server, a clock that stands, a budget that always gives."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from stonks.adapters.sources.web.client import Outlets
from stonks.ports.budget import Rate

NOW = datetime(2025, 4, 7, 21, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StandingClock:
    """Tells the instant it was set to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class OpenBudget:
    """Gives every token at once, and notes what was taken and what was held."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = defaultdict(int)
        self.held: dict[str, timedelta] = {}
        self.spent_after: dict[str, int] = {}
        """How many tokens a bucket has before it says to wait an hour."""

    async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:
        assert rate.tokens > 0
        if self.taken[name] + tokens > self.spent_after.get(name, 10**9):
            return timedelta(hours=1)
        self.taken[name] += tokens
        return timedelta()

    async def hold(self, name: str, rate: Rate, span: timedelta) -> None:
        assert rate.tokens > 0
        self.held[name] = span


class Kept:
    """Objects in memory, in the order in which they were put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    async def __call__(self, key: str, data: bytes) -> None:
        self.objects.setdefault(key, data)


class Site:
    """A real server on loopback: what it answers by path, what it was asked, and how many connections were made."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.asked: list[web.Request] = []
        self._answers: dict[str, list[Callable[[web.Request], web.Response]]] = {}
        self._handlers: dict[str, Handler] = {}
        self._fallback: Callable[[web.Request], web.Response] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(
        self, path: str, body: bytes | str = b"", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer a path with this from now on; its query does not matter."""
        self.script(path, lambda _: respond(body, status, headers))

    def script(self, path: str, *answers: Callable[[web.Request], web.Response]) -> None:
        """Answer a path with these in turn, and with the last of them from then on."""
        self._answers[path] = list(answers)

    def standing(self, path: str) -> Callable[[web.Request], web.Response]:
        """Return how a path is answered in the end."""
        return self._answers[path][-1]

    def handle_with(self, path: str, handler: Handler) -> None:
        """Let a coroutine answer a path."""
        self._handlers[path] = handler

    def otherwise(self, answer: Callable[[web.Request], web.Response]) -> None:
        """Answer every other path with this."""
        self._fallback = answer

    def paths(self) -> list[str]:
        return [request.path_qs for request in self.asked]

    async def handle(self, request: Any) -> web.StreamResponse:  # noqa: ANN401 - aiohttp says BaseRequest
        self.asked.append(request)
        if request.path in self._handlers:
            return await self._handlers[request.path](request)
        waiting = self._answers.get(request.path)
        if waiting is None:
            return self._fallback(request) if self._fallback else web.Response(status=404, text="nothing here")
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer(request)


def respond(body: bytes | str = b"", status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    data = body.encode() if isinstance(body, str) else body
    return web.Response(body=data, status=status, headers=headers)


def json_answer(body: bytes | str, status: int = 200, **headers: str) -> web.Response:
    return respond(body, status, {"Content-Type": "application/json"} | headers)


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    """Serve a site on a free port of loopback."""
    site = Site()
    server = web.Server(site.handle)
    inner = server.__call__

    def counted() -> asyncio.Protocol:
        site.connections += 1
        return inner()

    listening = await asyncio.get_running_loop().create_server(counted, "127.0.0.1", 0)
    site.port = listening.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        listening.close()
        await server.shutdown(timeout=1)
        await listening.wait_closed()


def some_outlets(**given: Any) -> Outlets:  # noqa: ANN401 - whatever the field takes
    """Return outlets with these, and fakes for the rest."""
    fields: dict[str, Any] = {"clock": StandingClock(), "keep": Kept(), "budget": OpenBudget()}
    return Outlets(**fields | given)
