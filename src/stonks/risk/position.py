"""What executions and corporate actions add up to: signed shares, their average price, and what closing brought."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import msgspec

from stonks.model.adjustment import Adjustment, AdjustmentKind
from stonks.model.order import Fill, Position, Side

_NOTHING = Decimal(0)
_CENT = Decimal("0.01")
_FINEST = Decimal("0.000000001")


def fold(fills: Iterable[Fill], adjustments: Iterable[Adjustment] = ()) -> dict[str, Position]:
    """Return the position in each ticker after these facts, which may come in any order.

    At one instant corporate actions come before trades, and purchases before sales.
    """
    positions: dict[str, Position] = {}
    for fact in in_order(fills, adjustments):
        before = positions.get(fact.ticker)
        positions[fact.ticker] = after(before, fact) if isinstance(fact, Fill) else adjusted(before, fact)
    return positions


def in_order(fills: Iterable[Fill], adjustments: Iterable[Adjustment]) -> list[Fill | Adjustment]:
    """Return these facts in the order in which they count."""
    facts: list[Fill | Adjustment] = [*adjustments, *fills]
    return sorted(facts, key=_place)


def _place(fact: Fill | Adjustment) -> tuple[datetime, int, str, str]:
    if isinstance(fact, Fill):
        return fact.at, len(_FIRST), fact.side, fact.execution_id
    return fact.at, _FIRST.index(fact.kind), fact.ticker, fact.source


_FIRST = (AdjustmentKind.DIVIDEND, AdjustmentKind.SPLIT, AdjustmentKind.CASH_IN_LIEU, AdjustmentKind.MANUAL)
"""What counts first where several corporate actions of a ticker take effect at once."""


def adjusted(position: Position | None, action: Adjustment) -> Position:
    """Return a position after a corporate action; a split changes neither its cost nor what was realized.

    The fraction of a share that a split leaves is sold at the new price where it is paid out.
    """
    held = position or Position(ticker=action.ticker, quantity=_NOTHING, average_price=_NOTHING, realized=_NOTHING)
    match action.kind:
        case AdjustmentKind.SPLIT if action.ratio is not None:
            return _split(held, action.ratio, action.price)
        case AdjustmentKind.DIVIDEND | AdjustmentKind.SPLIT:
            return held
        case _:
            change = action.quantity_after - action.quantity_before
            each = held.average_price if action.cash is None else -action.cash / change if change else _NOTHING
            return _changed(held, change, each, action.at)


def _split(held: Position, ratio: Decimal, price: Decimal | None) -> Position:
    whole, rest = split(held.quantity, ratio)
    total = whole + rest
    if not total:
        return held
    grown = msgspec.structs.replace(held, quantity=total, average_price=held.quantity * held.average_price / total)
    return grown if price is None else _changed(grown, -rest, price, held.opened_at)


def split(quantity: Decimal, ratio: Decimal) -> tuple[Decimal, Decimal]:
    """Return the whole shares and the fraction of one that shares become; both have the sign of the quantity."""
    total = (quantity * ratio).quantize(_FINEST)
    whole = total.to_integral_value(ROUND_DOWN)
    return whole, total - whole


def in_lieu(rest: Decimal, price: Decimal) -> Decimal:
    """Return the dollars, to the cent, that are paid for a fraction of a share."""
    return (rest * price).quantize(_CENT, ROUND_HALF_UP)


def after(position: Position | None, fill: Fill) -> Position:
    """Return a position after one more fill; the average leaves fees out, realized gains are after all fees."""
    held = position or Position(ticker=fill.ticker, quantity=_NOTHING, average_price=_NOTHING, realized=_NOTHING)
    paid = msgspec.structs.replace(held, realized=held.realized - fill.fee)
    return _changed(paid, signed(fill), fill.price, fill.at)


def _changed(held: Position, change: Decimal, price: Decimal, at: datetime | None) -> Position:
    """Return a position that has become so many shares more, or less, at a price."""
    if not change:
        return held
    total = held.quantity + change
    if held.quantity * change >= 0:
        paid = abs(held.quantity) * held.average_price + abs(change) * price
        return Position(
            ticker=held.ticker,
            quantity=total,
            average_price=paid / abs(total),
            realized=held.realized,
            opened_at=held.opened_at if held.quantity else at,
        )
    closed = min(abs(held.quantity), abs(change))
    gain = (price - held.average_price) * closed * (1 if held.quantity > 0 else -1)
    average, opened_at = held.average_price, held.opened_at
    if total == 0:
        average, opened_at = _NOTHING, None
    elif held.quantity * total < 0:
        average, opened_at = price, at
    return Position(
        ticker=held.ticker,
        quantity=total,
        average_price=average,
        realized=held.realized + gain,
        opened_at=opened_at,
    )


def signed(fill: Fill) -> Decimal:
    """Return the fill's shares, negative where they were sold."""
    return fill.quantity if fill.side is Side.BUY else -fill.quantity


def cash_flow(fill: Fill) -> Decimal:
    """Return the dollars a fill brought into the account, fees taken off; negative where it cost."""
    return -signed(fill) * fill.price - fill.fee
