"""The paper exchange's matching: open orders meet daily bars. Pure; books and time are the caller's.

An order meets only bars that begin after it was accepted. At the open market orders fill, and stops and limits that the
open has passed; until the close stops fill at their price if the range reached it, limits only if it went beyond. One
that is accepted as a bar begins has seen its open: it meets what comes after, and one at the market waits for the next.
Stops come before limits, so that a bar that touches both a stop and a target is a loss. A day order ends with the first
bar it could meet. A trade takes at most 2.5 % of a bar's volume; the rest waits for the next bar.

Legs are held until the order they belong to has ended; then they are for what it traded, and each other's remainder:
what one of them trades the others are for no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import msgspec

from stonks.adapters.broker.fees import fee
from stonks.adapters.broker.resting import STOPS, Purse, Resting, Trade
from stonks.adapters.broker.touching import Moment, Touch, touched
from stonks.model.market import Bar
from stonks.model.order import OrderEventKind as Kind, OrderType, Side

VOLUME_SHARE = Decimal("0.025")
_IMPACT = Decimal("0.1")
_CENT = Decimal("0.01")
_MARKET = OrderType.MARKET
_NOTHING = Decimal(0)


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """What meets: open orders, oldest first, the bars and half spread of each ticker, the purse and past trades."""

    orders: tuple[Resting, ...]
    bars: Mapping[str, Sequence[Bar]]
    half_spreads: Mapping[str, Decimal]
    purse: Purse
    trades: tuple[Trade, ...] = ()


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What meeting the market did: orders that changed, trades as they happened, and the purse after them."""

    orders: tuple[Resting, ...]
    trades: tuple[Trade, ...]
    purse: Purse


def play(floor: Floor, until: datetime) -> Played:
    """Let open orders meet every bar of their ticker up to an instant, moment by moment."""
    book = {order.client_order_id: order for order in floor.orders}
    trades, purse = list(floor.trades), floor.purse
    for moment in due(floor, until):
        left = moment.bar.volume * VOLUME_SHARE - _taken(trades, moment.bar)
        seen = msgspec.structs.replace(moment, left=left, half_spread=floor.half_spreads[moment.bar.ticker])
        for name in _meeting(book, moment):
            order = book[name]
            if not _waits(order, moment):  # a leg that another has made good for meanwhile
                continue
            book[name], trade = meet(order, seen, purse)
            book |= legs_after(book[name], book.values(), moment.at, trade.quantity if trade else _NOTHING)
            if trade is not None:
                trades.append(trade)
                purse = purse.after(trade)
                seen = msgspec.structs.replace(seen, left=seen.left - trade.quantity)
    changed = tuple(book[order.client_order_id] for order in floor.orders if book[order.client_order_id] != order)
    return Played(orders=changed, trades=tuple(trades[len(floor.trades) :]), purse=purse)


def due(floor: Floor, until: datetime) -> list[Moment]:
    """Return the moments up to an instant that some order has yet to meet, as they happen."""
    moments = [
        Moment(bar=bar, closing=closing) for bars in floor.bars.values() for bar in bars for closing in (False, True)
    ]
    unmet = [m for m in moments if m.at <= until and any(_waits(order, m) for order in floor.orders)]
    return sorted(unmet, key=lambda moment: (moment.at, moment.closing, moment.bar.ticker))


def _waits(order: Resting, moment: Moment) -> bool:
    """Return whether an open order has yet to meet a moment of a bar that had not begun before it was accepted."""
    bar = moment.bar
    return (
        order.ended_at is None
        and not order.held
        and order.ticker == bar.ticker
        and (order.accepted_at < bar.starts_at or (order.accepted_at == bar.starts_at and order.type is not _MARKET))
        and order.matched_at < moment.at
    )


def _meeting(book: Mapping[str, Resting], moment: Moment) -> list[str]:
    """Return the names of the orders that meet a moment: stops first, then as they were accepted."""
    waiting = [order for order in book.values() if _waits(order, moment)]
    return [order.client_order_id for order in sorted(waiting, key=lambda order: order.type not in STOPS)]


def legs_after(order: Resting, book: Iterable[Resting], at: datetime, traded: Decimal) -> dict[str, Resting]:
    """Return the legs that change once an order stands as it does, having just traded so many shares."""
    if order.ended_at is None and not traded:
        return {}
    own = [leg for leg in book if leg.parent == order.client_order_id and leg.held and leg.ended_at is None]
    changed = [_released(leg, order.filled_quantity, at) for leg in own] if order.ended_at else []
    if order.parent is not None and traded:
        rest = [leg for leg in book if leg.parent == order.parent and leg.client_order_id != order.client_order_id]
        changed += [_less(leg, traded, at) for leg in rest if leg.ended_at is None]
    return {leg.client_order_id: leg for leg in changed}


