"""Orders: an intent, its states, its executions and the position they fold into."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"
    OTHER = "other"
    """How somebody else placed it, in a way that we have no word for; never ours."""


class OrderStatus(StrEnum):
    """States of an order, named as in FIX (trading.md 3.4)."""

    INITIALIZED = "initialized"
    DENIED = "denied"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    TRIGGERED = "triggered"
    PENDING_UPDATE = "pending_update"
    PENDING_CANCEL = "pending_cancel"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"
    UNKNOWN = "unknown"

    @property
    def terminal(self) -> bool:
        """Whether nothing but a late fill can still happen."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    {
        OrderStatus.DENIED,
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.REPLACED,
    }
)


class OrderEventKind(StrEnum):
    """What can happen to an order."""

    CLAIMED = "claimed"
    DENIED = "denied"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    TRIGGERED = "triggered"
    FILL = "fill"
    PENDING_UPDATE = "pending_update"
    UPDATED = "updated"
    UPDATE_REJECTED = "update_rejected"
    PENDING_CANCEL = "pending_cancel"
    CANCEL_REJECTED = "cancel_rejected"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision wants done: a row of ``orders`` before anything was sent. Quantities in shares."""

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
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "day"
    reduce_only: bool = False
    source: str = "engine"
    cause: str = "recommendation"
    """What asked for it: a recommendation, or the barrier that was hit (stop, target, trailing, time_limit)."""
    trail_price: Decimal | None = None
    """Dollars by which a trailing stop follows the best price; only asked of the exchange, the engine has its own."""
    trail_percent: Decimal | None = None
    """The same in percent of that price."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An intent with its history so far."""

    intent: Intent
    status: OrderStatus
    previous_status: OrderStatus | None
    broker_order_id: str | None
    filled_quantity: Decimal
    average_price: Decimal | None
    version: int


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order; ``dedupe_key`` makes a repeat harmless."""

    kind: OrderEventKind
    at: datetime
    dedupe_key: str
    source: str
    detail: dict[str, object] = {}


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution; ``execution_id`` is the broker's."""

    id: UUID
    order_id: UUID
    execution_id: str
    ticker: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The fold of an account's fills in one instrument; quantity is signed."""

    ticker: str
    quantity: Decimal
    average_price: Decimal
    realized: Decimal
    opened_at: datetime | None = None
    """Since when it has been held without a break."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is worth at an instant: a row of ``portfolio_snapshots``."""

    account: str
    as_of: datetime
    cash: Decimal
    gross: Decimal
    net: Decimal
    equity: Decimal
    high_water_mark: Decimal
    """The most it was worth, transfers removed."""
    units: Decimal = Decimal(1)
    """Shares in it as a fund counts them: a transfer makes more or fewer, gains and losses change their worth."""
    transferred: Decimal | None = None
    """Dollars that were put in, less those taken out, ever; None where the broker tells of no transfers."""
