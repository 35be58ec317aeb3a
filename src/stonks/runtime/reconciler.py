"""Puts open ledger rows back on their queues: after a lost push, and all at once after the queue's server was wiped."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random

import msgspec
import structlog

from stonks.model.errors import Server, Transient
from stonks.model.job import QUEUES, Job
from stonks.ports.bundle import Ports
from stonks.ports.queue import DeadLetter, Push
from stonks.runtime.delivery import LETTERS
from stonks.runtime.ledger import PAGE, Ledger, Open
from stonks.runtime.outcome import pause
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry

_PAGES = 4  # pages of the ledger in one look; the next goes on from there
_GLANCES = 3  # from one look at the ledger to the next, where nothing was wiped
_AUDIT_EVERY = 60.0  # seconds between audits
_AUDITED = 200  # rows in one audit
_OVERDUE = timedelta(minutes=3)  # age at which a row whose subject is locked may be waiting for nothing
_log = structlog.get_logger()


class Reconciler:
    """Compares the ledger with the queue; of all processes one does it at a time.

    A row may be open for long because its queue is long: the presence lock then refuses it, so nothing is amplified.
    """

    def __init__(self, ports: Ports, ledger: Ledger, telemetry: Telemetry, regime: Regime, *, grace: timedelta) -> None:
        """Leave rows alone until they have been open for ``grace``: their push may be on its way."""
        self._ports = ports
        self._ledger = ledger
        self._telemetry = telemetry
        self._health = telemetry.health
        self._regime = regime
        self._grace = grace
        self._wiped = False
        self._after = 0
        self._glances = 0
        self._audit_at = time.monotonic()

    async def run(self, every: timedelta, stop: asyncio.Event) -> None:
        """Ask every so often whether the queue was wiped, and now and then look at the ledger, until told to stop."""
        failures, random = 0, Random()
        while not stop.is_set():
            try:
                await self._glance()
                failures = 0
            except Transient as error:
                failures += 1
                self._health.met(error)
                _log.warning("reconciler.waits", error=str(error))
            rest = pause(failures, random) if failures else every
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), rest.total_seconds())

    async def look(self) -> int:
        """Push what should be on a queue and is not; return how many jobs that were."""
        await self._ask_for_wipe()
        with self._health.asking(Server.POSTGRESQL):
            async with self._ports.store.transaction() as transaction:
                if not await transaction.value("jobs.reconcile_alone"):
                    return 0
                await transaction.run("jobs.reconciled")
                wiped = self._wiped
                pushed, orphans = await self._push_all() if wiped else await self._push_some()
        if wiped:
            self._wiped = False
        self._telemetry.reconciled(pushed, wiped=wiped, orphans=orphans)
        return pushed

    async def _glance(self) -> None:
        await self._ask_for_wipe()
        if self._wiped or self._glances % _GLANCES == 0:
            await self.look()
        self._glances += 1

    async def _ask_for_wipe(self) -> None:
        # The answer is given once: it is kept until everything has been pushed.
        with self._health.asking(Server.REDIS):
            self._wiped = await self._ports.queue.pulse() or self._wiped

    async def _push_all(self) -> tuple[int, int]:
        pushed, after = 0, 0
        while rows := await self._ledger.stale(after, timedelta(0)):
            pushed += (await self._push(rows))[0]
            after = rows[-1].seq
        return pushed, 0

    async def _push_some(self) -> tuple[int, int]:
        """Push what has been open for long, some pages of it: each look goes on where the last one ended."""
        pushed = orphans = 0
        for _ in range(_PAGES):
            rows = await self._ledger.stale(self._after, self._grace)
            new, refused = await self._push(rows)
            freed = await self._free_orphans([row for row in refused if row.age >= _OVERDUE])
            pushed, orphans = pushed + new + freed, orphans + freed
            self._after = rows[-1].seq if len(rows) == PAGE else 0
            if not self._after:
                break
        return pushed, orphans

    async def _push(self, rows: Sequence[Open]) -> tuple[int, list[Open]]:
        """Push rows; return how many were new to their queue, and those whose subject is said to be there."""
        dead = await self._bury_dead(rows)
        rows = [row for row in rows if row.job_id not in dead]
        answers = await self._enqueue([row.push() for row in rows])
        # A job may have died since the letters were read: what is told now keeps it from being run again.
        await self._bury_dead([row for row, answer in zip(rows, answers, strict=True) if answer == 1])
        return answers.count(1), [row for row, answer in zip(rows, answers, strict=True) if answer == 0]

    async def _enqueue(self, pushes: Sequence[Push]) -> list[int]:
        if not pushes:
            return []
        return await self._ports.queue.enqueue(self._regime.spaced(pushes), high_water=self._regime.high_water)

    async def _free_orphans(self, rows: Sequence[Open]) -> int:
        """Push jobs whose presence lock stands though they are nowhere, because someone deleted a list."""
        if not rows or time.monotonic() < self._audit_at:
            return 0
        self._audit_at = time.monotonic() + _AUDIT_EVERY
        freed = 0
        for queue in {row.queue for row in rows}:
            pushes = {row.job_id: row.push() for row in rows if row.queue == queue}
            orphans = await self._ports.queue.audit(queue, list(pushes.values())[:_AUDITED])
            freed += (await self._enqueue([pushes[job_id] for job_id in orphans])).count(1)
        return freed

    async def _bury_dead(self, rows: Sequence[Open]) -> set[str]:
        """Tell the ledger of jobs that died where nobody could tell it, such as with their worker; return their ids."""
        asked, buried = {row.job_id for row in rows}, set[str]()
        depths = await self._ports.queue.depths() if rows else []
        for queue in {row.queue for row in rows} & {depth.queue for depth in depths if depth.dead}:
            for letter in await self._ports.queue.dead_letters(queue, LETTERS):
                if (job := job_in(letter)) is not None and job.key in asked:
                    await self._ledger.bury([job], letter.reason, self._ports.clock.now())
                    buried.add(job.key)
        return buried


def job_in(letter: DeadLetter) -> Job | None:
    """Return the job in a dead letter, or None where its bytes are none."""
    try:
        return msgspec.json.decode(letter.payload, type=QUEUES[letter.queue])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
