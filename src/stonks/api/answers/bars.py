"""Prices as the API shows them."""

from datetime import datetime
from decimal import Decimal

import msgspec


class BarRow(msgspec.Struct, frozen=True, kw_only=True):
    """Prices and volume of one span, raw."""

    starts_at: datetime
    ends_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class BarSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A company's bars of one resolution, oldest first."""

    ticker: str
    resolution: str
    items: list[BarRow]
