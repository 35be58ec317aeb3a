"""Counts what the account is worth at every open and close and after executions, and what that trips."""

from datetime import date, datetime, timedelta

from stonks.model.market import Session
from stonks.model.order import Position, Snapshot
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.ports.store import Transaction
from stonks.risk.breakers import Breaker
from stonks.risk.policies import active_policy
from stonks.stages.broker.core.news import breaker_alert
from stonks.stages.broker.core.orders import mismatches
from stonks.stages.broker.core.worth import (
    DayStart,
    Watch,
    breakers_after,
    count,
    day_start,
    is_due,
    mirror,
    mismatch_breakers,
)
from stonks.stages.broker.events import tell

_BEHIND = timedelta(days=10)
_AHEAD = timedelta(days=1)
_MIRRORED = timedelta(days=30)
"""How long Redis shows a breaker without its being shown anew."""


class Counter:
    """Compares our positions with the broker's, values the account, and opens or closes breakers."""

    def __init__(self, ports: Ports) -> None:
        """Count the settings' account by the policy of their tier."""
        self._store = ports.store
        self._broker = ports.broker
        self._queue = ports.queue
        self._account = ports.settings.account
        self._tier = ports.settings.risk_tier
        self._sessions: tuple[date, list[Session]] | None = None

    async def is_due(self, watch: Watch, now: datetime) -> bool:
        """Return whether the account should be counted though nothing was executed."""
        return is_due(watch, await self._known_sessions(now), now)

    async def count(self, work: Work[None], watch: Watch) -> None:
        """Compare our positions with the broker's, value the account, and open or close what breakers that trips."""
        now, sessions = work.now, await self._known_sessions(work.now)
        account = await self._broker.account(now)
        positions = await self._store.rows(Position, "broker.positions", account=self._account)
        prices = {held.ticker: await self._broker.price(held.ticker, now) for held in positions}
        snapshot = count(account, positions, prices, watch, now)
        start = day_start(watch, sessions, snapshot, now)
        stored = await self._store.rows(Breaker, "broker.breakers")
        found = mismatches({held.ticker: held.quantity for held in positions}, account.positions)
        if found and await self._broker.executions(watch.execution_cursor, now):
            found = ()  # a fill came between the two questions: the next poll books it and compares again
        policy = await active_policy(self._store, self._tier)
        changed = [
            *breakers_after(stored, snapshot, start, policy.breakers, now),
            *mismatch_breakers(stored, found, now),
        ]
        async with work.commit() as commit:
            await self._mark(commit, snapshot, start, now)
            for breaker in changed:
                values = {name: getattr(breaker, name) for name in breaker.__struct_fields__}
                await commit.run("broker.set_breaker", **values)
            await tell(commit, [breaker_alert(breaker, now) for breaker in changed])
        await self._queue.mark(mirror((*stored, *changed)), _MIRRORED)

    async def _mark(self, transaction: Transaction, snapshot: Snapshot | None, start: DayStart, now: datetime) -> None:
        if snapshot is None:
            return
        values = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
        await transaction.run("broker.add_snapshot", **values)
        await transaction.run(
            "broker.set_marks",
            account=self._account,
            day=start.day,
            day_start_equity=start.equity,
            high_water_mark=snapshot.high_water_mark,
            now=now,
        )

    async def _known_sessions(self, now: datetime) -> list[Session]:
        today = now.date()
        if self._sessions is None or self._sessions[0] != today:
            rows = await self._store.rows(Session, "trading.sessions", first=today - _BEHIND, last=today + _AHEAD)
            if not rows:
                return []
            self._sessions = (today, rows)
        return self._sessions[1]
