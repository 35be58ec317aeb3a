"""How one stage runs: its jobs as tasks, each delivery to one outcome. The only place that catches everything."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import structlog

from stonks.model.errors import Malformed, Permanent, Transient
from stonks.model.job import QUEUES, Job
from stonks.ports.queue import Claimed
from stonks.ports.stage import Stage, Worker
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.ledger import Entry
from stonks.runtime.outcome import Buried, Done, Lost, Outcome, Released, Retried, Skipped, backoff, outcome_of
from stonks.runtime.process import Process
from stonks.runtime.work import LedgerWork

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Hand:
    """A job in hand; an outcome decided from outside (lost, released, past its deadline) ends its task."""

    queue: str
    claimed: Claimed
    job: Job
    decided: Outcome | None = None
    task: "asyncio.Task[None] | None" = None

    def let_go(self, outcome: Outcome) -> None:
        """End the handler, unless it has ended."""
        if self.task is not None and self.decided is None:
            self.decided = outcome
            self.task.cancel()


def decode(queue: str, claimed: Claimed) -> Job:
    """Return the job of a queue's type that the payload stands for.

    Raises:
        Malformed: it stands for none.
    """
    try:
        return msgspec.json.decode(claimed.payload, type=QUEUES[queue])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error


def is_json(text: bytes) -> bool:
    """Return whether a text is JSON, whatever it says."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


