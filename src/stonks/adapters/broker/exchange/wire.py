"""Orders and trades as Alpaca writes them: every amount a string, every instant in UTC."""

from decimal import Decimal
from uuid import UUID

from stonks.adapters.broker.exchange.diary import NEW_YORK, local_day
from stonks.adapters.broker.exchange.ledger import Activity, Family, Listed, number
from stonks.adapters.broker.resting import Resting
from stonks.model.order import OrderEventKind as Kind, OrderType, Side

Body = dict[str, object]
_MICRO = Decimal("0.000001")
_ENDS = ("filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at")
_NOTHING = Decimal(0)
_WORDS = {
    "FEE": "section 31 fee and trading activity fee of a sale",
    "DIV": "cash dividend",
    "SPLIT": "split, with cash for fractions of a share",
}
KINDS = ("FILL", *_WORDS)
"""What can happen in an account, in Alpaca's words."""
_NAMES = {Kind.CANCELED: "canceled_at", Kind.EXPIRED: "expired_at", Kind.REJECTED: "failed_at"}


def asset_number(ticker: str) -> UUID:
    """Return the number under which the exchange knows a listing."""
    return number(f"asset/{ticker}")


def amount(value: Decimal | None) -> str | None:
    """Return an amount in at most six decimals, without zeros at its end; None for none."""
    if value is None:
        return None
    text = f"{value.quantize(_MICRO):f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def status(order: Resting) -> str:
    """Return the word Alpaca has for an order's state."""
    if order.held and order.ended_at is None:
        return "held"
    if order.ended_at is None:
        return "partially_filled" if order.filled_quantity else "new"
    return "filled" if order.kind is Kind.FILL else str(order.kind)


def family_body(order: Family) -> Body:
    """Return an order as the trading API shows it, with its legs."""
    kind = {0: "simple", 1: "oto"}.get(order.group, "bracket")
    legs = [order_body(leg) | {"order_class": kind} for leg in order.legs]
    return order_body(order) | {"order_class": kind, "legs": legs or None}


def order_body(order: Listed) -> Body:
    """Return an order as the stream shows it, by itself."""
    return {
        "id": number(order.client_order_id),
        "client_order_id": order.client_order_id,
        "created_at": order.accepted_at,
        "submitted_at": order.accepted_at,
        "updated_at": order.ended_at or order.filled_at or order.accepted_at,
        **_instants(order),
        "replaces": number(order.replaces) if order.replaces else None,
        "replaced_by": number(order.replaced_by) if order.replaced_by else None,
        "asset_id": asset_number(order.ticker),
        "symbol": order.ticker,
        "asset_class": "us_equity",
        "notional": None,
        "qty": amount(order.quantity),
        "filled_qty": amount(order.filled_quantity),
        "filled_avg_price": amount(order.average_price),
        "order_class": "simple",
        "order_type": order.type,
        "type": order.type,
        "side": order.side,
        "position_intent": "buy_to_open" if order.side is Side.BUY else "sell_to_close",
        "time_in_force": order.time_in_force,
        "limit_price": amount(order.limit_price),
        "stop_price": amount(order.stop),
        "status": status(order),
        "extended_hours": False,
        "legs": None,
        "trail_percent": amount(order.trail_percent),
        "trail_price": amount(order.trail_price),
        "hwm": amount(order.peak) if order.type is OrderType.TRAILING_STOP else None,
    }


def _instants(order: Listed) -> Body:
    empty: Body = {**dict.fromkeys(_ENDS)}
    match order.ended_at, order.kind:
        case None, _:
            return empty
        case at, Kind.FILL:
            return {**empty, "filled_at": at}
        case at, Kind.REPLACED:
            return {**empty, "replaced_at": at}
        case at, kind:
            return {**empty, _NAMES[kind]: at}


def activity_body(activity: Activity) -> Body:
    """Return something that happened in the account, as a trade or a non-trade activity."""
    return _fill_body(activity) if activity.kind == "FILL" else _cash_body(activity)


def _activity_id(activity: Activity) -> str:
    """Return the id of an activity, with New York's time of day, as Alpaca's have."""
    local = activity.at.astimezone(NEW_YORK)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03}::{number(activity.name)}"


def _fill_body(activity: Activity) -> Body:
    ordered, filled = activity.ordered or _NOTHING, activity.filled or _NOTHING
    whole = filled >= ordered
    return {
        "id": _activity_id(activity),
        "activity_type": "FILL",
        "type": "fill" if whole else "partial_fill",
        "transaction_time": activity.at,
        "price": amount(activity.price),
        "qty": amount(activity.quantity),
        "side": activity.side,
        "symbol": activity.ticker,
        "leaves_qty": amount(max(ordered - filled, _NOTHING)),
        "cum_qty": amount(filled),
        "order_id": number(activity.client_order_id or ""),
        "order_status": "filled" if whole else "partially_filled",
    }


def _cash_body(activity: Activity) -> Body:
    return {
        "id": _activity_id(activity),
        "activity_type": activity.kind,
        "date": local_day(activity.at),
        "net_amount": amount(activity.cash),
        "description": _WORDS[activity.kind],
        "symbol": activity.ticker,
        "qty": amount(activity.quantity),
        "per_share_amount": amount(activity.price),
        "order_id": number(activity.client_order_id) if activity.client_order_id else None,
        "status": "executed",
    }
