"""Orders as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order with how far it came."""

    id: UUID
    decision_id: UUID | None
    recommendation_id: UUID | None
    parent_id: UUID | None
    account: str
    leg: str
    attempt: int
    client_order_id: str
    broker_order_id: str | None
    ticker: str
    side: str
    type: str
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: str
    reduce_only: bool
    source: str
    status: str
    status_reason: str | None
    filled_quantity: Decimal
    average_price: Decimal | None
    created_at: datetime
    updated_at: datetime


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, newest first."""

    items: list[OrderRow]
    next_cursor: str | None


class OrderEventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order."""

    seq: int
    kind: str
    source: str
    at: datetime
    detail: dict[str, Any]


class FillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One execution."""

    id: UUID
    execution_id: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime
