"""One trader and one exchange, each with a database of its own, on which cases are tried one after another."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

import asyncpg
from aiohttp import ClientSession
from redis.asyncio import Redis

from benchmarks.deaths import programs
from benchmarks.deaths.books import KEYS, Books
from benchmarks.deaths.cases import ACCOUNT, SHARES, Case, Kind, Tally, opens_at
from benchmarks.deaths.mortal import Doom
from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent
from stonks.ports.queue import Queue
from stonks.ports.store import Store
from stonks.runtime.ledger import record
from stonks.supervisor import Supervisor
from tests.fakes.rows import open_database

LEASE = 0.7
"""Seconds until a dead worker's job comes back."""
_GLANCE = 0.02
_AFTERMATH = 0.3  # seconds in which a second worker might still do harm
_PATIENCE = 180.0
_OPENS = 6
_HIGH_WATER = 10_000
_ALL, _PART = 2_000_000, 240
"""Shares that trade in a bar; of the few an order gets six, so that its fill comes in two parts."""
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["benchmarks.deaths.programs", "benchmarks.deaths.naive"])


class Stuck(Exception):
    """Raised when something did not come about in time."""


class Life:
    """A process that was started, and what it has said."""

    def __init__(self, program: Callable[..., None], *given: object) -> None:
        """Start a program with these arguments and one end of a pipe."""
        self._line, theirs = _FORKS.Pipe(duplex=False)
        self.process = _FORKS.Process(target=program, args=(*given, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self._said: list[Any] = []

    @property
    def said(self) -> list[Any]:
        """All that it has said by now."""
        with suppress(EOFError, OSError):
            while self._line.poll():
                self._said.append(self._line.recv())
        return self._said

    @property
    def is_dead(self) -> bool:
        """Whether it has ended."""
        return not self.process.is_alive()

    @property
    def is_frozen(self) -> bool:
        """Whether it has been stopped."""
        with suppress(OSError):
            return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def thaw(self) -> None:
        """Let it go on."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid or 0, signal.SIGCONT)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()
        self.process.join()


class Lane:
    """What one case after another is tried on."""

    def __init__(self, books: Books, settings: dict[str, dict[str, Any]], parts: tuple[Store, Queue, Redis]) -> None:
        """Use these books and connections; settings are those of the ``broker`` and of the ``exchange``."""
        self.books = books
        self._settings = settings
        self._store, self._queue, self._redis = parts
        self._exchange: Life | None = None
        self.address = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, number: int, servers: Supervisor, scratch: Path) -> AsyncIterator[Self]:
        """Make two databases, serve an exchange on one of them, and give a lane; the servers must be migrated."""
        database, redis = str(servers.database_url), str(servers.redis_url).replace("?db=0", f"?db={number}")
        ours, theirs = [await _copied(database, f"{name}_{number}") for name in ("ours", "theirs")]
        common = {"sources_url": "live:", "log_level": "error", "account": ACCOUNT, "data_dir": scratch / str(number)}
        settings = {
            "broker": common | {"database_url": ours, "redis_url": redis, "lease": timedelta(seconds=LEASE)},
            "exchange": common | {"database_url": theirs, "redis_url": redis},
        }
        async with (
            open_database(ours) as own,
            open_database(theirs) as others,
            open_store(ours, connections=2) as store,
            open_queue(redis) as queue,
            Redis.from_url(redis) as client,
        ):
            lane = cls(Books(own, others), settings, (store, queue, client))
            await lane.books.furnish()
            await lane.serve()
            try:
                yield lane
            finally:
                lane.end_exchange()

    # -------------------------------------------------------------------------------------------- processes

    async def serve(self, doom: Doom | None = None) -> None:
        """Start the exchange, where it was before if it was somewhere; with a doom it dies of it."""
        self.end_exchange()
        port = int(self.address.rpartition(":")[2] or 0)
        self._exchange = life = Life(programs.exchange, self._settings["exchange"], port, doom or Doom())
        await self.until(lambda: bool(life.said) or life.is_dead)
        if life.is_dead:
            raise Stuck("the exchange does not start")
        self.address = self.books.address = life.said[0]
        self._settings["broker"]["broker_url"] = f"alpaca+{self.address}"

    def end_exchange(self) -> None:
        """Kill the exchange."""
        if self._exchange is not None:
            self._exchange.kill()

    def work(self, doom: Doom | None = None) -> Life:
        """Start a worker of the broker stage; with a doom it dies of it, without one nobody counts its waits."""
        return Life(programs.broker, self._settings["broker"], doom or Doom(whose=""))

    async def until(self, met: Callable[[], bool | Awaitable[bool]], patience: float = _PATIENCE) -> None:
        """Return when something is so.

        Raises:
            Stuck: it did not come about.
        """
        end = time.monotonic() + patience
        while time.monotonic() < end:
            answer = met()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(_GLANCE)
        raise Stuck

    # -------------------------------------------------------------------------------------------- one case

    async def tried(self, case: Case) -> Tally:
        """Try a case and return what became of it."""
        began, lives, died = time.monotonic(), list[Life](), False
        intent = await self.decide(case)
        try:
            died = await self._through(case, lives)
            await self.settled([intent], opens_at(case.kind))
            found = await self.books.violations([intent])
        except Stuck:
            found = ["stuck", *await self.books.violations([intent])]
        finally:
            places = [place for life in lives[:1] for said in life.said for place in said]
            for life in lives:
                life.kill()
        await self.simulate("DELETE", "faults")
        return Tally(
            case=case,
            died=died,
            violations=found,
            seconds=time.monotonic() - began,
            waits=len(places),
            places=places,
        )

    async def begin(self, kind: Kind) -> Intent:
        """Forget everything, decide once, and return the order; nobody is asked to bring it yet."""
        intent = await self.books.reset(kind)
        await self._redis.flushdb()
        return intent

    async def decide(self, case: Case) -> Intent:
        """Begin anew: nothing is held but what the case needs, nothing queued but the one job."""
        intent = await self.begin(case.kind)
        for fault in () if case.books else case.faults:
            await self.simulate("POST", "faults", **fault)
        payload = await self.ask(intent)
        if case.twins:
            await self._redis.rpush(f"stonks:queue:{BrokerOrderJob.queue}", payload)
        return intent

    async def ask(self, intent: Intent) -> bytes:
        """Have an order brought to the broker; return the job's bytes."""
        async with self._store.transaction() as transaction:
            pushes = await record(transaction, [BrokerOrderJob(order_id=intent.id)])
        await self._queue.enqueue(pushes, high_water=_HIGH_WATER)
        return pushes[0].payload

    async def _through(self, case: Case, lives: list[Life]) -> bool:
        """Carry a decision out; return whether somebody died of it."""
        if case.dies_at_exchange:
            return await self._reopening(case, lives)
        return await (self._booking(case, lives) if case.books else self._placing(case, lives))

    async def _reopening(self, case: Case, lives: list[Life]) -> bool:
        """Place the order at an exchange that dies, and is served again where it was."""
        await self.serve(case.doom)
        lives.append(self.work())
        died = await self._closes()
        known = await self.books.theirs.rows("SELECT client_order_id FROM exchange_orders")
        await self.serve()
        await self.until(self._placed)
        await self._fill(case)
        after = await self.books.theirs.rows("SELECT client_order_id FROM exchange_orders")
        if any(row not in after for row in known):
            raise Stuck
        return died

    async def _closes(self) -> bool:
        """Return whether the exchange died, once it has or there is nothing left to ask it."""
        exchange = self._exchange
        if exchange is None:
            return False

        async def known() -> bool:
            return exchange.is_dead or await self._placed()

        await self.until(known)
        return exchange.is_dead

    async def _placing(self, case: Case, lives: list[Life]) -> bool:
        """Place the order through a death, then have it filled and booked."""
        lives.append(self.work(case.doom))
        if case.twins:
            lives.append(self.work())
        died = await self._fate(lives[0], self._placed)
        if died:
            await asyncio.sleep(LEASE + 0.1)
            lives.append(self.work())
            if case.doom.frozen:
                await self._thawed(lives)
        await self.until(self._placed)
        if case.doom.frozen or case.twins:
            await asyncio.sleep(_AFTERMATH)
        await self._fill(case)
        return died

    async def _thawed(self, lives: list[Life]) -> None:
        """Let a frozen worker go on when another has done its work, or waits for it."""
        with suppress(Stuck):
            await self.until(self._placed, patience=1.5)
        lives[0].thaw()

    async def _booking(self, case: Case, lives: list[Life]) -> bool:
        """Place the order in peace and have it filled, then book it through a death."""
        clerk = self.work()
        lives.append(clerk)
        await self.until(self._placed)
        clerk.kill()
        lives.remove(clerk)
        await self._redis.flushdb()
        await self._fill(case)
        for fault in case.faults:
            await self.simulate("POST", "faults", **fault)
        lives.append(self.work(case.doom))
        died = await self._fate(lives[0], self._is_booked)
        if died:
            lives.append(self.work())
        return died

    async def _fate(self, life: Life, done: Callable[[], Awaitable[bool]]) -> bool:
        """Return whether a worker died, or was frozen, before it had done its work and come to rest."""
        ended = 0.0

        async def known() -> bool:
            nonlocal ended
            if life.is_dead or life.is_frozen:
                return True
            if not ended and life.said and await done():
                ended = time.monotonic()
            return bool(ended) and time.monotonic() - ended > 3 * _GLANCE

        await self.until(known)
        return life.is_dead or life.is_frozen

    async def _placed(self) -> bool:
        await self.hurry()
        return await self.books.open_jobs() == 0

    async def _is_booked(self) -> bool:
        return await self.books.booked() >= SHARES

    async def _fill(self, case: Case) -> None:
        """Have the market fill the order; where booking is what matters, in two parts, a second apart."""
        price = opens_at(case.kind)
        if case.books:
            await self._open_until(price, self._has_traded, _PART)
            await asyncio.sleep(1 - time.time() % 1)  # executions of an order are told apart by their second
        await self._open_until(price, self._has_traded_all)

    async def _open_until(self, price: Decimal, traded: Callable[[], Awaitable[bool]], volume: int = _ALL) -> None:
        """Open the market until something has traded: an order that is on its way when it opens is too late for it."""
        for _ in range(_OPENS):
            await self.books.trade(price, datetime.now(UTC), volume)
            with suppress(Stuck):
                await self.until(traded, patience=2)
                return
        raise Stuck

    async def _has_traded(self) -> bool:
        return await self.books.traded() > 0

    async def _has_traded_all(self) -> bool:
        return await self.books.traded() >= SHARES

    async def settled(self, intents: Sequence[Intent], price: Decimal) -> None:
        """Wait until nothing is still to come; where the market is wanted once more, it opens."""
        for _ in range(_OPENS):
            with suppress(Stuck):
                await self.until(lambda: self._is_settled(intents), patience=_PATIENCE / _OPENS)
                return
            await self.books.trade(price, datetime.now(UTC), _ALL)
        raise Stuck

    async def _is_settled(self, intents: Sequence[Intent]) -> bool:
        await self.hurry()
        return await self.books.unsettled(intents) == 0

    async def hurry(self) -> None:
        """Let requests go at once that wait for their share of the rate."""
        keys = [key async for key in self._redis.scan_iter("stonks:ratelimit:*")]
        if keys:
            await self._redis.delete(*keys)

    async def simulate(self, method: str, what: str, /, **body: object) -> None:
        """Play the world at the exchange."""
        async with (
            ClientSession() as session,
            session.request(method, f"{self.address}/_sim/{what}", json=body or None, headers=KEYS) as answer,
        ):
            answer.raise_for_status()


async def _copied(url: str, name: str) -> str:
    """Make a database like the migrated one at a URL, and return its URL."""
    connection = await asyncpg.connect(url.replace("/stonks?", "/postgres?"))
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE stonks STRATEGY file_copy")
    finally:
        await connection.close()
    return url.replace("/stonks?", f"/{name}?")
