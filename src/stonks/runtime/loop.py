"""How one stage runs: its jobs as tasks, each delivery to one outcome. The only place that catches everything."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import msgspec
import structlog

from stonks.model.errors import Malformed, Permanent, Server, Transient
from stonks.ports.queue import Claimed
from stonks.ports.stage import Stage, Worker
from stonks.runtime.delivery import Hand, Teller, decode
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.isolation import LAST_CHANCE
from stonks.runtime.ledger import Entry
from stonks.runtime.outcome import Done, Outcome, Released, Retried, Skipped, Stalled, outcome_of, pause
from stonks.runtime.process import Process
from stonks.runtime.trace import begun, continued, trace_of
from stonks.runtime.work import LedgerWork

_log = structlog.get_logger()

Fetched = Sequence[tuple[str, Claimed]]
"""Claimed jobs with their queues."""


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
        self.queue = process.ports.queue
        self.gave: frozenset[str] = frozenset()
        """The queues from which the last turn took something."""
        self._process = process
        self._fetcher = Fetcher(stage, process)
        self._teller = Teller(stage.name, process, self._fetcher, self.notify)
        self._hands: dict[str, Hand] = {}
        self._news = asyncio.Event()
        self._failures = 0
        self._stalled = False
        self._fault: BaseException | None = None

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
        if self._fault is not None:
            raise self._fault

    async def turn(self) -> int:
        """Settle what has ended, take what there is room for and start it; return how many jobs were taken."""
        self._news.clear()
        self.gave = frozenset()
        if self._stalled:
            await self._hold_off()
        room = self._process.isolation.room(self.notify, self.free)
        try:
            with self._process.isolation.claiming():
                held = Counter(hand.queue for hand in self._hands.values())
                fetched = await self._fetcher.fetch(room, held)
                await self._start(await self._apart(fetched, room))
        except Transient as error:
            self._stall(error)
            return 0
        self.gave = frozenset(queue for queue, _ in fetched)
        if not fetched and not self._hands:
            self._failures = 0
        return len(fetched)

    async def poll(self, failures: int = 0) -> Outcome:
        """Let the worker look by itself once; what follows is queued even when it failed half-way."""
        if self.worker.poll is None:
            return Done()
        started, process = time.monotonic(), self._process
        trace = begun(process.random)
        link = partial(continued, trace, process.random)
        work: LedgerWork[None] = LedgerWork(process.ports.store, None, process.ports.clock.now(), link)
        process.telemetry.started(self.stage.name)
        outcome = await attempt(self.worker.poll(work), failures, process.random)
        process.telemetry.ended(self.stage.name, "poll", outcome, time.monotonic() - started, trace_of(trace))
        if isinstance(outcome, Stalled) and outcome.server is not None:
            process.health.silent(outcome.server, outcome.error)
        self._fetcher.push(work.pushes)
        await self._pay()
        return outcome

    async def end(self, grace: timedelta) -> None:
        """Wait for what is in hand, give back what takes longer, and settle the rest."""
        until = time.monotonic() + grace.total_seconds()
        while (tasks := self._tasks()) and (left := until - time.monotonic()) > 0:
            await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            await self._pay()
        for hand in list(self._hands.values()):
            hand.let_go(Released())
        if tasks := self._tasks():
            await asyncio.wait(tasks)
        await self._pay()

    def _tasks(self) -> "set[asyncio.Task[None]]":
        return {hand.task for hand in self._hands.values() if hand.task is not None}

    async def _pay(self) -> None:
        """Tell the queue what it is owed, if it listens; if not, it stays owed."""
        try:
            await self._fetcher.pay()
        except Transient as error:
            self._process.health.met(error)
            _log.warning("queue.unreachable", stage=self.stage.name, error=str(error))

    # ---------------------------------------------------------------------------------- servers that do not answer

    def _stall(self, error: Transient) -> None:
        """Have the next turn wait."""
        self._stalled = True
        self._process.health.met(error)
        _log.warning("stage.waits", stage=self.stage.name, error=str(error))
        self.notify()

    def _met(self, outcome: Outcome) -> None:
        """Learn from a delivery whether our servers answer."""
        match outcome:
            case Stalled(error, server):
                self._stalled = True
                if server is not None:
                    self._process.health.silent(server, error)
            case _:
                self._failures = 0

    async def _hold_off(self) -> None:
        self._stalled = False
        self._failures += 1
        await self._process.pause(pause(self._failures, self._process.random))

    # ---------------------------------------------------------------------------------- starting what was taken

    async def _apart(self, fetched: Fetched, room: int) -> Fetched:
        """Give back a job on its last chance unless it is alone in the process, and let it be alone next."""
        isolation, kept = self._process.isolation, []
        for queue, claimed in fetched:
            if claimed.crashes < LAST_CHANCE or isolation.admits(self.notify, len(fetched)):
                kept.append((queue, claimed))
            else:
                await self._teller.give_back(queue, claimed)
        if room and kept == fetched and not any(claimed.crashes >= LAST_CHANCE for _, claimed in kept):
            isolation.release(self.notify)
        return kept

    async def _start(self, fetched: Fetched) -> None:
        """Start jobs, a queue's together.

        Raises:
            Transient: those that could not be started are given back.
        """
        failure: Transient | None = None
        for queue in self.stage.queues:
            hands = []
            for claimed in (claimed for source, claimed in fetched if source == queue):
                try:
                    hands.append(self._hand(queue, claimed))
                except Malformed as error:
                    await self._teller.bury_unread(queue, claimed, error)
            try:
                await self._start_decoded(queue, hands)
            except Transient as error:
                failure = error
        if any(claimed.crashes >= LAST_CHANCE and claimed.token not in self._hands for _, claimed in fetched):
            self._process.isolation.release(self.notify)
        if failure is not None:
            raise failure

    def _hand(self, queue: str, claimed: Claimed) -> Hand:
        job = decode(queue, claimed)
        if trace_of(job.traceparent) is None:
            job = msgspec.structs.replace(job, traceparent=begun(self._process.random))
        return Hand(queue, claimed, job, job.key)

    async def _start_decoded(self, queue: str, hands: list[Hand]) -> None:
        if not hands:
            return
        try:
            with self._process.health.asking(Server.POSTGRESQL):
                entries = await self._process.ledger.load(queue, {hand.key: hand.job for hand in hands})
        except Transient as error:
            for hand in hands:
                await self._teller.tell(hand, Stalled(str(error)))
            raise
        except Permanent as error:
            await self._start_apart(queue, hands, error)
            return
        for hand in hands:
            token = hand.claimed.token
            self._hands[token] = hand
            self._process.isolation.enter()
            self._process.heartbeat.hold(queue, token, self.stage.deadline, hand.let_go)
            hand.task = asyncio.create_task(self._deliver(hand, entries[hand.key]))
            hand.task.add_done_callback(partial(self._ended, hand))

    async def _start_apart(self, queue: str, hands: list[Hand], error: Permanent) -> None:
        """Bury the one job that the ledger cannot take, such as text with a NUL, and start its batch mates."""
        if len(hands) == 1:
            await self._teller.bury_unread(queue, hands[0].claimed, error)
            return
        for hand in hands:
            await self._start_decoded(queue, [hand])

    # ---------------------------------------------------------------------------------- one delivery

    async def _deliver(self, hand: Hand, entry: Entry) -> None:
        started, telemetry, claimed = time.monotonic(), self._process.telemetry, hand.claimed
        telemetry.started(self.stage.name, hand.queue, claimed.waited, claimed.deliveries)
        outcome = await self._do(hand, entry)
        # From here on nobody may decide otherwise.
        hand.decided = outcome
        outcome = await self._teller.tell(hand, outcome)
        trace = trace_of(hand.job.traceparent)
        telemetry.ended(self.stage.name, hand.key, outcome, time.monotonic() - started, trace, claimed)

    def _ended(self, hand: Hand, task: "asyncio.Task[None]") -> None:
        del self._hands[hand.claimed.token]
        self._process.heartbeat.drop(hand.claimed.token)
        self._process.isolation.leave()
        if hand.claimed.crashes >= LAST_CHANCE:
            self._process.isolation.release(self.notify)
        # A delivery that raises is a fault of this runtime: the process must not live on with it.
        if not task.cancelled() and task.exception() is not None:
            self._fault = task.exception()
        self._news.set()

    async def _do(self, hand: Hand, entry: Entry) -> Outcome:
        if entry.done:
            return Skipped()
        if entry.dead:
            return await self._teller.on_dead(hand, entry.reason)
        process = self._process
        link = partial(continued, hand.job.traceparent, process.random)
        work = LedgerWork(process.ports.store, hand.job, process.ports.clock.now(), link, entry)
        try:
            outcome = await attempt(self._handle(work), hand.claimed.deliveries, process.random)
        except asyncio.CancelledError:
            if hand.decided is None or hand.task is None:
                raise
            hand.task.uncancel()
            return hand.decided
        finally:
            self._fetcher.push(work.pushes)
        self._met(outcome)
        return outcome

    async def _handle(self, work: LedgerWork[Any]) -> None:
        if self.worker.handle is None:
            raise Malformed(f"{self.stage.name} reads queues but handles no job")
        await self.worker.handle(work)
        if not work.committed:
            await work.conclude()
