"""What happens to orders at the paper exchange, as a stream of trade updates tells it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.adapters.broker.matching import Floor, Played
from stonks.adapters.broker.resting import Resting, Trade
from stonks.model.order import OrderEventKind as Kind, Side


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order; ``position`` is what the account held of the ticker after a trade."""

    event: str
    order: Resting
    at: datetime
    trade: Trade | None = None
    position: Decimal | None = None


def accepted(order: Resting) -> Deed:
    """Return that an order came onto the book."""
    return Deed(event="new", order=order, at=order.accepted_at)


def left(order: Resting, at: datetime) -> Deed:
    """Return that an order left the book without being filled: canceled, expired, rejected or replaced."""
    return Deed(event=str(order.kind), order=order, at=at)


def traded(order: Resting, trade: Trade, position: Decimal) -> Deed:
    """Return that an order, as it was, made one more trade, whatever it was for."""
    return _filled(order, trade, order.filled_quantity + trade.quantity, position)


def deeds(floor: Floor, played: Played) -> list[Deed]:
    """Return what meeting the market did, as it happened: each trade, and each order that left unfilled."""
    before = {order.client_order_id: order for order in floor.orders}
    after = before | {order.client_order_id: order for order in played.orders}
    filled = {name: order.filled_quantity for name, order in before.items()}
    held = dict(floor.purse.held)
    done = []
    for trade in played.trades:
        name = trade.client_order_id
        filled[name] += trade.quantity
        shares = trade.quantity if trade.side is Side.BUY else -trade.quantity
        held[trade.ticker] = held.get(trade.ticker, Decimal(0)) + shares
        done.append(_filled(after[name], trade, filled[name], held[trade.ticker]))
    unfilled = [order for order in played.orders if order.ended_at and order.kind is not Kind.FILL]
    released = [
        Deed(event="new", order=order, at=_released_at(order, played))
        for order in played.orders
        if before[order.client_order_id].held and not order.held
    ]
    return sorted([*done, *released, *_left(unfilled)], key=lambda deed: deed.at)


def _released_at(leg: Resting, played: Played) -> datetime:
    """Return when the order of a leg ended."""
    ends = [order.ended_at for order in played.orders if order.client_order_id == leg.parent and order.ended_at]
    return ends[0] if ends else leg.matched_at


def _left(orders: Sequence[Resting]) -> list[Deed]:
    return [left(order, order.ended_at) for order in orders if order.ended_at]


def _filled(order: Resting, trade: Trade, filled: Decimal, held: Decimal) -> Deed:
    whole = filled >= order.quantity
    seen = msgspec.structs.replace(
        order,
        kind=Kind.FILL,
        filled_quantity=filled,
        ended_at=trade.at if whole else None,
        matched_at=trade.at,
        reason=None,
    )
    return Deed(event="fill" if whole else "partial_fill", order=seen, at=trade.at, trade=trade, position=held)
