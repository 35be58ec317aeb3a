"""Many decisions while two workers and the exchange are killed at random, and requests go wrong."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from aiohttp import ClientError

from benchmarks.deaths.cases import ORDER_FAULTS, Kind
from benchmarks.deaths.lane import Lane, Life, Stuck
from stonks.model.order import Intent

_SHARE = Decimal(1)
_VOLUME = 2_000_000
_AFTERMATH = 90.0
_LIVES = (0.5, 5.0)
"""Seconds from one kill to the next: a worker needs about one to compare the books before it may send."""
HARM = {
    "duplicate order at the exchange",
    "order of ours that the exchange has not",
    "fills are not the executions",
    "positions differ",
    "cash differs",
    "stops are not for what is held",
    "breaker open",
}
_WORKERS = 2


class Storm:
    """What is done to one lane, drawn from a seed."""

    def __init__(self, lane: Lane, seed: int) -> None:
        """Draw everything from this seed."""
        self._lane, self._chance = lane, random.Random(seed)
        self._workers: list[Life] = []
        self._until = 0.0
        self._reading = asyncio.Lock()
        self.done: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()

    async def blow(self, decisions: int, seconds: float) -> list[str]:
        """Decide so often and kill for so long; return what is not as it must be when all has come to rest."""
        intents = [await self._lane.begin(Kind.EXIT)]
        await self._lane.books.allow(10 * decisions)
        await self._lane.ask(intents[0])
        self._until = time.monotonic() + seconds
        self._workers = [self._lane.work() for _ in range(_WORKERS)]
        try:
            async with asyncio.TaskGroup() as group:
                market = group.create_task(self._market())
                group.create_task(self._decide(intents, decisions - 1, seconds))
                group.create_task(self._kill())
                await asyncio.sleep(seconds)
                with suppress(Stuck):
                    await self._lane.until(lambda: self._at_rest(intents, decisions), patience=_AFTERMATH)
                market.cancel()
        finally:
            for worker in self._workers:
                worker.kill()
        return await self._judged(intents)

    async def _judged(self, intents: list[Intent]) -> list[str]:
        """Return what is wrong; a decision may also end unfilled, in a named state, and its job with it."""
        books = self._lane.books
        self.ends = await books.ends()
        left = ["order left open"] * (await books.working() > 0)
        found = await books.violations(await books.filled(intents))
        return left + [words for words in found if words in HARM]

    async def _at_rest(self, intents: list[Intent], decisions: int) -> bool:
        await self._lane.hurry()
        async with self._reading:
            books = self._lane.books
            return len(intents) == decisions and await books.working() + await books.unsettled([]) == 0

    async def _decide(self, intents: list[Intent], decisions: int, seconds: float) -> None:
        for _ in range(decisions):
            async with self._reading:
                intent = await self._lane.books.decide(Kind.ENTRY, _SHARE)
            intents.append(intent)
            await self._lane.ask(intent)
            await self._lane.hurry()
            await asyncio.sleep(self._chance.uniform(0, 1.6 * seconds / decisions))

    async def _market(self) -> None:
        """Have the market open every second."""
        while True:
            async with self._reading:
                await self._lane.books.trade(Decimal(100), datetime.now(UTC), _VOLUME)
            await asyncio.sleep(1)

    async def _kill(self) -> None:
        """Kill somebody every so often, and start the like again."""
        while time.monotonic() < self._until:
            await asyncio.sleep(self._chance.uniform(*_LIVES))
            with suppress(ClientError):
                await self._spoil()
            if self._chance.random() < 1 / 4:
                self.done["exchange killed"] += 1
                await self._lane.serve()
            else:
                self.done["worker killed"] += 1
                victim = self._chance.randrange(_WORKERS)
                self._workers[victim].kill()
                self._workers[victim] = self._lane.work()

    async def _spoil(self) -> None:
        """Let one of the next requests go wrong."""
        fault = self._chance.choice(sorted(ORDER_FAULTS))
        for each in ORDER_FAULTS[fault]:
            self.done["request spoiled"] += 1
            await self._lane.simulate("POST", "faults", **each)
