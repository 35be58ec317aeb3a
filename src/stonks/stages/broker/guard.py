"""Keeps what is held protected at the exchange, and gives up what is to be given up."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.job import BrokerOrderJob
from stonks.ports.bundle import Ports
from stonks.ports.recall import recall
from stonks.ports.sessions import Sessions
from stonks.ports.stage import Commit, Work
from stonks.ports.store import Reader
from stonks.ports.surrender import give_up
from stonks.risk.facts import TradingState
from stonks.risk.hours import session_at
from stonks.risk.policies import active_policy
from stonks.stages.broker.core.check import Standing
from stonks.stages.broker.core.parting import bare_alert, surrender_alert
from stonks.stages.broker.core.protect import STOP, Failure, Plan, Sale, Scene, Stake, plan
from stonks.stages.broker.events import tell

PATIENCE = timedelta(seconds=10)
"""How long a stop may be on its way before its position is given up (trading.md, promise 12)."""
_MEMORY = timedelta(hours=1)
"""How long a stop that came to nothing counts."""
_SENT = {"initialized", "submitting", "submitted"}
_BEHIND, _AHEAD = timedelta(days=10), timedelta(days=10)


class Paused(msgspec.Struct, frozen=True):
    """A ticker whose shares a split is about to change."""

    ticker: str


class Guard:
    """Looks at positions where something was booked, in that transaction, and at all of them at every poll.

    How long a stop has been on its way is counted from when this process first saw it there: after a restart it gets
    the time anew, for then it is brought to the exchange at once.
    """

    def __init__(self, ports: Ports) -> None:
        """Guard the account of the settings."""
        self._store = ports.store
        self._account = ports.settings.account
        self._tier = ports.settings.risk_tier
        self._seen: dict[UUID, datetime] = {}
        self._bare: set[str] = set()
        self._sessions = Sessions(ports.store, _BEHIND, _AHEAD)

    async def poll(self, work: Work[None]) -> None:
        """Look at all positions, and at what is to be given up."""
        plans = await self._plans(self._store, None, work.now)
        await self._warn(work, [each.ticker for each in plans if each.bare])
        if any(map(_asks, plans)) or await self._store.value("protection.unsettled", account=self._account):
            async with work.commit() as commit:
                await self.look(commit, None, work.now)

    def rest(self) -> None:
        """Count no time against stops: nothing may be sent yet, neither they nor a sale in their stead."""
        self._seen.clear()

    async def _warn(self, work: Work[None], bare: list[str]) -> None:
        """Tell of positions that may not be protected, once while that lasts."""
        new, self._bare = sorted(set(bare) - self._bare), set(bare)
        if new:
            async with work.commit() as commit:
                await tell(commit, [bare_alert(ticker, self._account, work.now) for ticker in new])

    async def look(self, commit: Commit, tickers: Collection[str] | None, now: datetime) -> None:
        """Do what some positions need, or all, as they stand in this transaction."""
        if tickers is not None and not tickers:
            return
        plans = await self._plans(commit, tickers, now)
        lost = [each for each in plans if each.give_up is not None]
        for each in lost:
            await self._give_up(commit, each, now)
        for each in await self._plans(commit, tickers, now) if lost else plans:
            await self._carry_out(commit, each, now)
        await commit.run("protection.settle", account=self._account, now=now)

    async def _give_up(self, commit: Commit, each: Plan, now: datetime) -> None:
        reason = str(each.give_up)
        if await give_up(commit, self._account, [each.ticker], reason, "protection", now):
            await tell(commit, [surrender_alert(each.ticker, reason, each.why, now)])

    async def _carry_out(self, commit: Commit, each: Plan, now: datetime) -> None:
        await recall(commit, each.recalled, "protection", now)
        if each.intents:
            await commit.run("protection.order", intents=each.intents, parent=each.entry_id, now=now)
            await commit.follow(*(BrokerOrderJob(order_id=intent.id) for intent in each.intents))

    # -------------------------------------------------------------------------------------------- what is known

    async def _plans(self, reader: Reader, tickers: Collection[str] | None, now: datetime) -> list[Plan]:
        wanted = None if tickers is None else sorted(set(tickers))
        stakes = await reader.rows(Stake, "protection.stakes", account=self._account, tickers=wanted)
        if not stakes:
            return []
        names = [stake.ticker for stake in stakes]
        orders = await reader.rows(Sale, "protection.working", account=self._account, tickers=names)
        failures = await reader.rows(
            Failure, "protection.failures", account=self._account, tickers=names, since=now - _MEMORY
        )
        failed = {failure.ticker: failure for failure in failures}
        scene = await self._scene(reader, orders, now)
        return [
            plan(stake, [order for order in orders if order.ticker == stake.ticker], failed.get(stake.ticker), scene)
            for stake in stakes
        ]

    async def _scene(self, reader: Reader, orders: Sequence[Sale], now: datetime) -> Scene:
        standing = await reader.row(Standing, "trading.state", account=self._account, now=now)
        sessions = await self._sessions.around(now)
        following = next((session.day for session in sessions if session.closes_at > now), now.date())
        paused = await reader.rows(Paused, "protection.splits", account=self._account, until=following, now=now)
        return Scene(
            account=self._account,
            now=now,
            state=standing.state if standing else TradingState.ACTIVE,
            open=session_at(sessions, now) is not None,
            stop_share=(await active_policy(self._store, self._tier)).sizes.stop_share,
            late=self._late(orders, now),
            paused=frozenset(each.ticker for each in paused),
        )

    def _late(self, orders: Sequence[Sale], now: datetime) -> frozenset[UUID]:
        under_way = {order.id for order in orders if order.leg == STOP and order.status in _SENT}
        for order in under_way:
            self._seen.setdefault(order, now)
        self._seen = {order: at for order, at in self._seen.items() if order in under_way or now - at < _MEMORY}
        return frozenset(order for order in under_way if now - self._seen[order] > PATIENCE)


def _asks(each: Plan) -> bool:
    return bool(each.intents or each.recalled or each.give_up)
