"""Brings orders to the broker once, books what the broker says happened, and counts what the account is worth."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.errors import Conflict, Malformed, Refused, Unreachable
from stonks.model.identity import evaluation_id
from stonks.model.job import BrokerOrderJob
from stonks.model.market import Session
from stonks.model.order import Fill, OrderEvent, OrderStatus, Position, Snapshot
from stonks.ports.broker import BrokerOrder, Execution
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.ports.store import Transaction
from stonks.risk.breakers import Breaker
from stonks.risk.evaluate import Evaluation, recheck
from stonks.risk.facts import TradingState
from stonks.risk.policy import POLICIES
from stonks.risk.position import fold
from stonks.stages.broker.core.check import Account, Standing, Working, order_facts
from stonks.stages.broker.core.news import breaker_alert, fill_alert, order_alert
from stonks.stages.broker.core.orders import (
    OrderRow,
    acknowledged,
    claimed,
    denied,
    ended,
    fill_of,
    filled,
    is_ours,
    mismatches,
    rejected,
)
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
from stonks.stages.broker.events import happen, tell

_BEHIND = timedelta(days=10)
_AHEAD = timedelta(days=1)
_MIRRORED = timedelta(days=30)
"""How long Redis shows a breaker without its being shown anew."""


class Courier:
    """Brings one order intent to the broker, however often it is asked to.

    The order is claimed in a transaction of its own before anything is sent, so that an order found claimed is looked
    up at the broker first: it may have arrived.
    """

    def __init__(self, ports: Ports) -> None:
        """Judge orders by the policy of the settings' tier."""
        self._store = ports.store
        self._broker = ports.broker
        self._policy = POLICIES[ports.settings.risk_tier]

    async def __call__(self, work: Work[BrokerOrderJob]) -> None:
        """Judge, claim, send and record; what was done before is not done again."""
        row = await self._store.row(OrderRow, "broker.order", id=work.job.order_id)
        if row is None:
            raise Malformed(f"there is no order {work.job.order_id}")
        resumed = row.status is OrderStatus.SUBMITTING
        if row.status is OrderStatus.INITIALIZED:
            row = await self._judge(row, work.now)
        events: tuple[OrderEvent, ...] = ()
        if row.status is OrderStatus.SUBMITTING:
            events = await self._send(row, work.now, resumed=resumed)
        async with work.commit() as commit:
            current = await commit.row(OrderRow, "broker.order", id=row.id) or row
            for event in events:
                current = await happen(commit, current, event, work.now)
            if events and current.status is OrderStatus.REJECTED:
                reason = str(events[-1].detail.get("reason"))
                await tell(commit, [order_alert("order_rejected", current.order().intent, reason, work.now)])

    async def _judge(self, row: OrderRow, now: datetime) -> OrderRow:
        """Keep the risk verdict on an order, and claim it or deny it, before anything is sent."""
        verdict = recheck(
            order_facts(
                row,
                await self._account(row.account, now),
                await self._broker.price(row.ticker, now),
                self._policy,
                now,
            ),
            row.decided_price,
        )
        reason = verdict.primary_reason
        async with self._store.transaction() as transaction:
            current = await transaction.row(OrderRow, "broker.order", id=row.id)
            if current is None or current.status is not OrderStatus.INITIALIZED:
                raise Conflict(f"order {row.id} was claimed by another delivery")
            await self._keep(transaction, row.id, verdict, now)
            if reason is None:
                return await happen(transaction, current, claimed(now), now)
            await tell(transaction, [order_alert("order_denied", row.order().intent, reason, now)])
            return await happen(transaction, current, denied(reason, now), now)

    async def _keep(self, transaction: Transaction, order: UUID, verdict: Evaluation, now: datetime) -> None:
        await transaction.run(
            "broker.evaluate",
            id=evaluation_id(order, "broker"),
            order_id=order,
            verdict="approved" if verdict.primary_reason is None else "denied",
            checks=verdict.checks,
            policy_version=self._policy.version,
            now=now,
        )

    async def _send(self, row: OrderRow, now: datetime, *, resumed: bool) -> tuple[OrderEvent, ...]:
        """Return what the broker says to an order; an answer that leaves it open is followed by a look-up."""
        intent = row.order().intent
        report = await self._broker.order(intent.client_order_id) if resumed else None
        if report is None:
            try:
                report = await self._broker.submit(intent, now)
            except Refused as no:
                return (rejected(str(no), now),)
            except (Conflict, Unreachable) as unclear:
                report = await self._broker.order(intent.client_order_id)
                if report is None:
                    raise Unreachable(f"order {intent.client_order_id} may or may not have arrived") from unclear
        if not is_ours(report, intent):
            raise Refused(f"the broker's order {intent.client_order_id} is not the one we meant: {report}")
        return acknowledged(report, now)

    async def _account(self, account: str, now: datetime) -> Account:
        standing = await self._store.row(Standing, "trading.state", account=account, now=now)
        return Account(
            standing=standing or Standing(state=TradingState.ACTIVE, cash=None, as_of=None),
            working=await self._store.rows(Working, "trading.working", account=account),
            positions=await self._store.rows(Position, "broker.positions", account=account),
            breakers=await self._store.rows(Breaker, "trading.breakers"),
        )


