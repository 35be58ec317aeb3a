"""The virtual clock: an instant, and the one stage that may work at it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import msgspec
import structlog

from stonks.model.errors import Unreachable
from stonks.ports.store import Store
from stonks.replay.outage import sat_out

WAITING = "waiting"
FINISHED = "finished"
_GLANCE = 0.005  # seconds between looks at what other processes have done
_REMINDER = 1.0  # seconds after which an instant that lasts is announced again
_log = structlog.get_logger()


class ClockRow(msgspec.Struct, frozen=True, kw_only=True):
    """The row of ``replay_clock``: how far a replay has come."""

    tape: str
    starts_at: datetime
    ends_at: datetime
    now: datetime
    stage: str
    finished_at: datetime | None


class Turn(msgspec.Struct, frozen=True):
    """What is announced when the clock moves."""

    now: datetime
    stage: str


class ReplayClock:
    """Time in a replay, for every process that takes part in it.

    At each instant the stages are opened one after another, down the pipeline: what a stage does at an instant cannot
    depend on the order in which jobs reached it. The process that moves the clock calls ``move``; others ``follow`` it.
    """

    def __init__(self, store: Store, row: ClockRow, *, alone: bool = False) -> None:
        """Stand where the replay's row says; a clock that is alone with its process announces instants, not stages."""
        self._store = store
        self._alone = alone
        self._turned: dict[str, datetime] = {}
        self._at = Turn(row.now, row.stage)
        self._moved = asyncio.Condition()
        self._follows = False
        self._polled: dict[str, datetime] = {}
        self._drained = asyncio.Event()
        self._announced = time.monotonic()

    def now(self) -> datetime:
        """Return the virtual instant."""
        return self._at.now

    def is_open(self, stage: str) -> bool:
        """Return whether a stage may take jobs at this instant."""
        return self._at.stage == stage

    async def wait_turn(self, stage: str, after: datetime | None) -> datetime:
        """Return the instant at which a stage is open next, later than the one at which it had its last turn."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._at.stage == stage and (after is None or self._at.now > after))
            return self._at.now

    async def polled(self, stage: str, now: datetime) -> None:
        """Record that a stage has had its turn at an instant."""
        if self._follows:
            await sat_out(stage, lambda: self._note_polled(stage, now))
        async with self._moved:
            self._polled[stage] = now
            self._moved.notify_all()

    async def _note_polled(self, stage: str, now: datetime) -> None:
        async with self._store.transaction() as transaction:
            await transaction.run("replay.polled", stage=stage, now=now)

    async def wait_polled(self, stage: str) -> None:
        """Return when a stage, in this process or another, has had its turn at the present instant."""
        while not await self._polls_here(stage):
            if await sat_out(stage, lambda: self._store.value("replay.polled_at", stage=stage)) == self._at.now:
                return
            await self._remind()

    async def _polls_here(self, stage: str) -> bool:
        """Whether a stage of this process has its turn within a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GLANCE), self._moved:
                return await self._moved.wait_for(lambda: self._polled.get(stage) == self._at.now)
        return False

    def drained(self, stage: str) -> None:
        """Wake whoever waits for the open stage to be drained."""
        if self.is_open(stage):
            self._drained.set()

    async def wait_drained(self, seconds: float) -> None:
        """Return when the open stage seems drained in this process, or after some time: only the queues know."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), seconds)
        self._drained.clear()
        await self._remind()

    async def move(self, now: datetime, stage: str) -> None:
        """Open one stage at one instant, here and wherever the clock is followed."""
        at = Turn(now, stage)
        self._turned[self._at.stage] = self._at.now
        if not self._alone or now != self._at.now or stage == FINISHED:
            await self._announce(at)
        await self._set(at)

    async def _announce(self, at: Turn) -> None:
        turned, self._turned = self._turned, {}
        question = {
            "now": at.now,
            "stage": at.stage,
            "announcement": msgspec.json.encode(at).decode(),
            "turned": list(turned),
            "turns": list(turned.values()),
        }
        await sat_out("clock", lambda: self._store.value("replay.move", **question))
        self._announced = time.monotonic()

    async def _remind(self) -> None:
        """Say once more where the clock stands: in a server's crash the last of what it was told may be lost."""
        if not self._alone and time.monotonic() - self._announced >= _REMINDER:
            await self._announce(self._at)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        """Keep this clock where another process moves it, while the block runs."""
        self._follows = True
        stands = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(self._hear(stands))
            try:
                await stands.wait()
                yield
            finally:
                hearing.cancel()

    async def _hear(self, stands: asyncio.Event) -> None:
        """Follow every move; while the line is dead no stage is open here, as the clock may be elsewhere by now."""
        while True:
            try:
                async with self._store.listen("stonks_clock") as moves:
                    await self._stand()
                    stands.set()
                    async for move in moves:
                        await self._set(msgspec.json.decode(move, type=Turn))
            except Unreachable as error:
                _log.warning("clock.lost", error=str(error))
            await self._set(Turn(self._at.now, WAITING))
            await sat_out("clock", self._answers)

    async def _answers(self) -> None:
        await self._store.row(ClockRow, "replay.clock")

    async def _stand(self) -> None:
        """Go where the replay stands."""
        row = await self._store.row(ClockRow, "replay.clock")
        if row is not None:
            await self._set(Turn(row.now, row.stage))

    async def _set(self, at: Turn) -> None:
        async with self._moved:
            self._at = at
            self._moved.notify_all()