def _released(leg: Resting, quantity: Decimal, at: datetime) -> Resting:
    if not quantity:
        return ended(leg, at, Kind.CANCELED, "its order ended without a trade")
    return msgspec.structs.replace(leg, held=False, quantity=quantity, matched_at=at)


def _less(leg: Resting, traded: Decimal, at: datetime) -> Resting:
    """Return a leg that is for fewer shares; of one that is left for none what it was for stays on record."""
    if leg.remaining <= traded:
        return ended(leg, at, Kind.CANCELED, "another leg has traded")
    return msgspec.structs.replace(leg, quantity=leg.quantity - traded)


def _taken(trades: Sequence[Trade], bar: Bar) -> Decimal:
    inside = (t.quantity for t in trades if t.ticker == bar.ticker and bar.starts_at <= t.at <= bar.ends_at)
    return sum(inside, _NOTHING)


def meet(order: Resting, moment: Moment, purse: Purse) -> tuple[Resting, Trade | None]:
    """Return an order after one moment of its market, and the trade it made if it made one."""
    order, touch = touched(order, moment)
    if touch is None:
        return _later(order, moment), None
    quantity = min(order.remaining, moment.left.to_integral_value(ROUND_FLOOR))
    if quantity <= 0:
        return _later(order, moment), None
    trade = _trade(order, moment, touch, quantity)
    refusal = _refusal(trade, purse)
    if refusal is not None:
        return ended(order, moment.at, Kind.CANCELED if order.filled_quantity else Kind.REJECTED, refusal), None
    return _later(_after(order, trade), moment), trade


def _trade(order: Resting, moment: Moment, touch: Touch, quantity: Decimal) -> Trade:
    price = touch.price if touch.passive else _taken_price(order, moment, touch.price, quantity)
    return Trade(
        execution_id=f"{order.client_order_id}-{moment.at:%Y%m%dT%H%M%S%f}",
        client_order_id=order.client_order_id,
        ticker=order.ticker,
        side=order.side,
        quantity=quantity,
        price=price,
        fee=fee(order.side, quantity, price, moment.bar.starts_at.date()),
        at=moment.at,
    )


def _taken_price(order: Resting, moment: Moment, price: Decimal, quantity: Decimal) -> Decimal:
    """Add half the spread and a tenth of the squared share of the volume, to the cent and never past a limit."""
    share = min(quantity / moment.bar.volume, VOLUME_SHARE)
    cost = price * (moment.half_spread + share * share * _IMPACT)
    if order.side is Side.BUY:
        paid = (price + cost).quantize(_CENT, ROUND_HALF_UP)
        return paid if order.limit_price is None else min(paid, order.limit_price)
    got = max(_CENT, (price - cost).quantize(_CENT, ROUND_HALF_UP))
    return got if order.limit_price is None else max(got, order.limit_price)


def _refusal(trade: Trade, purse: Purse) -> str | None:
    if trade.side is Side.BUY:
        cost = trade.quantity * trade.price + trade.fee
        return f"costs {cost}, the account has {purse.cash}" if cost > purse.cash else None
    held = purse.held.get(trade.ticker, _NOTHING)
    return f"sells {trade.quantity}, the account holds {held}" if trade.quantity > held else None


def _after(order: Resting, trade: Trade) -> Resting:
    filled = order.filled_quantity + trade.quantity
    return msgspec.structs.replace(
        order,
        kind=Kind.FILL,
        filled_quantity=filled,
        reserved=order.reserved * (order.quantity - filled) / order.remaining,
        ended_at=trade.at if filled == order.quantity else None,
    )


def _later(order: Resting, moment: Moment) -> Resting:
    """Return an order that has met a moment; what is left of a day order ends with its bar."""
    if order.ended_at is None and moment.closing and order.time_in_force == "day":
        return ended(order, moment.at, Kind.EXPIRED, "the day is over")
    return msgspec.structs.replace(order, matched_at=moment.at)


def ended(order: Resting, at: datetime, kind: Kind, reason: str) -> Resting:
    """Return an order that has left the book, with nothing held back for it any more."""
    return msgspec.structs.replace(order, kind=kind, reason=reason, reserved=_NOTHING, matched_at=at, ended_at=at)
