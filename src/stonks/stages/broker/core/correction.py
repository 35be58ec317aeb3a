"""The trade that makes our position what the broker says it is. Pure."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from stonks.model.errors import Refused
from stonks.model.order import Position, Side
from stonks.model.reconciliation import Discrepancy
from stonks.ports.broker import Execution

_MICRO = Decimal("0.000001")


def correction(
    run: UUID, each: Discrepancy, held: Position | None, average: Decimal | None, now: datetime
) -> Execution:
    """Return a trade for the difference of a position, at the price that leaves the broker's average, or ours.

    Raises:
        Refused: neither says what a share cost.
    """
    change = each.theirs - each.ours
    name = f"accepted-{run.hex[:12]}-{each.ticker}"
    return Execution(
        execution_id=name,
        client_order_id=name,
        ticker=each.ticker,
        side=Side.BUY if change > 0 else Side.SELL,
        quantity=abs(change),
        price=_price(each, held, average),
        fee=Decimal(0),
        at=now,
    )


def _price(each: Discrepancy, held: Position | None, average: Decimal | None) -> Decimal:
    ours = held.average_price if held else None
    grows = each.ours * each.theirs >= 0 and abs(each.theirs) > abs(each.ours)
    if grows and average is not None:
        exact = (average * each.theirs - (ours or 0) * each.ours) / (each.theirs - each.ours)
        return exact.quantize(_MICRO) if exact > 0 else average
    price = ours if not grows and ours else average
    if not price:
        raise Refused(f"nobody says what a share of {each.ticker} cost: the difference cannot be booked")
    return price
