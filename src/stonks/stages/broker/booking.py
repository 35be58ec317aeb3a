"""Writes executions and ends of orders into the books, each once, inside a transaction of the stage's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.identity import external_order_id
from stonks.model.order import Fill
from stonks.ports.broker import BrokerOrder, Execution
from stonks.ports.store import Transaction
from stonks.stages.broker.core.inference import replaced
from stonks.stages.broker.core.news import external_alert, fill_alert, order_alert
from stonks.stages.broker.core.orders import OrderRow, ended, fill_of, filled
from stonks.stages.broker.core.parting import stopped_alert
from stonks.stages.broker.core.protect import STOP
from stonks.stages.broker.events import happen, note, tell


class Named(msgspec.Struct, frozen=True):
    """An order and the id under which the broker knows it."""

    id: UUID
    client_order_id: str


class Booking:
    """The books of one account; whoever writes holds its lock until the transaction ends."""

    def __init__(self, account: str) -> None:
        """Keep the books of this account."""
        self._account = account

    async def executions(self, transaction: Transaction, executions: Sequence[Execution], now: datetime) -> list[str]:
        """Book executions and return the tickers of those that were not in the books, each once.

        One of an order that we know nothing of is somebody else's trade: it is booked as such, so that positions agree.
        """
        ids = await self.ids(transaction, [each.client_order_id for each in executions])
        tickers = set()
        for execution in executions:
            order = ids.get(execution.client_order_id)
            row = None if order is None else await transaction.row(OrderRow, "broker.order", id=order)
            if row is None or row.source == "external":
                row = await self._meet(transaction, execution, now)
            if row is not None and await self._fill(transaction, row, execution, now):
                tickers.add(execution.ticker)
        return sorted(tickers)

    async def end(self, transaction: Transaction, order: UUID, report: BrokerOrder, now: datetime) -> None:
        """Book how an order ended, unless that is known."""
        row = await transaction.row(OrderRow, "broker.order", id=order)
        event = ended(report)
        if row is None or event is None or row.status.terminal:
            return
        await happen(transaction, row, event, now)
        await tell(transaction, [order_alert(f"order_{report.kind}", row.order().intent, str(report.reason), now)])

    async def infer(self, transaction: Transaction, order: UUID, fill: Fill, now: datetime) -> bool:
        """Book an inferred fill, and return whether it was not in the books."""
        row = await transaction.row(OrderRow, "broker.order", id=order)
        if row is None or not await transaction.run("reconciliation.infer", account=self._account, **_columns(fill)):
            return False
        await happen(transaction, row, filled(_as_execution(fill, row), source="recon"), now)
        await tell(transaction, [fill_alert(fill)])
        return True

    async def correct(self, transaction: Transaction, order: UUID, trade: Execution, now: datetime) -> None:
        """Book a trade that nobody told of, once, as the whole of an order that is not ours."""
        await self._keep_order(transaction, order, trade, "accepted", now)
        row = await transaction.row(OrderRow, "broker.order", id=order)
        if row is not None:
            await self.infer(transaction, order, fill_of(trade, row), now)

    async def ids(self, transaction: Transaction, client_order_ids: Sequence[str]) -> dict[str, UUID]:
        """Return our orders among these names."""
        names = sorted(set(client_order_ids))
        rows = await transaction.rows(Named, "broker.named", account=self._account, client_order_ids=names)
        return {row.client_order_id: row.id for row in rows}

    async def _fill(self, transaction: Transaction, row: OrderRow, execution: Execution, now: datetime) -> bool:
        fill = fill_of(execution, row)
        if not await transaction.run("broker.add_fill", account=self._account, **_columns(fill)):
            return False
        standing = await transaction.rows(Fill, "reconciliation.inferred", order_id=row.id)
        if standing:
            await self._replace(transaction, row, standing, execution, now)
        else:
            await happen(transaction, row, filled(execution), now)
        await tell(transaction, [fill_alert(fill), *([stopped_alert(fill)] if row.leg == STOP else [])])
        return True

    async def _replace(
        self, transaction: Transaction, row: OrderRow, standing: Sequence[Fill], execution: Execution, now: datetime
    ) -> None:
        """Put a real fill, which is booked, in the place of inferred ones; the order gains what none stood for."""
        change = replaced(standing, fill_of(execution, row))
        await transaction.run("reconciliation.drop_inferred", ids=list(change.gone))
        if change.less is not None:
            less = change.less
            await transaction.run(
                "reconciliation.shrink_inferred", id=less.id, quantity=less.quantity, price=less.price
            )
        if change.new:
            await happen(transaction, row, filled(msgspec.structs.replace(execution, quantity=change.new)), now)
        else:
            await note(transaction, row, filled(execution))
        await transaction.run("reconciliation.settle", id=row.id, now=now)

    async def _meet(self, transaction: Transaction, execution: Execution, now: datetime) -> OrderRow | None:
        """Keep somebody else's order as far as it has traded; None for an execution that is in the books."""
        known = {"account": self._account, "execution_id": execution.execution_id}
        if await transaction.value("reconciliation.is_booked", **known):
            return None
        order = external_order_id(self._account, execution.client_order_id)
        met = await self._keep_order(transaction, order, execution, "external", now)
        if met:
            await tell(transaction, [external_alert(execution)])
        return await transaction.row(OrderRow, "broker.order", id=order) if met else None

    async def _keep_order(
        self, transaction: Transaction, order: UUID, execution: Execution, cause: str, now: datetime
    ) -> int:
        return await transaction.run(
            "reconciliation.meet",
            id=order,
            account=self._account,
            client_order_id=execution.client_order_id,
            ticker=execution.ticker,
            side=execution.side,
            quantity=execution.quantity,
            cause=cause,
            now=now,
        )


def _columns(fill: Fill) -> dict[str, object]:
    return {name: getattr(fill, name) for name in fill.__struct_fields__}


def _as_execution(fill: Fill, row: OrderRow) -> Execution:
    return Execution(
        execution_id=fill.execution_id,
        client_order_id=row.client_order_id,
        ticker=fill.ticker,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        at=fill.at,
    )
