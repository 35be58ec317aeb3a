"""Orders in Alpaca's words: what is sent, what it answers, and what its 18 statuses mean to us."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from stonks.adapters.broker.alpaca.exact import average, exact
from stonks.model.errors import Refused, Unreachable
from stonks.model.order import Intent, OrderEventKind as Kind, OrderType, Side
from stonks.ports.broker import BrokerOrder

Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_KINDS = {
    "partially_filled": Kind.FILL,
    "filled": Kind.FILL,
    "calculated": Kind.FILL,
    "canceled": Kind.CANCELED,
    "expired": Kind.EXPIRED,
    "rejected": Kind.REJECTED,
    "replaced": Kind.REPLACED,
    "pending_cancel": Kind.PENDING_CANCEL,
    "pending_replace": Kind.PENDING_UPDATE,
}
"""Every other status, one that we do not know too, is of an order that Alpaca has and that has not ended."""

_ENDED = {"filled", "calculated", "canceled", "expired", "rejected", "replaced"}
_PLAIN = {"new", "accepted", "filled", "partially_filled", "canceled"}
_DOLLAR = Decimal(1)
_CENT, _SMALL_TICK = Decimal("0.01"), Decimal("0.0001")


class AlpacaOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as Alpaca shows it; figures are strings, or numbers that are read digit by digit."""

    id: str
    client_order_id: str
    status: str
    filled_qty: Decimal
    filled_avg_price: Decimal | None = None
    symbol: str | None = None
    side: str | None = None
    qty: Decimal | None = None
    time_in_force: str = "day"
    created_at: Instant | None = None
    updated_at: Instant | None = None
    submitted_at: Instant | None = None
    filled_at: Instant | None = None
    expired_at: Instant | None = None
    canceled_at: Instant | None = None
    failed_at: Instant | None = None
    replaced_at: Instant | None = None
    replaced_by: str | None = None
    replaces: str | None = None

    @property
    def single(self) -> bool:
        """Whether it trades one instrument; one of several legs, which we never place, has neither symbol nor side."""
        return bool(self.symbol and self.side)

    @property
    def ended(self) -> bool:
        """Whether nothing but a late fill can still happen."""
        return self.status in _ENDED or (self.status == "done_for_day" and self.time_in_force == "day")

    @property
    def kind(self) -> Kind:
        """The latest thing that happened to it."""
        if self.status == "done_for_day":
            return Kind.EXPIRED if self.ended else Kind.ACCEPTED
        return _KINDS.get(self.status, Kind.ACCEPTED)

    @property
    def at(self) -> datetime | None:
        """When that was, as far as it says."""
        own = {
            "filled": self.filled_at,
            "canceled": self.canceled_at,
            "expired": self.expired_at,
            "rejected": self.failed_at,
            "replaced": self.replaced_at,
        }
        return own.get(self.status) or self.updated_at or self.submitted_at or self.created_at


def report(order: AlpacaOrder, client_order_id: str) -> BrokerOrder:
    """Return an order as the broker knows it, under the client id that it goes back to.

    One that replaced another counts its own trades alone: how many the line has had is not said, and left to the fills.

    One placed by hand for an amount of dollars has as its quantity what of it is filled.

    Raises:
        Unreachable: its figures or times are no such things.
    """
    at = order.at
    if at is None or not order.symbol or not order.side:
        raise Unreachable(f"order {order.id} has no time, no symbol or no side")
    quantity = order.filled_qty if order.qty is None else order.qty
    return BrokerOrder(
        broker_order_id=order.id,
        client_order_id=client_order_id,
        ticker=order.symbol,
        side=side(order.side),
        quantity=exact(quantity),
        kind=order.kind,
        reason=None if order.status in _PLAIN else f"Alpaca: {order.status}",
        at=at,
        filled_quantity=exact(order.filled_qty) if order.replaces is None else None,
        average_price=average(order.filled_avg_price),
    )


def side(name: str) -> Side:
    """Return which way Alpaca says something trades; selling short is selling.

    Raises:
        Unreachable: it is neither.
    """
    match name:
        case "buy":
            return Side.BUY
        case "sell" | "sell_short":
            return Side.SELL
        case other:
            raise Unreachable(f"a side is buy or sell, not {other[:20]!r}")


def request(intent: Intent) -> dict[str, str]:
    """Return the body that places an order; figures are strings, without exponents.

    Raises:
        Refused: Alpaca takes no such order.
    """
    check(intent)
    prices = {"limit_price": intent.limit_price, "stop_price": intent.stop_price}
    return {
        "symbol": intent.ticker,
        "qty": f"{intent.quantity:f}",
        "side": intent.side.value,
        "type": intent.type.value,
        "time_in_force": intent.time_in_force,
        "order_class": "simple",
        "client_order_id": intent.client_order_id,
    } | {name: f"{price:f}" for name, price in prices.items() if price is not None}


def check(intent: Intent) -> None:
    """Return if an order keeps the venue's rules for whole shares.

    Raises:
        Refused: it does not, for the reason in the message.
    """
    if not intent.quantity.is_finite() or intent.quantity <= 0 or intent.quantity % 1:
        raise Refused(f"whole shares above zero only, not {intent.quantity}")
    if intent.time_in_force not in {"day", "gtc"}:
        raise Refused(f"time in force is day or gtc, not {intent.time_in_force}")
    needed = {OrderType.LIMIT: intent.limit_price, OrderType.STOP: intent.stop_price}
    for kind, price in needed.items():
        if (price is None) is (intent.type is kind):
            raise Refused(f"a {intent.type} order and a {kind} price of {price} do not belong together")
        if price is not None:
            _check_price(price)


def _check_price(price: Decimal) -> None:
    if not price.is_finite() or price <= 0:
        raise Refused(f"a price is above zero, not {price}")
    tick = _CENT if price >= _DOLLAR else _SMALL_TICK
    if price % tick:
        raise Refused(f"a price of {price} is no multiple of {tick}")