class Named(msgspec.Struct, frozen=True):
    """An order and the id under which the broker knows it."""

    id: UUID
    client_order_id: str


class Clerk:
    """Books executions once each, keeps positions as their fold, and counts the account at every open and close."""

    def __init__(self, ports: Ports) -> None:
        """Keep the books of the settings' account."""
        self._store = ports.store
        self._broker = ports.broker
        self._queue = ports.queue
        self._account = ports.settings.account
        self._policy = POLICIES[ports.settings.risk_tier]
        self._sessions: tuple[date, list[Session]] | None = None

    async def poll(self, work: Work[None]) -> None:
        """Book what happened since the last poll, then count the account where that is due."""
        watch = await self._watch()
        executions = await self._broker.executions(watch.execution_cursor, work.now)
        ends = await self._ends(work.now) if watch.working else []
        if executions or ends:
            await self._book(work, watch, executions, ends)
        if executions or is_due(watch, await self._known_sessions(work.now), work.now):
            cursor = executions[-1].execution_id if executions else watch.execution_cursor
            await self._count(work, msgspec.structs.replace(watch, execution_cursor=cursor))

    async def _watch(self) -> Watch:
        watch = await self._store.row(Watch, "broker.watch", account=self._account)
        if watch is None:
            raise Malformed("broker.watch: no row")
        return watch

    # -------------------------------------------------------------------------------------------- booking

    async def _ends(self, now: datetime) -> list[BrokerOrder]:
        """Return the broker's reports of orders that ended and that we still take for working."""
        reports = [report for report in await self._broker.orders(now) if ended(report)]
        working = await self._store.rows(Named, "broker.working", account=self._account) if reports else []
        names = {order.client_order_id for order in working}
        return [report for report in reports if report.client_order_id in names]

    async def _book(
        self, work: Work[None], watch: Watch, executions: Sequence[Execution], ends: Sequence[BrokerOrder]
    ) -> None:
        """Keep executions and ends of orders in one transaction, unless another poll came first."""
        async with work.commit() as commit:
            cursor = executions[-1].execution_id if executions else watch.execution_cursor
            moved = await commit.run(
                "broker.advance", account=self._account, cursor=cursor, seen=watch.execution_cursor, now=work.now
            )
            if not moved:
                raise Conflict(f"another poll of {self._account} came first")
            names = [each.client_order_id for each in executions] + [each.client_order_id for each in ends]
            ids = await self._ids(commit, names)
            for execution in executions:
                if execution.client_order_id in ids:
                    await self._fill(commit, ids[execution.client_order_id], execution, work.now)
            for report in ends:
                if report.client_order_id in ids:
                    await self._end(commit, ids[report.client_order_id], report, work.now)
            await self._fold(commit, sorted({execution.ticker for execution in executions}), work.now)

    async def _ids(self, transaction: Transaction, client_order_ids: list[str]) -> dict[str, UUID]:
        rows = await transaction.rows(Named, "broker.named", account=self._account, client_order_ids=client_order_ids)
        return {row.client_order_id: row.id for row in rows}

    async def _fill(self, transaction: Transaction, order: UUID, execution: Execution, now: datetime) -> None:
        row = await transaction.row(OrderRow, "broker.order", id=order)
        if row is None:
            return
        fill = fill_of(execution, row)
        values = {name: getattr(fill, name) for name in fill.__struct_fields__}
        if await transaction.run("broker.add_fill", account=self._account, **values):
            await happen(transaction, row, filled(execution), now)
            await tell(transaction, [fill_alert(fill)])

    async def _end(self, transaction: Transaction, order: UUID, report: BrokerOrder, now: datetime) -> None:
        row = await transaction.row(OrderRow, "broker.order", id=order)
        event = ended(report)
        if row is None or event is None or row.status.terminal:
            return
        await happen(transaction, row, event, now)
        await tell(transaction, [order_alert(f"order_{report.kind}", row.order().intent, str(report.reason), now)])

    async def _fold(self, transaction: Transaction, tickers: list[str], now: datetime) -> None:
        if not tickers:
            return
        fills = await transaction.rows(Fill, "broker.fills", account=self._account, tickers=tickers)
        positions = list(fold(fills).values())
        await transaction.run("broker.set_positions", account=self._account, positions=positions, now=now)

    # -------------------------------------------------------------------------------------------- counting

    async def _count(self, work: Work[None], watch: Watch) -> None:
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
        changed = [
            *breakers_after(stored, snapshot, start, self._policy.breakers, now),
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
