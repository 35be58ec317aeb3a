"""Facts in which every gate passes, to be changed in one place by a test; and bars and sessions to build them from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from stonks.model.market import Asset, Bar, Price, Session
from stonks.model.order import Side
from stonks.model.recommendation import Mode
from stonks.risk.facts import Book, Facts, Habits, Holding, Market, Proposal, TradingState
from stonks.risk.policy import MODERATE, Policy

NOW = datetime(2025, 4, 16, 15, 0, tzinfo=UTC)
"""A Wednesday, ninety minutes into the session."""


def weekdays(first: date, count: int) -> list[Session]:
    """Sessions from 13:30 to 20:00 UTC on so many weekdays; no holidays."""
    days = (first + timedelta(days=offset) for offset in range(count * 2))
    return [session(day) for day in days if day.weekday() < 5][:count]


def session(day: date) -> Session:
    opens = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC)
    return Session(day=day, opens_at=opens, closes_at=opens + timedelta(hours=6, minutes=30))


def bar(day: date, prices: tuple[float, float, float, float], *, ticker: str = "AAPL", volume: int = 1_000_000) -> Bar:
    """A daily bar from open, high, low and close, known at its close."""
    when = session(day)
    opened, high, low, close = (Decimal(str(price)) for price in prices)
    return Bar(
        ticker=ticker,
        resolution="1d",
        starts_at=when.opens_at,
        ends_at=when.closes_at,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=Decimal(volume),
        known_at=when.closes_at,
    )


def price(mid: float = 100.0, *, ticker: str = "AAPL", at: datetime = NOW, spread: float = 0.0002) -> Price:
    half = Decimal(str(mid * spread / 2))
    return Price(ticker=ticker, bid=Decimal(str(mid)) - half, ask=Decimal(str(mid)) + half, at=at)


def asset(**changes: Any) -> Asset:  # noqa: ANN401 - fields of an asset
    """What a broker says of AAPL, an hour old: everything goes, but no parts of shares and no shorts."""
    plain = Asset(
        ticker="AAPL",
        tradable=True,
        halted=False,
        fractionable=False,
        shortable=False,
        known_at=NOW - timedelta(hours=1),
    )
    return msgspec.structs.replace(plain, **changes)


def holding(ticker: str, quantity: int, mid: float = 100.0, sector: str = "Financials") -> Holding:
    return Holding(ticker=ticker, sector=sector, quantity=Decimal(quantity), price=mid)


def facts(
    *,
    proposal: dict[str, Any] | None = None,
    market: dict[str, Any] | None = None,
    book: dict[str, Any] | None = None,
    policy: Policy = MODERATE,
    now: datetime = NOW,
) -> Facts:
    """A purchase of AAPL that every gate lets pass, with these fields changed."""
    good = Facts(
        now=now,
        policy=policy,
        sessions=tuple(weekdays(date(2025, 2, 3), 90)),
        proposal=Proposal(
            ticker="AAPL",
            side=Side.BUY,
            mode=Mode.PAPER,
            generated_at=NOW - timedelta(minutes=5),
            probability=0.57,
            probability_low=0.56,
            confidence=0.8,
            contradiction=0.1,
            sources=3,
        ),
        market=Market(
            sector="Information Technology",
            price=price(),
            adv=5e9,
            atr=2.0,
            volatility=0.25,
            asset=asset(),
            bars_as_of=NOW - timedelta(days=1),
            earnings=(date(2025, 1, 30), date(2025, 5, 1)),
        ),
        book=Book(
            as_of=NOW,
            state=TradingState.ACTIVE,
            equity=100_000.0,
            cash=100_000.0,
            habits=Habits(median=3_000.0, orders=20, last_minute=0, last_day=3),
        ),
    )
    return msgspec.structs.replace(
        good,
        proposal=msgspec.structs.replace(good.proposal, **(proposal or {})),
        market=msgspec.structs.replace(good.market, **(market or {})),
        book=msgspec.structs.replace(good.book, **(book or {})),
    )


def sale(
    quantity: int = 50,
    *,
    proposal: dict[str, Any] | None = None,
    market: dict[str, Any] | None = None,
    book: dict[str, Any] | None = None,
    now: datetime = NOW,
) -> Facts:
    """An exit of fifty held AAPL shares that every gate lets pass, with these parts changed."""
    selling = {"side": Side.SELL, "reduce_only": True, "quantity": Decimal(quantity)}
    held = {"holdings": (holding("AAPL", 50, sector="Information Technology"),)}
    return facts(proposal=selling | (proposal or {}), market=market, book=held | (book or {}), now=now)
