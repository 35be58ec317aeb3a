"""Loads what is known, lets the core decide and leave, and saves decisions with their orders in one transaction."""

from datetime import UTC, datetime, timedelta

import msgspec

from stonks.model.decision import Decision
from stonks.model.errors import Conflict
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent
from stonks.model.recommendation import Mode
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.ports.surrender import give_up
from stonks.risk.hours import may_enter, may_exit
from stonks.settings import trades_live
from stonks.stages.trading.approvals import request_approvals
from stonks.stages.trading.controls import Controls
from stonks.stages.trading.core.decide import decide_all
from stonks.stages.trading.core.desk import Candidate
from stonks.stages.trading.core.exits import Exit, Held, Raise, hits, leave, raises
from stonks.stages.trading.knowledge import Knowledge, State
from stonks.stages.trading.permits import Permits

_LATE = timedelta(minutes=10)
"""How much later than its instant a recommendation may be committed without being missed."""
_MARKED = timedelta(days=7)
"""How long Redis shows which recommendations were decided on."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """All that one poll came to."""

    decisions: tuple[Decision, ...]
    intents: tuple[Intent, ...]
    exits: tuple[Exit, ...]
    raised: tuple[Raise, ...]
    book: str | None
    """The digest of the book that was decided on; None where nothing was."""


class Trader:
    """Turns recommendations into decisions and orders, and positions at a barrier into sales.

    It acts only while the trading window is open. What was recommended meanwhile waits for it: the cursor stays, and a
    row in ``trading_decisions`` is what makes a recommendation decided.
    """

    def __init__(self, ports: Ports) -> None:
        """Trade the account of the settings by the policy of their tier."""
        self._store = ports.store
        self._queue = ports.queue
        self._account = ports.settings.account
        self._modes = [Mode.LIVE] if trades_live(ports.settings) else [Mode.PAPER, Mode.LIVE]
        self._knowledge = Knowledge(ports)
        self._permits = Permits(ports, self._knowledge)
        self._controls = Controls(ports.settings)
        self._quiet: list[Held] = []

    async def poll(self, work: Work[None]) -> None:
        """Send what a person allowed, leave positions at a barrier, then decide on what was recommended meanwhile."""
        await self._permits.settle(work)
        sessions, limits = await self._knowledge.sessions(work.now), (await self._knowledge.policy()).limits
        if not may_exit(sessions, limits, work.now):
            return
        state = await self._knowledge.state(work.now)
        candidates = await self._undecided(state, work.now) if may_enter(sessions, limits, work.now) else []
        book = await self._store.value("requests.portfolio_hash", account=self._account) if candidates else None
        held = await self._knowledge.held(work.now)
        if state.halts_when_flat and not held:
            await self._controls.settle(work)
        if not candidates and held == self._quiet:
            return
        desk = await self._knowledge.desk(work.now, state, held, [candidate.ticker for candidate in candidates])
        bars = await self._knowledge.bars_since(held, work.now)
        found, raised = hits(desk, held, bars), raises(desk, held, bars)
        exits, desk = leave(desk, held, found)
        decisions, _ = decide_all(desk, candidates)
        self._quiet = held if not found and not raised else []
        batch = Batch(
            decisions=decisions,
            intents=tuple(d.intent for d in decisions if d.intent is not None),
            exits=exits,
            raised=raised,
            book=book,
        )
        if batch.decisions or batch.exits or batch.raised:
            async with work.commit() as commit:
                await self._save(commit, batch, state, work.now)
            marks = {f"dedupe:trading:{done.recommendation_id}": done.verdict.value for done in decisions}
            await self._queue.mark(marks, _MARKED)

    async def _save(self, commit: Commit, batch: Batch, state: State, now: datetime) -> None:
        """Write a poll's outcome, unless another poll or a person's order came first."""
        moved = await commit.run("trading.advance", account=self._account, until=now, seen=state.polled_until, now=now)
        if not moved:
            raise Conflict(f"another poll of {self._account} came first")
        if batch.book is not None:
            await commit.run("requests.lock_book", account=self._account)
            if await commit.value("requests.portfolio_hash", account=self._account) != batch.book:
                raise Conflict(f"{self._account} changed while it was decided on")
        await commit.run("trading.decide", decisions=batch.decisions)
        await commit.run("trading.order", intents=batch.intents, now=now)
        await commit.run("protection.raise_stops", account=self._account, trails=batch.raised, now=now)
        for left in batch.exits:
            await give_up(commit, self._account, [left.ticker], left.reason, "barrier", now)
        await commit.run("alerts.raise_all", alerts=[left.alert for left in batch.exits])
        await request_approvals(commit, [done.approval for done in batch.decisions if done.approval is not None])
        await commit.follow(*(BrokerOrderJob(order_id=intent.id) for intent in batch.intents))

    async def _undecided(self, state: State, now: datetime) -> list[Candidate]:
        after = state.polled_until - _LATE if state.polled_until else _BEGINNING
        return await self._store.rows(
            Candidate, "trading.undecided", account=self._account, modes=self._modes, after=after, now=now
        )
