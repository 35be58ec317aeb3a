"""A trading floor for tests: real rows, a real paper exchange on chosen bars, and the two stages that trade."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from stonks.adapters.broker import open_broker
from stonks.model.job import BrokerOrderJob
from stonks.model.market import Bar, Session
from stonks.ports.broker import Broker
from stonks.ports.store import Store
from stonks.stages.broker.clerk import Clerk
from stonks.stages.broker.worker import Courier
from stonks.stages.trading.worker import Trader
from tests.fakes.facts import bar, weekdays
from tests.fakes.market import FakeMarket
from tests.fakes.marks import FakeMarks
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database
from tests.fakes.signals import make_signal
from tests.fakes.work import FakeWork

SESSIONS = weekdays(date(2025, 1, 6), 100)
TODAY = next(session for session in SESSIONS if session.day == date(2025, 4, 9))
"""The session in which a test begins; earlier ones are history."""
ELEVEN = TODAY.opens_at + timedelta(hours=1, minutes=30)
SECTORS = {"AAPL": "Information Technology", "JPM": "Financials", "UNH": "Health Care"}


def after(days: int) -> Session:
    """The session so many sessions after today."""
    return SESSIONS[SESSIONS.index(TODAY) + days]


def history(ticker: str, level: float = 100.0, swing: float = 0.01) -> list[Bar]:
    """Bars of every session up to today's: a calm price around a level, today's open at the level itself."""
    bars: list[Bar] = []
    for number, session in enumerate(SESSIONS[: SESSIONS.index(TODAY) + 1]):
        close = level * (1 + swing * math.sin(number * (1 + len(bars) % 3)))
        prices = (level, max(level, close) * 1.002, min(level, close) * 0.998, close)
        rounded = tuple(round(price, 2) for price in prices)
        bars.append(bar(session.day, (rounded[0], rounded[1], rounded[2], rounded[3]), ticker=ticker, volume=2_000_000))
    return bars


def days(ticker: str, *prices: tuple[float, float, float, float]) -> list[Bar]:
    """Bars of the sessions after today's."""
    return [bar(after(n).day, each, ticker=ticker, volume=2_000_000) for n, each in enumerate(prices, start=1)]


_CALM = (100, 101, 99, 100)
_AFTER_A_RISE = (115, 116, 114, 115)
_AFTER_A_FALL = (93, 94, 92, 93)


def three_stocks() -> list[Bar]:
    """Bars at 100 dollars; from tomorrow on AAPL rises to its target, JPM falls through its stop, UNH does nothing."""
    return [
        *history("AAPL"),
        *days("AAPL", _CALM, (104, 108, 103, 107), (110, 116, 109, 115), _AFTER_A_RISE, _AFTER_A_RISE),
        *history("JPM"),
        *days("JPM", _CALM, (99, 100, 92, 93), _AFTER_A_FALL, _AFTER_A_FALL, _AFTER_A_FALL),
        *history("UNH"),
        *days("UNH", *[_CALM] * 25),
    ]


