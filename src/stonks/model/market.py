"""Prices and the market's calendar, each fact with when it became known."""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """Open, high, low, close and volume of one span; raw prices, never adjusted. Known when the span is over."""

    ticker: str
    resolution: str
    starts_at: datetime
    ends_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    known_at: datetime


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One trading day of the exchange, half-days with their early close."""

    day: date
    opens_at: datetime
    closes_at: datetime


class CalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A dated fact ahead of or behind us: earnings, dividend, split, FOMC."""

    type: str
    ticker: str | None
    day: date
    when: str | None
    amount: Decimal | None
    known_at: datetime


class CorporateAction(msgspec.Struct, frozen=True, kw_only=True):
    """A dividend with its cash a share, or a split with its new shares for one old."""

    ticker: str
    type: str
    ex_date: date
    ratio: Decimal | None = None
    cash: Decimal | None = None
    known_at: datetime


class TickerDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a market data source says of one listing: name, exchange, shares and the like, by the source's names."""

    ticker: str
    facts: dict[str, str | int | float | bool | None]
    known_at: datetime


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker says of an instrument: whether it takes orders in it, and of which kinds."""

    ticker: str
    tradable: bool
    halted: bool
    fractionable: bool
    shortable: bool
    known_at: datetime


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A two-sided price at an instant, in the instrument's currency."""

    ticker: str
    bid: Decimal
    ask: Decimal
    at: datetime

    @property
    def mid(self) -> Decimal:
        """The middle between bid and ask."""
        return (self.bid + self.ask) / 2
