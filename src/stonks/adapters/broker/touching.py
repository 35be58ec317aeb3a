"""Where a moment of the market reaches an order. Pure.

A bar says where the price was first, how far it went and where it was last, not on which way. What is not sure is taken
to be against the order: it is stopped by what it can have met, and gains by nothing that may have come before.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.adapters.broker.resting import STOPS, Resting
from stonks.model.market import Bar
from stonks.model.order import OrderType, Side

_NOTHING = Decimal(0)


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """The open or the close of a bar, with what of its volume is left and half the spread as a share of the price."""

    bar: Bar
    closing: bool
    left: Decimal = _NOTHING
    half_spread: Decimal = _NOTHING

    @property
    def at(self) -> datetime:
        """When it is."""
        return self.bar.ends_at if self.closing else self.bar.starts_at


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """Where the market reaches an order; a passive one waits there and pays no spread."""

    price: Decimal
    passive: bool = False


def touched(order: Resting, moment: Moment) -> tuple[Resting, Touch | None]:
    """Return an order as a moment's prices leave it, triggered or trailing, and where they reach it, or None.

    A gap beyond a stop or a limit fills at the open; otherwise a stop is reached by the range, a limit only if the
    range goes beyond it.
    """
    if order.type in STOPS and not order.triggered:
        return _stopped(order, moment)
    if order.type is OrderType.LIMIT or order.type is OrderType.STOP_LIMIT:
        return order, _limited(order, moment)
    return order, None if moment.closing else Touch(price=moment.bar.open)


def _stopped(order: Resting, moment: Moment) -> tuple[Resting, Touch | None]:
    """Return a stop that has not been triggered, after a moment, and where it was if it was then."""
    bar, buys = moment.bar, order.side is Side.BUY
    price = _trigger(order, (bar.high if buys else bar.low) if moment.closing else bar.open, bar.open)
    if order.type is OrderType.TRAILING_STOP:
        order = _following(order, (bar.low if buys else bar.high) if moment.closing else bar.open)
        if price is None and moment.closing:  # the best price came before the close, so the new stop lay between them
            price = order.stop if _trigger(order, bar.close, bar.close) else None
    if price is None:
        return order, None
    order = msgspec.structs.replace(order, triggered=True)
    past = order.limit_price is not None and (price > order.limit_price if buys else price < order.limit_price)
    return order, None if past else Touch(price=price)


def _trigger(order: Resting, worst: Decimal, first: Decimal) -> Decimal | None:
    """Return where a price as bad as this triggers a stop, or None: at its level, or at the first price if worse."""
    level = order.stop
    if level is None:
        return None
    if order.side is Side.BUY:
        return max(level, first) if worst >= level else None
    return min(level, first) if worst <= level else None


def _following(order: Resting, best: Decimal) -> Resting:
    """Return a trailing stop that has seen a price."""
    peak = order.peak
    if peak is None:
        return msgspec.structs.replace(order, peak=best)
    better = best < peak if order.side is Side.BUY else best > peak
    return msgspec.structs.replace(order, peak=best) if better else order


def _limited(order: Resting, moment: Moment) -> Touch | None:
    if order.limit_price is None:
        return None
    bar, buys = moment.bar, order.side is Side.BUY
    if bar.open < order.limit_price if buys else bar.open > order.limit_price:
        return Touch(price=bar.open)
    if not moment.closing:
        return None
    beyond = bar.low < order.limit_price if buys else bar.high > order.limit_price
    return Touch(price=order.limit_price, passive=True) if beyond else None