class TradingFloor:
    """Everything between a recommendation and a position."""

    def __init__(self, store: Store, database: Database, bars: Sequence[Bar]) -> None:
        self.store = store
        self.database = database
        self.broker: Broker = open_broker("paper:", store, FakeMarket(bars), some_ports().settings)
        self.bars = list(bars)
        self.marks = FakeMarks()
        self.renew()

    def renew(self, broker: Broker | None = None) -> None:
        """Start the stages anew, as after a crash, perhaps on another broker."""
        self.broker = broker or self.broker
        ports = some_ports(store=self.store, broker=self.broker, queue=self.marks)
        self.trader, self.courier, self.clerk = Trader(ports), Courier(ports), Clerk(ports)

    async def furnish(self, sessions: Sequence[Session] = SESSIONS) -> None:
        """Put companies, sessions and bars where the stages look for them."""
        for ticker, sector in SECTORS.items():
            await self.database.insert("companies", {"ticker": ticker, "name": ticker, "sector": sector})
        await self._insert_at_once("market_sessions", sessions)
        await self._insert_at_once("bars", self.bars)

    async def _insert_at_once(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        statement = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)"  # noqa: S608
        await self.database.rows(statement, msgspec.to_builtins(rows))

    async def recommend(self, number: int, ticker: str = "AAPL", at: datetime = ELEVEN, **changes: object) -> UUID:
        """Keep a recommendation that every gate lets pass, with evidence from two publishers."""
        trend = UUID(int=number + 10_000)
        recommendation = recommendation_row(number, ticker, at, trend) | changes
        certainty = {"p_sign": recommendation["confidence"], "confidence": recommendation["confidence"]}
        await self.database.insert("trend_history", trend_row(trend, ticker, at) | certainty)
        await self.database.insert("recommendations", recommendation)
        signals = [make_signal(number * 10 + n, ticker=ticker, known_at=at) for n in range(2)]
        await self.database.signals(signals)
        for signal in signals:
            evidence = {"recommendation_id": UUID(int=number), "signal_id": signal.id, "side": "for"}
            await self.database.insert("recommendation_evidence", evidence | {"weight_share": 0.5, "contribution": 0.5})
        return UUID(int=number)

    async def trade(self, at: datetime) -> FakeWork[None]:
        """One turn of trading."""
        work = FakeWork[None](self.store, None, at)
        await self.trader.poll(work)
        return work

    async def deliver(self, work: FakeWork[None], at: datetime) -> None:
        """Bring every order that followed to the broker, and those that follow from that."""
        jobs = list(work.followed)
        while jobs:
            job = jobs.pop(0)
            assert isinstance(job, BrokerOrderJob)
            brought = FakeWork(self.store, job, at)
            await self.courier(brought)
            jobs += brought.followed

    async def book(self, at: datetime) -> FakeWork[None]:
        """One turn of the broker stage's poll."""
        work = FakeWork[None](self.store, None, at)
        await self.clerk.poll(work)
        return work

    async def instant(self, at: datetime) -> None:
        """An instant as a replay runs it: trading, then the broker's poll, then its orders."""
        traded = await self.trade(at)
        booked = await self.book(at)
        await self.deliver(traded, at)
        await self.deliver(booked, at)

    async def orders(self) -> list[dict[str, Any]]:
        """Every order but the stops that protect positions, as they were made."""
        return [order for order in await self.all("orders", "created_at, id") if order["leg"] != "stop"]

    async def stops(self) -> list[dict[str, Any]]:
        """Every stop that protects a position, as they were made."""
        return [order for order in await self.all("orders", "created_at, attempt") if order["leg"] == "stop"]

    async def all(self, table: str, order: str = "1") -> list[dict[str, Any]]:
        """Every row of a table."""
        return await self.database.rows(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608 - a test's own words


def trend_row(trend: UUID, ticker: str, at: datetime) -> dict[str, Any]:
    numbers = dict.fromkeys(
        ("score", "strength", "confidence", "p_sign", "contradiction", "contradiction_entropy", "n_eff", "weight"), 0.5
    )
    return {
        "id": trend,
        "ticker": ticker,
        "window_name": "7d",
        "as_of": at + timedelta(microseconds=trend.int),
        "direction": "bullish",
        "layer_scores": {},
        "momentum": 0.0,
        "acceleration": 0.0,
        "drivers": [],
        "suppressions": [],
        "source_share": 0.5,
        "weights_version": "w1",
        "input_hash": "h",
        **numbers,
    }


def recommendation_row(number: int, ticker: str, at: datetime, trend: UUID) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "ticker": ticker,
        "window_name": "7d",
        "trend_id": trend,
        "action": "buy",
        "mode": "paper",
        "probability": 0.57,
        "probability_low": 0.55,
        "probability_high": 0.58,
        "confidence": 0.8,
        "expected_return": 0.01,
        "cost": 0.0005,
        "contradiction": 0.1,
        "thesis_template": "because",
        "suppressions": [],
        "generated_at": at,
        "input_hash": str(number),
    }
