"""Closed trades: what each way from no shares to no shares brought."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.model.adjustment import Adjustment
from stonks.model.order import Fill, Position
from stonks.risk.position import adjusted, after, in_order

_NOTHING = Decimal(0)


class ClosedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One way from flat to flat; the profit is in dollars, after fees."""

    ticker: str
    closed_at: datetime
    profit: Decimal


def closed_trades(fills: Iterable[Fill], adjustments: Iterable[Adjustment] = ()) -> tuple[ClosedTrade, ...]:
    """Return every trade that these facts closed, as they were closed."""
    positions: dict[str, Position] = {}
    began: dict[str, Decimal] = {}
    trades: list[ClosedTrade] = []
    for fact in in_order(fills, adjustments):
        before = positions.get(fact.ticker)
        now = positions[fact.ticker] = after(before, fact) if isinstance(fact, Fill) else adjusted(before, fact)
        held = before.quantity if before else _NOTHING
        if held and held * now.quantity <= 0:
            profit = now.realized - began.get(fact.ticker, _NOTHING)
            trades.append(ClosedTrade(ticker=fact.ticker, closed_at=fact.at, profit=profit))
            began[fact.ticker] = now.realized
    return tuple(trades)
