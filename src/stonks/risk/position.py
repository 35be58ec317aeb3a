"""What executions add up to: signed shares, what they cost on average and what closing some of them brought."""

from collections.abc import Iterable
from decimal import Decimal

from stonks.model.order import Fill, Position, Side

_NOTHING = Decimal(0)


def fold(fills: Iterable[Fill]) -> dict[str, Position]:
    """Return the position in each ticker after these fills, which come in the order they happened."""
    positions: dict[str, Position] = {}
    for fill in fills:
        positions[fill.ticker] = after(positions.get(fill.ticker), fill)
    return positions


def after(position: Position | None, fill: Fill) -> Position:
    """Return a position after one more fill; the average leaves fees out, realized gains are after all fees."""
    held = position.quantity if position else _NOTHING
    average = position.average_price if position else _NOTHING
    realized = (position.realized if position else _NOTHING) - fill.fee
    change = fill.quantity if fill.side is Side.BUY else -fill.quantity
    total = held + change
    if held * change >= 0:
        paid = abs(held) * average + fill.quantity * fill.price
        return Position(
            ticker=fill.ticker,
            quantity=total,
            average_price=paid / abs(total),
            realized=realized,
            opened_at=position.opened_at if position and held else fill.at,
        )
    closed = min(abs(held), fill.quantity)
    gain = (fill.price - average) * closed * (1 if held > 0 else -1)
    opened_at = position.opened_at if position else None
    if total == 0:
        average, opened_at = _NOTHING, None
    elif held * total < 0:
        average, opened_at = fill.price, fill.at
    return Position(
        ticker=fill.ticker,
        quantity=total,
        average_price=average,
        realized=realized + gain,
        opened_at=opened_at,
    )


def signed(fill: Fill) -> Decimal:
    """Return the fill's shares, negative where they were sold."""
    return fill.quantity if fill.side is Side.BUY else -fill.quantity


def cash_flow(fill: Fill) -> Decimal:
    """Return the dollars a fill brought into the account, fees taken off; negative where it cost."""
    return -signed(fill) * fill.price - fill.fee
