"""Books what the broker says happened, each thing once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.errors import Conflict, Malformed
from stonks.ports.broker import BrokerOrder, Execution
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.ports.store import Transaction
from stonks.stages.broker.adjusting import Adjuster, refold
from stonks.stages.broker.core.news import fill_alert, order_alert
from stonks.stages.broker.core.orders import OrderRow, ended, fill_of, filled
from stonks.stages.broker.core.parting import stopped_alert
from stonks.stages.broker.core.protect import STOP
from stonks.stages.broker.core.worth import Watch
from stonks.stages.broker.counting import Counter
from stonks.stages.broker.events import happen, tell
from stonks.stages.broker.guard import Guard


class Named(msgspec.Struct, frozen=True):
    """An order and the id under which the broker knows it."""

    id: UUID
    client_order_id: str


class Clerk:
    """Books executions once each, keeps positions as their fold, and has the account counted where that is due."""

    def __init__(self, ports: Ports) -> None:
        """Keep the books of the settings' account."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account
        self._adjuster = Adjuster(ports)
        self._counter = Counter(ports)
        self._guard = Guard(ports)

    async def poll(self, work: Work[None]) -> None:
        """Book what happened since the last poll, then count the account where that is due."""
        watch = await self._watch(work.now)
        executions = await self._broker.executions(watch.execution_cursor, work.now)
        ends = await self._ends(work.now) if watch.working else []
        if executions or ends:
            await self._book(work, watch, executions, ends)
        if watch.adjusting:
            await self._adjuster.adjust(work)
        if executions or await self._counter.is_due(watch, work.now):
            cursor = executions[-1].execution_id if executions else watch.execution_cursor
            await self._counter.count(work, msgspec.structs.replace(watch, execution_cursor=cursor))
        await self._guard.poll(work)

    async def _watch(self, now: datetime) -> Watch:
        watch = await self._store.row(Watch, "broker.watch", account=self._account, now=now)
        if watch is None:
            raise Malformed("broker.watch: no row")
        return watch

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
            tickers = [*(each.ticker for each in executions), *(each.ticker for each in ends)]
            await self._guard.look(commit, tickers, work.now)

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
            await tell(transaction, [fill_alert(fill), *([stopped_alert(fill)] if row.leg == STOP else [])])

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
        await refold(transaction, self._account, tickers, now)
