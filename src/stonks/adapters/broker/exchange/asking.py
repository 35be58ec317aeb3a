"""What clients ask of the exchange, parsed at its edge: orders, replacements and query parameters."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import msgspec

from stonks.adapters.broker.exchange.ledger import Listed, Wanted, number
from stonks.model.errors import Malformed, Refused
from stonks.model.order import Intent, OrderType, Side

T = TypeVar("T")
_DOLLAR, _CENT, _PIP = Decimal(1), Decimal("0.01"), Decimal("0.0001")
_STATES = {"open": True, "closed": False, "all": None}
_MOST = 500
_LONGEST_NAME = 128


class TakeProfit(msgspec.Struct, frozen=True):
    """The leg that sells at a gain."""

    limit_price: Decimal


class StopLoss(msgspec.Struct, frozen=True):
    """The leg that sells at a loss."""

    stop_price: Decimal
    limit_price: Decimal | None = None


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a new order. Amounts may be numbers or strings; what the exchange does not trade it names."""

    symbol: str
    side: Side
    type: str
    time_in_force: str
    qty: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    client_order_id: str | None = None
    order_class: str | None = None
    take_profit: TakeProfit | None = None
    stop_loss: StopLoss | None = None
    extended_hours: bool = False


class ReplaceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a replacement: what is left out stays as it was."""

    qty: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    """Dollars or percent, as the order has."""
    time_in_force: str | None = None
    client_order_id: str | None = None


def decoded(body: bytes, shape: type[T]) -> T:
    """Return a request's body as its shape.

    Raises:
        Malformed: it is not of that shape.
    """
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except msgspec.DecodeError as wrong:
        raise Malformed(f"request body: {wrong}") from wrong


def intent_of(asked: OrderRequest, account: str, fallback: str) -> Intent:
    """Return the order that is asked for; ``fallback`` names one that its client left without an id.

    Raises:
        Refused: it is of a kind that the exchange does not trade.
    """
    if asked.notional is not None or asked.qty is None:
        raise Refused("qty is required: the exchange trades whole shares, not notional amounts")
    if asked.extended_hours:
        raise Refused("extended hours orders are not traded here")
    if asked.type not in set(OrderType) - {OrderType.OTHER}:
        raise Refused(f"order type {asked.type} is not traded here")
    if len(asked.client_order_id or "") > _LONGEST_NAME:
        raise Refused(f"client_order_id must be no more than {_LONGEST_NAME} characters")
    if (asked.type == OrderType.TRAILING_STOP) is not (
        (asked.trail_price is None) is not (asked.trail_percent is None)
    ):
        raise Refused("trailing stop orders, and no others, take one of trail_price and trail_percent")
    name = asked.client_order_id or fallback
    return Intent(
        id=number(name),
        decision_id=None,
        account=account,
        leg="api",
        attempt=1,
        client_order_id=name,
        ticker=asked.symbol,
        side=asked.side,
        type=OrderType(asked.type),
        quantity=asked.qty,
        limit_price=_price("limit_price", asked.limit_price),
        stop_price=_price("stop_price", asked.stop_price),
        trail_price=_price("trail_price", asked.trail_price),
        trail_percent=asked.trail_percent,
        time_in_force=asked.time_in_force,
        source="api",
    )


def legs_of(asked: OrderRequest, entry: Intent) -> list[Intent]:
    """Return the legs of a new order: none for a simple one, one for an OTO, a stop and a limit for a bracket.

    Raises:
        Refused: they do not fit the order's class, or one another.
    """
    gain, loss = asked.take_profit, asked.stop_loss
    needed = {None: 0, "": 0, "simple": 0, "oto": 1, "bracket": 2}.get(asked.order_class)
    if needed is None:
        raise Refused(f"order_class {asked.order_class} is not traded here")
    if needed != (gain is not None) + (loss is not None):
        raise Refused(f"{asked.order_class or 'simple'} orders take {needed} of take_profit and stop_loss")
    if needed and entry.side is not Side.BUY:
        raise Refused("bracket orders must be entry orders")
    if gain and loss and gain.limit_price < loss.stop_price + _CENT:
        raise Refused("take_profit.limit_price must be >= stop_loss.stop_price + 0.01")
    legs = [_leg(entry, "sl", stop_price=loss.stop_price, limit_price=loss.limit_price)] if loss else []
    return [*legs, _leg(entry, "tp", limit_price=gain.limit_price)] if gain else legs


def _leg(entry: Intent, leg: str, *, limit_price: Decimal | None = None, stop_price: Decimal | None = None) -> Intent:
    name = str(number(f"{leg}/{entry.client_order_id}"))
    kind = OrderType.STOP_LIMIT if limit_price else OrderType.STOP
    return msgspec.structs.replace(
        entry,
        id=number(name),
        client_order_id=name,
        leg=leg,
        side=Side.SELL,
        type=kind if stop_price else OrderType.LIMIT,
        limit_price=_price(f"{leg} limit price", limit_price),
        stop_price=_price(f"{leg} stop price", stop_price),
        trail_price=None,
        trail_percent=None,
    )


def replacement_of(old: Listed, asked: ReplaceRequest, account: str, fallback: str) -> Intent:
    """Return the order that takes another's place.

    Raises:
        Refused: it is of a kind that the exchange does not trade.
    """
    new = OrderRequest(
        symbol=old.ticker,
        side=old.side,
        type=old.type,
        time_in_force=asked.time_in_force or old.time_in_force,
        qty=asked.qty or old.quantity,
        limit_price=asked.limit_price or old.limit_price,
        stop_price=asked.stop_price or old.stop_price,
        trail_price=(asked.trail or old.trail_price) if old.trail_price else None,
        trail_percent=(asked.trail or old.trail_percent) if old.trail_percent else None,
        client_order_id=asked.client_order_id,
    )
    return intent_of(new, account, fallback)


def _price(name: str, price: Decimal | None) -> Decimal | None:
    """Return a price that is in cents, or under a dollar in hundredths of one."""
    if price is None:
        return None
    if price <= 0:
        raise Refused(f"{name} must be > 0")
    if price % (_CENT if price >= _DOLLAR else _PIP):
        raise Refused(f"invalid {name} {price}. sub-penny increment does not fulfill minimum pricing criteria")
    return price


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """Return which orders a list's query parameters ask for.

    Raises:
        Malformed: one of them makes no sense.
    """
    state = query.get("status", "open")
    if state not in _STATES:
        raise Malformed(f"status {state!r} is none of {', '.join(_STATES)}")
    side, symbols = query.get("side"), query.get("symbols")
    if side not in {None, *Side}:
        raise Malformed(f"side {side!r} is none of {', '.join(Side)}")
    return Wanted(
        open=_STATES[state],
        after=instant(query.get("after")),
        until=instant(query.get("until")),
        tickers=tuple(symbols.split(",")) if symbols else None,
        side=Side(side) if side else None,
        oldest_first=query.get("direction") == "asc",
        most=limit(query.get("limit"), 50, _MOST),
    )


def limit(text: str | None, usual: int, most: int) -> int:
    """Return how many are asked for, from 1 to ``most``.

    Raises:
        Malformed: it is no such number.
    """
    if text is None:
        return usual
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Malformed(f"limit is from 1 to {most}, not {text!r}")
    return int(text)


def numbered(text: str) -> UUID:
    """Return the number that a path names.

    Raises:
        Malformed: it is none.
    """
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Malformed(f"{text!r} is no id") from wrong


def amount_of(text: str) -> Decimal:
    """Return the amount that a query parameter names.

    Raises:
        Malformed: it is none.
    """
    try:
        return msgspec.convert(text, Decimal, strict=False)
    except msgspec.ValidationError as wrong:
        raise Malformed(f"{text!r} is no amount") from wrong


def instant(text: str | None) -> datetime | None:
    """Return the instant that a query parameter names, a date being its first moment in UTC; None for none.

    Raises:
        Malformed: it is no instant.
    """
    if not text:
        return None
    try:
        named = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Malformed(f"{text!r} is no time") from wrong
    return named if named.tzinfo else named.replace(tzinfo=UTC)
