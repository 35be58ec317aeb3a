"""Positions, worth and state of the account."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from stonks.api.answers.system import TradingMode


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one company and what it is worth at the last price known; quantity is signed."""

    ticker: str
    company: str
    sector: str
    quantity: Decimal
    average_price: Decimal
    realized: Decimal
    last_price: Decimal | None
    last_price_at: datetime | None
    market_value: Decimal | None
    unrealized: Decimal | None
    updated_at: datetime
    last_order_id: UUID | None


class PositionList(msgspec.Struct, frozen=True, kw_only=True):
    """Every open position, and closed ones where they were asked for."""

    account: str
    items: list[PositionRow]


class EquityPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the account was worth at an instant; ``drawdown`` is a share of the high-water mark in [0, 1]."""

    as_of: datetime
    equity: Decimal
    cash: Decimal
    gross: Decimal
    net: Decimal
    high_water_mark: Decimal
    drawdown: float


class EquitySeries(msgspec.Struct, frozen=True, kw_only=True):
    """The account's worth over time, oldest first."""

    account: str
    starting_cash: Decimal
    points: list[EquityPoint]


class BreakerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A circuit breaker: what it saw against what it allows."""

    scope: str
    kind: str
    state: str
    observed: float | None
    limit: float | None
    opened_at: datetime | None
    reason: str | None


class TradingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the account may trade, and where it stands; money in dollars, ratios as shares of equity."""

    account: str
    state: str
    reason: str | None
    changed_by: str | None
    changed_at: datetime | None
    halts_when_flat: bool
    """Whether it only reduces until it is flat, and is halted then."""
    polled_until: datetime | None
    day: date | None
    day_start_equity: Decimal | None
    equity: Decimal | None
    cash: Decimal | None
    gross: Decimal | None
    high_water_mark: Decimal | None
    as_of: datetime | None
    day_profit: Decimal | None
    drawdown: float | None
    gross_ratio: float | None
    open_positions: int
    open_orders: int
    orders: int
    fills: int
    acted: int
    skipped: int
    pending_approvals: int
    leaving: int
    """Positions that are being given up."""
    breakers: list[BreakerRow]
    mode: TradingMode = TradingMode.PAPER
    halt_file: bool = False
    """Whether the file that halts the account is in the data directory of this process."""
