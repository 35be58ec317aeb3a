"""One stage's dealings with the queue: jobs in, acknowledgements and follow-ups out, together where they meet."""

from collections.abc import Mapping, Sequence

import structlog

from stonks.model.errors import Server, Unreachable
from stonks.ports.queue import Claimed, Demand, Exchanged, Push
from stonks.ports.stage import Stage
from stonks.runtime.isolation import LAST_CHANCE
from stonks.runtime.process import Process
from stonks.runtime.shares import Shares

MOST = 64
"""Jobs in one claim."""
_log = structlog.get_logger()


class Fetcher:
    """Claims for a stage's free hands, and owes the queue what became of earlier claims."""

    def __init__(self, stage: Stage, process: Process) -> None:
        """Deal for this stage."""
        self._stage = stage.name
        self._queues = tuple(stage.queues)
        self._shares = Shares(stage.queues)
        self._process = process
        self._queue = process.ports.queue
        self._downstream = process.regime.held_back_by(stage)
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
        """Queue jobs with the next exchange; those that a full queue turns away the reconciler pushes later."""
        self._outbox += self._process.regime.spaced(pushes)

    async def fetch(self, hands: int, in_hand: Mapping[str, int]) -> list[tuple[str, Claimed]]:
        """Tell the queue what it is owed and take up to one job a hand; what one queue lacks another gives.

        Args:
            hands: how many jobs may be taken.
            in_hand: how many the stage holds of each queue.

        Raises:
            Unreachable: nothing was taken; what is owed stays owed.
        """
        if hands < 1:
            await self.pay()
            return []
        fetched: list[tuple[str, Claimed]] = []
        hungry = list(self._queues)
        each_its_own = True
        try:
            while plan := self._shares.plan(min(hands, MOST) - len(fetched), hungry):
                for queue, asked in plan.items():
                    held = in_hand.get(queue, 0) + sum(source == queue for source, _ in fetched)
                    claimed = await self._claim(queue, asked, held)
                    fetched += ((queue, job) for job in claimed)
                    self._shares.gave(queue, len(claimed) if each_its_own else 0)
                    if len(claimed) < asked or claimed[-1].crashes >= LAST_CHANCE:
                        hungry.remove(queue)
                each_its_own = False
        except Unreachable as error:
            if not fetched:
                raise
            _log.warning("queue.unreachable", stage=self._stage, error=str(error))
        self._shares.settle()
        return fetched

    async def pay(self) -> None:
        """Tell the queue all that it is owed, and take nothing.

        Raises:
            Unreachable: what is owed stays owed.
        """
        while self.owes:
            for queue in self._queues:
                if self._done[queue]:
                    await self._exchange(queue, self._demand(0))
            await self._find_leftovers()
            if self._outbox:
                await self._push()

    async def _push(self) -> None:
        outbox, self._outbox = self._outbox, []
        try:
            with self._process.health.asking(Server.REDIS):
                answers = await self._queue.enqueue(outbox, high_water=self._process.regime.high_water)
        except Unreachable:
            self._outbox = outbox + self._outbox
            raise
        if -1 in answers:
            self._process.telemetry.held_back(self._stage)

    async def _claim(self, queue: str, limit: int, in_hand: int) -> Sequence[Claimed]:
        await self._find_leftovers()
        answer = await self._exchange(queue, self._demand(limit, in_hand))
        if answer.held_back:
            self._process.telemetry.held_back(self._stage)
        return answer.claimed

    def _demand(self, limit: int, in_hand: int = 0) -> Demand:
        return Demand(
            limit=limit,
            lease=self._process.ports.settings.lease,
            high_water=self._process.regime.high_water,
            in_hand=in_hand,
            downstream=self._downstream,
        )

    async def _exchange(self, queue: str, demand: Demand) -> Exchanged:
        done, self._done[queue] = self._done[queue], {}
        outbox, self._outbox = self._outbox, []
        try:
            with self._process.health.asking(Server.REDIS):
                answer = await self._queue.exchange(queue, list(done), outbox, demand)
        except Unreachable:
            self._done[queue] = done | self._done[queue]
            self._outbox = outbox + self._outbox
            raise
        if answer.settled.lost:
            self._process.telemetry.lost(self._stage, len(answer.settled.lost))
        self._crowded[queue] += (done[token] for token in answer.settled.crowded)
        return answer

    async def _find_leftovers(self) -> None:
        """Push what was turned away while a job of its subject was in hand, and what that job did not cover."""
        for queue, subjects in self._crowded.items():
            if subjects:
                self.push(await self._process.ledger.leftovers(queue, subjects))
                del subjects[:]
