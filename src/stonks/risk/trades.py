"""Closed trades: what each way from no shares to no shares brought."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.model.order import Fill, Position
from stonks.risk.position import after

_NOTHING = Decimal(0)


class ClosedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One way from flat to flat; the profit is in dollars, after fees."""

    ticker: str
    closed_at: datetime
    profit: Decimal


def closed_trades(fills: Iterable[Fill]) -> tuple[ClosedTrade, ...]:
    """Return every trade that these fills closed, as they were closed; the fills come in the order they happened."""
    positions: dict[str, Position] = {}
    began: dict[str, Decimal] = {}
    trades: list[ClosedTrade] = []
    for fill in fills:
        before = positions.get(fill.ticker)
        now = positions[fill.ticker] = after(before, fill)
        held = before.quantity if before else _NOTHING
        if held and held * now.quantity <= 0:
            profit = now.realized - began.pop(fill.ticker, _NOTHING)
            trades.append(ClosedTrade(ticker=fill.ticker, closed_at=fill.at, profit=profit))
            began[fill.ticker] = now.realized
    return tuple(trades)
