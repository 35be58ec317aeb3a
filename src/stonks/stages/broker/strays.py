"""Brings orders to an end, or back into the books, that no job brings to the broker any more (trading.md 3.4, 3.6)."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.errors import Transient
from stonks.model.order import OrderEvent, OrderStatus
from stonks.ports.bundle import Ports
from stonks.ports.store import Reader, Transaction
from stonks.stages.broker.core.news import order_alert
from stonks.stages.broker.core.orders import OrderRow, acknowledged, denied, is_ours, recalled, rejected
from stonks.stages.broker.events import happen, tell

PATIENCE = timedelta(seconds=60)
"""How long after it was last sent an order may still appear at the broker."""
NEVER_ACCEPTED = "NEVER_ACCEPTED"
"""The reason for which an order is rejected that the broker says it does not have."""
JOB_DEAD = "JOB_DEAD"
"""The reason for which an order is denied whose job died before anything was sent."""


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """An order that has stood still for a minute and that no open job brings."""

    id: UUID
    why: str | None
    """Why its job died, where that is so."""


class Strays:
    """Looks after the orders of one account whose jobs died or were lost.

    Whoever has such an order in hand is left alone: the row of its job is open, or what it does moves the order. What
    the broker said counts only where the order is found as it was, still without a job, once its row is locked.
    """

    def __init__(self, ports: Ports) -> None:
        """Look after the settings' account."""
        self._store = ports.store
        self._broker = ports.broker
        self._account = ports.settings.account

    async def gather(self, now: datetime) -> bool:
        """Settle what can be, and return whether that moved an order.

        One of which the broker says nothing certain stays as it is, and is asked for again at the next poll.
        """
        moved = False
        for stray in await self._strays(self._store, None, now):
            try:
                moved |= await self._settle(stray, now)
            except Transient:
                continue
        return moved

    async def _settle(self, stray: Stray, now: datetime) -> bool:
        row = await self._store.row(OrderRow, "broker.order", id=stray.id)
        if row is None:
            return False
        events = (denied(JOB_DEAD, now),) if row.status is OrderStatus.INITIALIZED else await self._asked(row, now)
        async with self._store.transaction() as transaction:
            current = await transaction.row(OrderRow, "broker.order", id=row.id)
            if current is None or current != row or not await self._strays(transaction, row.id, now):
                return False
            for event in events:
                current = await happen(transaction, current, event, now)
            if not events:
                await transaction.run("strays.doubt", id=row.id, now=now)
            await self._tell(transaction, current, stray, now)
        return True

    async def _strays(self, reader: Reader, order: UUID | None, now: datetime) -> list[Stray]:
        return await reader.rows(Stray, "strays.all", account=self._account, id=order, before=now - PATIENCE)

    async def _asked(self, row: OrderRow, now: datetime) -> tuple[OrderEvent, ...]:
        """Return what the broker says became of an order; nothing where its order of that name is not the one we meant.

        Raises:
            Transient: it says nothing certain.
        """
        report = await self._broker.order(row.client_order_id)
        if report is None:
            return (rejected(NEVER_ACCEPTED, now),)
        if not is_ours(report, row.order().intent):
            return ()
        if row.cancel_requested is None:
            return acknowledged(report, now)
        return acknowledged(report, now) + recalled(await self._broker.cancel(row.client_order_id, now), now)

    async def _tell(self, transaction: Transaction, row: OrderRow, stray: Stray, now: datetime) -> None:
        """Tell of an order that came to nothing, or that nobody can explain, and why its job had died."""
        word, what = _WORDS.get(row.status, (None, ""))
        if word is not None:
            why = f"{what}; its job died: {stray.why}" if stray.why else f"{what}; its job was lost"
            await tell(transaction, [order_alert(word, row.order().intent, why, now)])


_WORDS = {
    OrderStatus.DENIED: ("order_denied", JOB_DEAD),
    OrderStatus.REJECTED: ("order_rejected", NEVER_ACCEPTED),
    OrderStatus.SUBMITTING: ("order_unknown", "the broker's order of its name is not the one we meant"),
}
