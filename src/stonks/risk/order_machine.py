"""What an event does to an order: the transition table of trading.md 3.4, with the names of FIX."""

from decimal import Decimal, InvalidOperation

import msgspec

from stonks.model.order import Order, OrderEvent, OrderEventKind as Kind, OrderStatus as Status

_ENDS = {
    Kind.CANCELED: Status.CANCELED,
    Kind.EXPIRED: Status.EXPIRED,
    Kind.REJECTED: Status.REJECTED,
}
_PENDING = {
    Kind.PENDING_UPDATE: Status.PENDING_UPDATE,
    Kind.PENDING_CANCEL: Status.PENDING_CANCEL,
}

TRANSITIONS: dict[Status, dict[Kind, Status]] = {
    Status.INITIALIZED: {
        Kind.DENIED: Status.DENIED,
        Kind.CLAIMED: Status.SUBMITTING,
        Kind.ACCEPTED: Status.ACCEPTED,
        **_ENDS,
    },
    Status.SUBMITTING: {
        Kind.SUBMITTED: Status.SUBMITTED,
        Kind.ACCEPTED: Status.ACCEPTED,
        Kind.REJECTED: Status.REJECTED,
    },
    Status.SUBMITTED: {Kind.ACCEPTED: Status.ACCEPTED, **_ENDS, **_PENDING},
    Status.ACCEPTED: {Kind.TRIGGERED: Status.TRIGGERED, Kind.REPLACED: Status.REPLACED, **_ENDS, **_PENDING},
    Status.TRIGGERED: {**_ENDS, **_PENDING},
    Status.PENDING_UPDATE: {**_ENDS, Kind.PENDING_CANCEL: Status.PENDING_CANCEL, Kind.REPLACED: Status.REPLACED},
    Status.PENDING_CANCEL: {Kind.CANCELED: Status.CANCELED, Kind.EXPIRED: Status.EXPIRED},
    Status.PARTIALLY_FILLED: {
        Kind.CANCELED: Status.CANCELED,
        Kind.EXPIRED: Status.EXPIRED,
        Kind.REPLACED: Status.REPLACED,
        **_PENDING,
    },
}
"""Where an event leads, apart from fills and from answers that lead back.

More than in the plan: a stream may tell that an order was accepted before the answer to it arrives, a day may end
before an order is accepted, and a broker may replace an order that waits for a change or has traded.
"""

_BACK = {
    Kind.UPDATED: Status.PENDING_UPDATE,
    Kind.UPDATE_REJECTED: Status.PENDING_UPDATE,
    Kind.CANCEL_REJECTED: Status.PENDING_CANCEL,
}
_OLD_NEWS = {Kind.SUBMITTED, Kind.ACCEPTED}
_NEVER_SENT = {Status.DENIED, Status.REJECTED}
_KEEPS_STATUS = {Status.PENDING_CANCEL, Status.PENDING_UPDATE, Status.CANCELED, Status.EXPIRED, Status.REPLACED}


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The order after an event, and what is wrong with the event if the order did not expect it."""

    order: Order
    problem: str | None = None


def apply(order: Order, event: OrderEvent) -> Moved:
    """Return what an event makes of an order.

    An event that the table does not have changes nothing and is named as a problem. Repeats must be sorted out before,
    by their ``dedupe_key``. The filled quantity never falls; more than was ordered makes the order unknown.
    """
    if event.kind is Kind.FILL:
        return _filled(order, event)
    if event.kind in _BACK:
        return _back(order, event.kind)
    target = TRANSITIONS.get(order.status, {}).get(event.kind)
    if target is None:
        if event.kind in _OLD_NEWS and order.status not in {Status.INITIALIZED, *_NEVER_SENT}:
            return Moved(order=order)
        return Moved(order=order, problem=f"{event.kind} does not follow {order.status}")
    return Moved(order=_at(order, target))


def _at(order: Order, status: Status) -> Order:
    pending = status in _PENDING.values()
    before = order.previous_status if order.status in _PENDING.values() else order.status
    return msgspec.structs.replace(
        order,
        status=status,
        previous_status=before if pending else None,
        version=order.version + 1,
    )


def _back(order: Order, kind: Kind) -> Moved:
    if order.status is not _BACK[kind] or order.previous_status is None:
        return Moved(order=order, problem=f"{kind} does not follow {order.status}")
    return Moved(order=_at(order, order.previous_status))


def _filled(order: Order, event: OrderEvent) -> Moved:
    quantity, price = _executed(event)
    if quantity is None or price is None:
        return Moved(order=order, problem="a fill without a quantity and a price above zero")
    total = order.filled_quantity + quantity
    spent = (order.average_price or Decimal(0)) * order.filled_quantity + price * quantity
    status, problem = _status_after_fill(order, total)
    moved = msgspec.structs.replace(
        order,
        status=status,
        previous_status=Status.PARTIALLY_FILLED if status in _PENDING.values() else None,
        filled_quantity=total,
        average_price=spent / total,
        version=order.version + 1,
    )
    return Moved(order=moved, problem=problem)


def _status_after_fill(order: Order, total: Decimal) -> tuple[Status, str | None]:
    if order.status in _NEVER_SENT:
        return Status.UNKNOWN, f"a fill of an order that was {order.status}"
    if total > order.intent.quantity:
        return Status.UNKNOWN, f"filled {total} of {order.intent.quantity}"
    if order.status is Status.UNKNOWN:
        return Status.UNKNOWN, None
    if total == order.intent.quantity:
        return Status.FILLED, None
    return (order.status if order.status in _KEEPS_STATUS else Status.PARTIALLY_FILLED), None


def _executed(event: OrderEvent) -> tuple[Decimal | None, Decimal | None]:
    """Return quantity and price of a fill where both are numbers above zero."""
    quantity, price = (_number(event.detail.get(name)) for name in ("quantity", "price"))
    return (quantity, price) if quantity is not None and price is not None else (None, None)


def _number(told: object) -> Decimal | None:
    """Return what was told as a number above zero; a float is none, for it may have lost some of it."""
    if not isinstance(told, Decimal | str | int) or isinstance(told, bool):
        return None
    try:
        number = Decimal(told)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None
