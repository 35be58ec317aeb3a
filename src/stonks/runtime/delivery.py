"""One delivery of a job: from its bytes to what the queue and the ledger are told of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from stonks.model.errors import Malformed, Permanent, Server, Transient
from stonks.model.job import QUEUES, Job
from stonks.ports.queue import Claimed
from stonks.runtime.fetcher import Fetcher
from stonks.runtime.outcome import Buried, Crashed, Done, Lost, Outcome, Released, Retried, Skipped, Stalled
from stonks.runtime.process import Process

LETTERS = 1000
"""How many of a queue's newest dead letters are compared with the ledger."""
_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Hand:
    """A job in hand; an outcome decided from outside (lost, released, past its deadline) ends its task."""

    queue: str
    claimed: Claimed
    job: Job
    key: str
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


class Teller:
    """Brings what came of a stage's jobs to queue and ledger.

    Where one of them does not answer nothing is told: the lease runs out, and the job comes back.
    """

    def __init__(self, stage: str, process: Process, fetcher: Fetcher, wake: Callable[[], None]) -> None:
        """Tell for this stage, whose next turn ``wake`` brings about."""
        self._stage = stage
        self._fetcher = fetcher
        self._wake = wake
        self._ledger = process.ledger
        self._queue = process.ports.queue
        self._clock = process.ports.clock
        self._telemetry = process.telemetry
        self._health = process.health

    async def tell(self, hand: Hand, outcome: Outcome) -> Outcome:
        """Tell an outcome and return what it came to."""
        try:
            match outcome:
                case Done() | Skipped():
                    self._fetcher.settle(hand.queue, hand.claimed.token, hand.job.subject)
                case Released() | Stalled():
                    await self.give_back(hand.queue, hand.claimed)
                case Lost():
                    self._telemetry.lost(self._stage, 1)
                case Retried() | Crashed() | Buried():
                    return await self._tell_failure(hand, outcome)
        except Transient as error:
            self._health.met(error)
            _log.warning("outcome.untold", job=hand.key, outcome=type(outcome).__name__.lower(), error=str(error))
            return Lost()
        return outcome

    async def on_dead(self, hand: Hand, reason: str | None) -> Outcome:
        """Return what is to become of a job that the ledger has as dead: one letter tells of it, and no more."""
        try:
            letters = await self._queue.dead_letters(hand.queue, LETTERS)
        except Transient as error:
            return Stalled(str(error))
        if any(letter.ledger_id == hand.key for letter in letters):
            return Skipped()
        return Buried(reason or "dead", "the ledger has it as dead")

    async def give_back(self, queue: str, claimed: Claimed) -> None:
        """Return a job to the head of its queue as if nobody had taken it.

        Raises:
            Unreachable: its lease has to run out.
        """
        with self._health.asking(Server.REDIS):
            await self._queue.release(queue, claimed.token)

    async def bury_unread(self, queue: str, claimed: Claimed, error: Permanent) -> None:
        """Bury a job that cannot be read, or not be written down."""
        try:
            if claimed.ledger_id is not None:
                await self._ledger.bury_unread([claimed.ledger_id], "malformed", self._clock.now())
            malformed = not is_json(claimed.payload)
            await self._queue.bury(queue, claimed.token, reason="malformed", error=str(error), malformed=malformed)
        except Transient as unreachable:
            self._health.met(unreachable)
            _log.warning("outcome.untold", queue=queue, outcome="buried", error=str(unreachable))

    async def _tell_failure(self, hand: Hand, outcome: Retried | Crashed | Buried) -> Outcome:
        queue, token = hand.queue, hand.claimed.token
        match outcome:
            case Retried(delay, reason, error):
                where = await self._queue.retry(queue, token, delay=delay, reason=reason, error=error)
                # Nothing on the list tells an idle stage that a job is due.
                asyncio.get_running_loop().call_later(delay.total_seconds(), self._wake)
            case Crashed(error):
                reason = "crashed"
                where = await self._queue.crash(queue, token, reason=reason, error=error)
            case Buried(reason, error):
                # The ledger first: what it has as dead is buried whenever it comes to hand.
                await self._ledger.bury_unread([hand.key], reason, self._clock.now())
                await self._queue.bury(queue, token, reason=reason, error=error)
                await self._succeed(hand)
                return outcome
        return await self._met(hand, outcome, where, Buried(reason, error))

    async def _met(self, hand: Hand, outcome: Outcome, where: str, death: Buried) -> Outcome:
        """Return what an outcome came to by where the queue has put the job."""
        match where:
            case "lost":
                self._telemetry.lost(self._stage, 1)
                return Lost()
            case "dead":
                # Where this fails the reconciler finds the letter.
                await self._ledger.bury_unread([hand.key], death.reason, self._clock.now())
                await self._succeed(hand)
                return death
            case _:
                return outcome

    async def _succeed(self, hand: Hand) -> None:
        """Queue what waits behind a dead job of its subject."""
        self._fetcher.push(await self._ledger.leftovers(hand.queue, [hand.job.subject]))
