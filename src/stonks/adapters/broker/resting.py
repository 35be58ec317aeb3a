"""An order on the exchange's book, what it trades, and what the account has."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stonks.model.order import OrderEventKind as Kind, OrderType, Side

_NOTHING = Decimal(0)
_HUNDRED = Decimal(100)
STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
"""Orders that wait for the price to turn against them."""


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """An order on the exchange's book; ``matched_at`` is the last instant of the market that it has met."""

    client_order_id: str
    ticker: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: str
    kind: Kind
    reason: str | None
    filled_quantity: Decimal
    triggered: bool
    reserved: Decimal
    accepted_at: datetime
    matched_at: datetime
    ended_at: datetime | None
    replaces: str | None = None
    """The client's id of the order whose place it took."""
    replaced_by: str | None = None
    parent: str | None = None
    """The client's id of the order whose leg it is."""
    held: bool = False
    """Whether it waits for that order's end."""
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    peak: Decimal | None = None
    """The best price since it was accepted, which a trailing stop follows."""

    @property
    def remaining(self) -> Decimal:
        """Shares not yet filled."""
        return self.quantity - self.filled_quantity

    @property
    def stop(self) -> Decimal | None:
        """The price that triggers it; a trailing stop's follows its peak. None for other orders."""
        if self.type is not OrderType.TRAILING_STOP or self.peak is None:
            return self.stop_price
        trail = self.trail_price or self.peak * (self.trail_percent or _NOTHING) / _HUNDRED
        return self.peak - trail if self.side is Side.SELL else self.peak + trail


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One execution; its id derives from the order and the instant."""

    execution_id: str
    client_order_id: str
    ticker: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


class Purse(msgspec.Struct, frozen=True, kw_only=True):
    """The account's cash and shares."""

    cash: Decimal
    held: dict[str, Decimal]

    def after(self, trade: Trade) -> "Purse":
        """Return what a trade leaves."""
        shares = trade.quantity if trade.side is Side.BUY else -trade.quantity
        held = self.held | {trade.ticker: self.held.get(trade.ticker, _NOTHING) + shares}
        return Purse(cash=self.cash - shares * trade.price - trade.fee, held=held)
