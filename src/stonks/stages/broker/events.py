"""Writes what happens to orders, each thing once, inside a transaction of the worker's."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from stonks.model.alert import Alert
from stonks.model.order import Order, OrderEvent, OrderStatus
from stonks.ports.store import Transaction
from stonks.risk.order_machine import apply
from stonks.stages.broker.core.news import order_alert
from stonks.stages.broker.core.orders import OrderRow


async def tell(transaction: Transaction, alerts: Sequence[Alert]) -> None:
    """Keep alerts for their channel."""
    if alerts:
        await transaction.run("alerts.raise_all", alerts=alerts)


async def happen(transaction: Transaction, row: OrderRow, event: OrderEvent, now: datetime) -> OrderRow:
    """Keep an event of a locked order and what it makes of it; a repeat changes nothing, an odd one alarms too."""
    if not await note(transaction, row, event):
        return row
    moved = apply(row.order(), event)
    if moved.problem is not None:
        kind = "order_unknown" if moved.order.status is OrderStatus.UNKNOWN else "order_odd_event"
        await tell(transaction, [order_alert(kind, moved.order.intent, moved.problem, now)])
    if moved.order.version != row.version:
        await _move(transaction, moved.order, event, now)
    return msgspec.structs.replace(
        row,
        status=moved.order.status,
        previous_status=moved.order.previous_status,
        filled_quantity=moved.order.filled_quantity,
        average_price=moved.order.average_price,
        version=moved.order.version,
    )


async def note(transaction: Transaction, row: OrderRow, event: OrderEvent) -> int:
    """Keep an event of an order without moving it, and return how many were new: one, or none for a repeat."""
    return await transaction.run(
        "broker.add_event",
        order_id=row.id,
        kind=event.kind,
        dedupe_key=event.dedupe_key,
        source=event.source,
        at=event.at,
        detail=event.detail,
    )


async def _move(transaction: Transaction, order: Order, event: OrderEvent, now: datetime) -> None:
    await transaction.run(
        "broker.move_order",
        id=order.intent.id,
        status=order.status,
        previous_status=order.previous_status,
        filled_quantity=order.filled_quantity,
        average_price=order.average_price,
        version=order.version,
        broker_order_id=event.detail.get("broker_order_id"),
        reason=event.detail.get("reason"),
        now=now,
    )
