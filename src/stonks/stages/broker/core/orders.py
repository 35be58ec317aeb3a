"""Orders as rows, and what the broker's answers mean to them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.model.identity import fill_id
from stonks.model.order import (
    Fill,
    Intent,
    Order,
    OrderEvent,
    OrderEventKind as Kind,
    OrderStatus,
    OrderType,
    Side,
)
from stonks.ports.broker import BrokerOrder, Execution

_ENDS = {Kind.CANCELED, Kind.EXPIRED, Kind.REJECTED}
_NOT_SENT = {OrderStatus.INITIALIZED, OrderStatus.SUBMITTING}


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``orders`` with the price it was decided at and its sector."""

    id: UUID
    decision_id: UUID | None
    account: str
    leg: str
    attempt: int
    client_order_id: str
    ticker: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: str
    reduce_only: bool
    source: str
    cause: str
    status: OrderStatus
    previous_status: OrderStatus | None
    broker_order_id: str | None
    filled_quantity: Decimal
    average_price: Decimal | None
    version: int
    sector: str | None
    decided_price: float | None
    cancel_requested: str | None
    """Why somebody wants it taken back."""

    @property
    def works(self) -> bool:
        """Whether the broker has it and something can still be taken back."""
        return not self.status.terminal and self.status not in _NOT_SENT

    def order(self) -> Order:
        """Return the intent with its history so far."""
        return Order(
            intent=msgspec.convert(self, Intent, from_attributes=True),
            status=self.status,
            previous_status=self.previous_status,
            broker_order_id=self.broker_order_id,
            filled_quantity=self.filled_quantity,
            average_price=self.average_price,
            version=self.version,
        )


def claimed(now: datetime) -> OrderEvent:
    """Return that we are about to send an order."""
    return OrderEvent(kind=Kind.CLAIMED, at=now, dedupe_key="claimed", source="local")


def denied(reason: str, now: datetime) -> OrderEvent:
    """Return that the risk check let an order not pass."""
    return OrderEvent(kind=Kind.DENIED, at=now, dedupe_key="denied", source="local", detail={"reason": reason})


def rejected(reason: str, now: datetime) -> OrderEvent:
    """Return that the broker will not take an order."""
    return OrderEvent(kind=Kind.REJECTED, at=now, dedupe_key="rejected", source="rest", detail={"reason": reason})


def withdrawn(reason: str, now: datetime) -> OrderEvent:
    """Return that an order was taken back before it was sent."""
    return OrderEvent(kind=Kind.CANCELED, at=now, dedupe_key="canceled", source="local", detail={"reason": reason})


def recalled(report: BrokerOrder, now: datetime) -> tuple[OrderEvent, ...]:
    """Return what the broker's answer to a cancel means; how it ends may come later, and its fills say if it traded."""
    if report.kind is Kind.PENDING_CANCEL:
        return (OrderEvent(kind=Kind.PENDING_CANCEL, at=now, dedupe_key="pending_cancel", source="rest"),)
    end = ended(report)
    return () if end is None else (end,)


def acknowledged(report: BrokerOrder, now: datetime) -> tuple[OrderEvent, ...]:
    """Return what the broker's having an order means: it was sent, and it was accepted."""
    detail: dict[str, object] = {"broker_order_id": report.broker_order_id}
    return (
        OrderEvent(kind=Kind.SUBMITTED, at=now, dedupe_key="submitted", source="rest", detail=detail),
        OrderEvent(kind=Kind.ACCEPTED, at=now, dedupe_key="accepted", source="rest", detail=detail),
    )


def is_taken(events: Sequence[OrderEvent]) -> bool:
    """Return whether these events say that the broker has the order now."""
    return any(event.kind is Kind.ACCEPTED for event in events)


def ended(report: BrokerOrder) -> OrderEvent | None:
    """Return how the broker says an order ended, or None while it works or where its fills say it."""
    if report.kind not in _ENDS:
        return None
    return OrderEvent(
        kind=report.kind,
        at=report.at,
        dedupe_key=report.kind.value,
        source="sweep",
        detail={"reason": report.reason},
    )


def filled(execution: Execution, source: str = "rest") -> OrderEvent:
    """Return an execution as an event of its order."""
    return OrderEvent(
        kind=Kind.FILL,
        at=execution.at,
        dedupe_key=execution.execution_id,
        source=source,
        detail={
            "execution_id": execution.execution_id,
            "quantity": str(execution.quantity),
            "price": str(execution.price),
            "fee": str(execution.fee),
        },
    )


def fill_of(execution: Execution, order: OrderRow) -> Fill:
    """Return an execution as a fill of our order."""
    return Fill(
        id=fill_id(order.account, execution.execution_id),
        order_id=order.id,
        execution_id=execution.execution_id,
        ticker=execution.ticker,
        side=execution.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        at=execution.at,
    )


def is_ours(report: BrokerOrder, intent: Intent) -> bool:
    """Return whether the broker's order under our id is the one we meant."""
    theirs = (report.ticker, report.side, report.quantity)
    return theirs == (intent.ticker, intent.side, intent.quantity)
