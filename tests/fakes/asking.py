"""Agents on a fake server: real client, real judging, real rows, objects in memory; and a budget that never ends."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from stonks.adapters.llm import open_llm
from stonks.model.errors import Refused
from stonks.ports.budget import Budget, Rate
from stonks.ports.store import Store
from stonks.runtime.agents import Means, ModelAgents, Terms
from stonks.runtime.allowance import Allowance
from stonks.runtime.calls import StoredCalls
from tests.fakes.ollama import MODEL, Ollama
from tests.fakes.pool import InlinePool

AT = datetime(2025, 3, 3, 15, 0, tzinfo=UTC)


class Shelf:
    """Objects in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self.kept.setdefault(key, data)

    async def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise Refused(f"there is no {key}")
        return self.kept[key]


class Purse:
    """A budget that holds so many tokens and gets no more; None never ends."""

    def __init__(self, tokens: int | None = None) -> None:
        self.left = tokens

    async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:  # noqa: ARG002 - the port's signature
        if self.left is None:
            return timedelta()
        if tokens > self.left:
            return timedelta(seconds=30)
        self.left -= tokens
        return timedelta()

    async def hold(self, name: str, rate: Rate, span: timedelta) -> None:
        """Let nobody take from it."""


class StoppedClock:
    """Always the same instant, as within one of a replay."""

    def now(self) -> datetime:
        return AT


@asynccontextmanager
async def open_agents(
    server: Ollama, store: Store, shelf: Shelf, budget: Budget | None = None, terms: Terms | None = None
) -> AsyncIterator[ModelAgents]:
    """Open agents that ask this server; each attempt has a nonce of its own."""
    numbers = itertools.count(1)
    async with open_llm(f"ollama://{server.base.removeprefix('http://')}/{MODEL}") as llm:
        means = Means(
            llm=llm,
            pool=InlinePool(),
            calls=StoredCalls(store, shelf),
            clock=StoppedClock(),
            allowance=Allowance(budget or Purse(), 1_000_000, 1_000_000),
            draw=lambda _: f"{next(numbers):08x}fe4ce0ff",
        )
        yield ModelAgents(means, terms)