async def attempt(work: Awaitable[None], failures: int, random: Random) -> Outcome:
    """Return what came of some work, whatever it raised; only a cancellation passes."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an outcome
        outcome = outcome_of(error, failures, random)
        if isinstance(outcome, Retried) and outcome.bug:
            _log.exception("bug", exc_info=error)
        return outcome
    return Done()


class StageLoop:
    """Runs one stage's jobs and polls in this process."""

    def __init__(self, stage: Stage, worker: Worker, process: Process) -> None:
        """Run this worker for the stage."""
        self.stage = stage
        self.worker = worker
        self._process = process
        self.queue = process.ports.queue
        self._ledger = process.ledger
        self._fetcher = Fetcher(stage, process.ports, process.ledger)
        self._hands: dict[str, Hand] = {}
        self._news = asyncio.Event()
        self._failures = 0
        self._crash: BaseException | None = None

    @property
    def owes(self) -> bool:
        """Whether the next turn has something to tell the queue."""
        return self._fetcher.owes

    @property
    def in_hand(self) -> int:
        """How many jobs are being done."""
        return len(self._hands)

    @property
    def free(self) -> int:
        """How many more jobs may be taken."""
        return self.stage.concurrency - len(self._hands)

    def notify(self) -> None:
        """Wake whoever waits in ``news``."""
        self._news.set()

    async def news(self) -> None:
        """Return when something has ended since the last turn or the last news, or when notified."""
        await self._news.wait()
        self._news.clear()
        if self._crash is not None:
            raise self._crash

    async def turn(self) -> int:
        """Settle what has ended, take what there is room for and start it; return how many jobs were taken."""
        self._news.clear()
        try:
            fetched = await self._fetcher.fetch(self.free)
        except Transient as error:
            await self._hold_off(error)
            return 0
        self._failures = 0
        for queue in self.stage.queues:
            if batch := [claimed for source, claimed in fetched if source == queue]:
                await self._start(queue, batch)
        return len(fetched)

    async def poll(self, failures: int = 0) -> Outcome:
        """Let the worker look by itself once; what follows is queued even when it failed half-way."""
        if self.worker.poll is None:
            return Done()
        started = time.monotonic()
        work: LedgerWork[None] = LedgerWork(self._process.ports.store, None, self._process.ports.clock.now())
        self._process.telemetry.started(self.stage.name)
        outcome = await attempt(self.worker.poll(work), failures, self._process.random)
        self._process.telemetry.ended(self.stage.name, "poll", outcome, time.monotonic() - started)
        self._fetcher.push(work.pushes)
        try:
            await self._fetcher.settle_all()
        except Transient as error:
            _log.warning("queue.unreachable", stage=self.stage.name, error=str(error))
        return outcome

    async def end(self, grace: timedelta) -> None:
        """Wait for what is in hand, give back what takes longer, and settle the rest."""
        tasks = {hand.task for hand in self._hands.values() if hand.task is not None}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace.total_seconds())
            for hand in list(self._hands.values()):
                hand.let_go(Released())
            if late:
                await asyncio.wait(late)
        try:
            await self._fetcher.settle_all()
        except Transient as error:
            _log.warning("queue.unreachable", stage=self.stage.name, error=str(error))

    async def _hold_off(self, error: Transient) -> None:
        self._failures += 1
        pause = min(backoff(self._failures, self._process.random), timedelta(seconds=5))
        _log.warning("stage.waits", stage=self.stage.name, error=str(error), seconds=pause.total_seconds())
        await asyncio.sleep(pause.total_seconds())

    # ---------------------------------------------------------------------------------------------- one delivery

    async def _start(self, queue: str, batch: Sequence[Claimed]) -> None:
        hands = []
        for claimed in batch:
            try:
                hands.append(Hand(queue, claimed, decode(queue, claimed)))
            except Malformed as error:
                await self._bury_unread(queue, claimed, error)
        await self._start_decoded(queue, hands)

    async def _start_decoded(self, queue: str, hands: list[Hand]) -> None:
        try:
            entries = await self._ledger.load(queue, [hand.job for hand in hands]) if hands else {}
        except Transient as error:
            for hand in hands:
                await self._tell(hand, Released())
            await self._hold_off(error)
            return
        except Permanent as error:
            await self._start_apart(queue, hands, error)
            return
        for hand in hands:
            token = hand.claimed.token
            self._hands[token] = hand
            self._process.heartbeat.hold(queue, token, self.stage.deadline, hand.let_go)
            hand.task = asyncio.create_task(self._deliver(hand, entries[hand.job.key]))
            hand.task.add_done_callback(self._ended)

    async def _start_apart(self, queue: str, hands: list[Hand], error: Permanent) -> None:
        """Bury the one job that the ledger cannot take, such as text with a NUL, and start its batch mates."""
        if len(hands) == 1:
            await self._bury_unread(queue, hands[0].claimed, error)
            return
        for hand in hands:
            await self._start_decoded(queue, [hand])

    def _ended(self, task: "asyncio.Task[None]") -> None:
        # A delivery that raises is a fault of this runtime: the process must not live on with it.
        if not task.cancelled() and task.exception() is not None:
            self._crash = task.exception()
        self._news.set()

    async def _deliver(self, hand: Hand, entry: Entry) -> None:
        started, telemetry = time.monotonic(), self._process.telemetry
        telemetry.started(self.stage.name, hand.queue, None, hand.claimed.deliveries)
        outcome = await self._do(hand, entry)
        # From here on nobody may decide otherwise.
        hand.decided = outcome
        outcome = await self._tell(hand, outcome)
        del self._hands[hand.claimed.token]
        self._process.heartbeat.drop(hand.claimed.token)
        telemetry.ended(self.stage.name, hand.job.key, outcome, time.monotonic() - started, claimed=hand.claimed)

    async def _do(self, hand: Hand, entry: Entry) -> Outcome:
        if entry.done:
            return Skipped()
        if entry.dead:
            return Buried(entry.reason or "dead", "the ledger has it as dead")
        work = LedgerWork(self._process.ports.store, hand.job, self._process.ports.clock.now(), entry)
        try:
            return await attempt(self._handle(work), hand.claimed.deliveries, self._process.random)
        except asyncio.CancelledError:
            if hand.decided is None or hand.task is None:
                raise
            hand.task.uncancel()
            return hand.decided
        finally:
            self._fetcher.push(work.pushes)

    async def _handle(self, work: LedgerWork[Any]) -> None:
        if self.worker.handle is None:
            raise Malformed(f"{self.stage.name} reads queues but handles no job")
        await self.worker.handle(work)
        if not work.committed:
            async with work.commit():
                """The worker found nothing to write: the ledger notes that it looked."""

    async def _tell(self, hand: Hand, outcome: Outcome) -> Outcome:
        """Bring an outcome to queue and ledger; where neither answers the lease runs out and the job comes back."""
        try:
            return await self._told(hand, outcome)
        except Transient as error:
            _log.warning("outcome.untold", job=hand.job.key, error=str(error))
            return Lost()

    async def _told(self, hand: Hand, outcome: Outcome) -> Outcome:
        queue, token = hand.queue, hand.claimed.token
        match outcome:
            case Done() | Skipped():
                self._fetcher.settle(queue, token, hand.job.subject)
            case Retried(delay, reason, error):
                if await self.queue.retry(queue, token, delay=delay, reason=reason, error=error) == "dead":
                    await self._ledger.bury([hand.job], reason, self._process.ports.clock.now())
                    return await self._buried(hand, Buried(reason, error))
                # Nothing on the list tells an idle stage that a job is due.
                asyncio.get_running_loop().call_later(delay.total_seconds(), self.notify)
            case Buried(reason, error):
                await self._ledger.bury([hand.job], reason, self._process.ports.clock.now())
                await self.queue.bury(queue, token, reason=reason, error=error)
                return await self._buried(hand, outcome)
            case Released():
                await self.queue.release(queue, token)
            case Lost():
                pass
        return outcome

    async def _buried(self, hand: Hand, outcome: Buried) -> Outcome:
        """Queue what waits behind a dead job of its subject."""
        self._fetcher.push(await self._ledger.leftovers(hand.queue, [hand.job.subject]))
        return outcome

    async def _bury_unread(self, queue: str, claimed: Claimed, error: Permanent) -> None:
        try:
            if claimed.ledger_id is not None:
                await self._ledger.bury_unread(claimed.ledger_id, "malformed")
            malformed = not is_json(claimed.payload)
            await self.queue.bury(queue, claimed.token, reason="malformed", error=str(error), malformed=malformed)
        except Transient as unreachable:
            _log.warning("outcome.untold", queue=queue, error=str(unreachable))
