"""What is done to the run from outside, at instants of the tape drawn at random."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from benchmarks.chaos.fleet import STAGES, Fleet
from benchmarks.chaos.journal import Fault, Journal
from benchmarks.chaos.sight import Blind
from benchmarks.chaos.trap import MOST_CRASHES
from stonks.model.job import QUEUES

FLUSH, VALKEY, POSTGRES, SERVERS, DRIVER, WORKER = (
    "FLUSHALL",
    "valkey",
    "postgres",
    "supervisor",
    "driver",
    "worker",
)
KINDS = (FLUSH, VALKEY, POSTGRES, SERVERS, DRIVER, WORKER)
_OFTEN = {FLUSH, WORKER}  # as often as each stage; the others half as often
_GLANCE = 0.02
_AIM = 10.0  # seconds to wait for jobs in hand before a fault comes without any
_CALM = 60.0  # seconds until a fault that is not overcome is followed by the next one


class Drawn(NamedTuple):
    """A fault that is to come."""

    share: float
    """Of the tape's instants that are to have been played."""
    kind: str
    stage: str
    """Whose worker is meant, where it is a worker."""


def drawn(kinds: Sequence[str], kills: int, chance: random.Random) -> list[Drawn]:
    """Return the faults of these kinds in the order in which they come."""
    numbers = {kind: kills if kind in _OFTEN else -(-kills // 2) for kind in kinds}
    return sorted(
        Drawn(chance.uniform(0.02, 0.95), kind, chance.choice(list(STAGES)))
        for kind, number in numbers.items()
        for _ in range(number)
    )


class Storm:
    """Brings one fault after another, each when the last is overcome."""

    def __init__(self, fleet: Fleet, journal: Journal) -> None:
        """Act on this run."""
        self._fleet, self._sight, self._journal = fleet, fleet.sight, journal
        self._deeds: dict[str, Callable[[str], Awaitable[Fault | None]]] = {
            FLUSH: self._flush,
            VALKEY: self._kill_valkey,
            POSTGRES: self._kill_postgres,
            SERVERS: self._kill_servers,
            DRIVER: self._kill_driver,
            WORKER: self._kill_worker,
        }

    async def blow(self, faults: Sequence[Drawn], instants: Sequence[datetime]) -> None:
        """Bring every fault once the tape has come as far as it says."""
        for share, kind, stage in faults:
            due = instants[int(share * (len(instants) - 1))]
            while (now := await self.now()) is None or now < due:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(_GLANCE)
            await self._calm()
            while (fault := await self._try(kind, stage)) is None:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(_GLANCE)
            if fault not in self._journal.faults:
                self._journal.faults.append(fault)

    async def now(self) -> datetime | None:
        """Return how far the tape has been played, or None where that cannot be seen."""
        try:
            rows = await self._sight.sql("SELECT now FROM replay_clock")
        except Blind:
            return None
        return rows[0]["now"] if rows else None

    async def _calm(self) -> None:
        """Wait until what was interrupted so far is done, so that each fault has a time of its own."""
        try:
            async with asyncio.timeout(_CALM):
                while self._journal.open:  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(_GLANCE)
        except TimeoutError:
            self._journal.say("going on although a fault is not overcome")

    async def _try(self, kind: str, stage: str) -> Fault | None:
        try:
            return await self._deeds[kind](stage)
        except Blind:
            return None

    # -------------------------------------------------------------------------------------------- the deeds

    async def _flush(self, _stage: str) -> Fault | None:
        jobs = await self._sight.flush()
        return None if jobs is None else Fault(FLUSH, jobs=jobs)

    async def _kill_valkey(self, _stage: str) -> Fault | None:
        pid = int((await self._sight.redis("INFO", "server"))["process_id"])
        return await self._aimed(VALKEY, lambda _: os.kill(pid, signal.SIGKILL))

    async def _kill_postgres(self, _stage: str) -> Fault | None:
        pid = int((self._fleet.setting.data / "postgres" / "postmaster.pid").read_text().split()[0])
        return await self._aimed(POSTGRES, lambda _: os.kill(pid, signal.SIGKILL))

    async def _kill_servers(self, _stage: str) -> Fault | None:
        return await self._aimed(SERVERS, lambda fault: self._fleet.kill("servers", fault))

    async def _aimed(self, kind: str, kill: Callable[[Fault], None]) -> Fault | None:
        """Kill while jobs are in hand, if there are any soon; not while one has crashed too often already."""
        if await self._sight.is_suspect(QUEUES, MOST_CRASHES):
            return None
        for _ in range(int(_AIM / _GLANCE)):
            jobs = await self._sight.in_hand()
            if jobs:
                break
            await asyncio.sleep(_GLANCE / 4)
        if any(job.crashes >= MOST_CRASHES for job in jobs):
            return None
        fault = Fault(kind, jobs=jobs)
        kill(fault)
        return fault

    async def _kill_driver(self, _stage: str) -> Fault | None:
        fault = Fault(DRIVER)
        self._fleet.kill("driver", fault)
        return fault

    async def _kill_worker(self, stage: str) -> Fault | None:
        """Kill a stage's worker while it has something to do; if that does not come soon, another's."""
        until = time.monotonic() + _AIM
        while True:
            (clock,) = await self._sight.sql("SELECT stage, now FROM replay_clock")
            meant = clock["stage"] == stage or (clock["stage"] in STAGES and time.monotonic() > until)
            if meant and await self._works(clock["stage"]):
                break
            await asyncio.sleep(_GLANCE / 4)
        stage = clock["stage"]
        fault = Fault(WORKER, stage, turn=(stage, clock["now"]) if STAGES[stage].every is not None else None)
        return fault if await self._fleet.kill_unless_suspect(stage, fault) else None

    async def _works(self, stage: str) -> bool:
        return STAGES[stage].every is not None or bool(await self._sight.in_hand(STAGES[stage].queues))
