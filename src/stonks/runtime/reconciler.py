"""Puts open ledger rows back on their queues: after a lost push, and all at once after the queue's server was wiped."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import structlog

from stonks.model.errors import Transient
from stonks.model.job import QUEUES, Job
from stonks.ports.bundle import Ports
from stonks.ports.queue import DeadLetter, Push
from stonks.runtime.ledger import Ledger, Open
from stonks.runtime.telemetry import Telemetry

_LETTERS = 1000  # dead letters of a queue that are compared with the ledger
_log = structlog.get_logger()


class Reconciler:
    """Compares the ledger with the queue; of all processes one does it at a time.

    A row may be open for long because its queue is long: the presence lock then refuses it, so nothing is amplified.
    """

    def __init__(self, ports: Ports, ledger: Ledger, telemetry: Telemetry, *, grace: timedelta) -> None:
        """Leave rows alone until they have been open for ``grace``: their push may be on its way."""
        self._ports = ports
        self._ledger = ledger
        self._telemetry = telemetry
        self._grace = grace

    async def run(self, every: timedelta, stop: asyncio.Event) -> None:
        """Look every so often until told to stop."""
        while not stop.is_set():
            try:
                await self.look()
            except Transient as error:
                _log.warning("reconciler.waits", error=str(error))
            try:
                await asyncio.wait_for(stop.wait(), every.total_seconds())
            except TimeoutError:
                continue

    async def look(self) -> int:
        """Push what should be on a queue and is not; return how many jobs that were."""
        async with self._ports.store.transaction() as transaction:
            if not await transaction.value("jobs.reconcile_alone"):
                return 0
            wiped = await self._ports.queue.pulse()
            pushed = 0
            after: int | None = 0
            while after is not None:
                page = await self._ledger.stale(after, timedelta(0) if wiped else self._grace)
                pushed += await self._push(page)
                after = page[-1].seq if page else None
        self._telemetry.reconciled(pushed, wiped=wiped)
        return pushed

    async def _push(self, rows: Sequence[Open]) -> int:
        dead = await self._bury_dead(rows)
        pushes = [row.push() for row in rows if row.job_id not in dead]
        if not pushes:
            return 0
        answers = await self._enqueue(pushes)
        refused = [push for push, answer in zip(pushes, answers, strict=True) if answer == 0]
        freed = {job for name in QUEUES for job in await self._audit(name, refused)}
        again = await self._enqueue([push for push in refused if push.ledger_id in freed])
        return answers.count(1) + again.count(1)

    async def _enqueue(self, pushes: Sequence[Push]) -> list[int]:
        return await self._ports.queue.enqueue(pushes, high_water=self._ports.settings.high_water)

    async def _audit(self, queue: str, refused: Sequence[Push]) -> list[str]:
        """Free the locks of jobs that are nowhere: someone deleted a list."""
        pushes = [push for push in refused if push.queue == queue]
        return await self._ports.queue.audit(queue, pushes) if pushes else []

    async def _bury_dead(self, rows: Sequence[Open]) -> set[str]:
        """Tell the ledger of jobs that died where nobody could tell it, such as with their worker; return their ids."""
        asked, buried = {row.job_id for row in rows}, set[str]()
        depths = await self._ports.queue.depths() if rows else []
        for queue in {row.queue for row in rows} & {depth.queue for depth in depths if depth.dead}:
            for letter in await self._ports.queue.dead_letters(queue, _LETTERS):
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
