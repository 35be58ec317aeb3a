"""Notices when the broker answers nothing any more, which nothing that asks it can count."""

from datetime import datetime, timedelta

from stonks.model.errors import Unreachable
from stonks.ports.bundle import Ports
from stonks.ports.stage import Poll, Work
from stonks.risk.breaker_findings import by_place, stream_dead
from stonks.risk.breaker_words import worded
from stonks.risk.breakers import BROKER, Breaker, BreakerKind, BreakerState, opened
from stonks.risk.policies import active_policy
from stonks.stages.broker.core.news import breaker_alert
from stonks.stages.broker.core.settling import mirror
from stonks.stages.broker.events import tell
from stonks.stages.broker.keeping import keep_breaker

_MIRRORED = timedelta(days=30)


class Silence:
    """Polls the broker, and opens STREAM_DEAD once it has not answered for as long as the tier allows.

    Executions are asked for at every poll, so a poll that the broker lets down is one in which neither its stream nor
    its sweeps tell anything. The next count that works closes the breaker.
    """

    def __init__(self, ports: Ports, poll: Poll) -> None:
        """Listen to what this poll meets; no answer has been waited for yet."""
        self._store = ports.store
        self._queue = ports.queue
        self._tier = ports.settings.risk_tier
        self._poll = poll
        self._since: datetime | None = None

    async def poll(self, work: Work[None]) -> None:
        """Poll, and note whether the broker answered.

        Raises:
            Unreachable: it did not; the runtime polls again soon.
        """
        try:
            await self._poll(work)
        except Unreachable as silent:
            if silent.server is None:  # our own servers are nobody's silence
                self._since = self._since or work.now
                await self._judge(work, self._since)
            raise
        self._since = None

    async def _judge(self, work: Work[None], since: datetime) -> None:
        limits = (await active_policy(self._store, self._tier)).breakers
        finding = stream_dead(work.now - since, since, limits)
        if not finding.tripped:
            return
        stored = by_place(await self._store.rows(Breaker, "broker.breakers")).get((BROKER, BreakerKind.STREAM_DEAD))
        if stored is not None and stored.state is not BreakerState.CLOSED:
            return
        breaker = worded(opened(stored, finding, work.now), limits)
        async with work.commit() as commit:
            await keep_breaker(commit, breaker)
            await tell(commit, [breaker_alert(breaker, work.now)])
        await self._queue.mark(mirror([breaker]), _MIRRORED)
