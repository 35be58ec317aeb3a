"""One stage's dealings with the queue: jobs in, acknowledgements and follow-ups out, together where they meet."""

from collections.abc import Sequence

import structlog

from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports
from stonks.ports.queue import Claimed, Demand, Push
from stonks.ports.stage import Stage
from stonks.runtime.ledger import Ledger
from stonks.runtime.shares import Shares

_MOST = 64  # jobs in one claim
_log = structlog.get_logger()


class Fetcher:
    """Claims for a stage's free hands, and owes the queue what became of earlier claims."""

    def __init__(self, stage: Stage, ports: Ports, ledger: Ledger) -> None:
        """Deal for this stage."""
        self._queues = tuple(stage.queues)
        self._shares = Shares(stage.queues)
        self._queue = ports.queue
        self._settings = ports.settings
        self._ledger = ledger
        self._done: dict[str, dict[str, str]] = {queue: {} for queue in self._queues}
        self._crowded: dict[str, list[str]] = {queue: [] for queue in self._queues}
        self._outbox: list[Push] = []

    @property
    def owes(self) -> bool:
        """Whether there is something to tell the queue."""
        return bool(self._outbox) or any(self._done.values()) or any(self._crowded.values())

    def settle(self, queue: str, token: str, subject: str) -> None:
        """Acknowledge a job with the next exchange."""
        self._done[queue][token] = subject

    def push(self, pushes: Sequence[Push]) -> None:
        """Queue jobs with the next exchange."""
        self._outbox += pushes

    async def fetch(self, hands: int) -> list[tuple[str, Claimed]]:
        """Tell the queue what it is owed and take up to one job a hand; what one queue lacks another gives.

        Raises:
            Unreachable: nothing was taken; what is owed stays owed.
        """
        if hands < 1:
            await self._pay()
            return []
        fetched: list[tuple[str, Claimed]] = []
        hungry = list(self._queues)
        try:
            while plan := self._shares.plan(min(hands, _MOST) - len(fetched), hungry):
                for queue, asked in plan.items():
                    claimed = await self._exchange(queue, asked)
                    self._shares.gave(queue, len(claimed))
                    fetched += ((queue, job) for job in claimed)
                    if len(claimed) < asked:
                        hungry.remove(queue)
        except Unreachable as error:
            if not fetched:
                raise
            _log.warning("queue.unreachable", error=str(error))
        if len(hungry) < len(self._queues):
            self._shares.forget()
        return fetched

    async def settle_all(self) -> None:
        """Tell the queue all that it is owed, and take nothing."""
        while self.owes:
            await self._pay()

    async def _pay(self) -> None:
        for queue in self._queues:
            if self._done[queue]:
                await self._exchange(queue, 0)
        await self._find_leftovers()
        if self._outbox:
            outbox, self._outbox = self._outbox, []
            try:
                await self._queue.enqueue(outbox, high_water=self._settings.high_water)
            except Unreachable:
                self._outbox = outbox + self._outbox
                raise

    async def _exchange(self, queue: str, limit: int) -> Sequence[Claimed]:
        await self._find_leftovers()
        done, self._done[queue] = self._done[queue], {}
        outbox, self._outbox = self._outbox, []
        settings = self._settings
        try:
            answer = await self._queue.exchange(
                queue,
                list(done),
                outbox,
                Demand(limit=limit, lease=settings.lease, high_water=settings.high_water),
            )
        except Unreachable:
            self._done[queue] = done | self._done[queue]
            self._outbox = outbox + self._outbox
            raise
        self._crowded[queue] += (done[token] for token in answer.settled.crowded)
        return answer.claimed

    async def _find_leftovers(self) -> None:
        """Push what was turned away while a job of its subject was in hand, and what that job did not cover."""
        for queue, subjects in self._crowded.items():
            if subjects:
                self._outbox += await self._ledger.leftovers(queue, subjects)
                del subjects[:]
