"""P11: across a split a position keeps its worth, its stop is taken back and placed anew, and none fires for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stonks.adapters.broker.paper import PaperExchange
from stonks.model.market import Bar, Session
from stonks.ports.store import Store
from stonks.risk.corporate_actions import Action
from tests.fakes.facts import bar, session
from tests.fakes.floor import SESSIONS, TODAY, TradingFloor, after, history
from tests.fakes.lean import daily_bars, split_ratios
from tests.fakes.rows import open_database

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Story(NamedTuple):
    """A split, and the session in which the position that meets it is recommended."""

    sessions: Sequence[Session]
    bars: Sequence[Bar]
    decided: Session
    ex_date: date
    ratio: Decimal

    def from_decision(self) -> Sequence[Session]:
        return [each for each in self.sessions if each.day > self.decided.day]

    @property
    def eve(self) -> Session:
        return [each for each in self.sessions if each.day < self.ex_date][-1]

    @property
    def first(self) -> Session:
        return next(each for each in self.sessions if each.day >= self.ex_date)


def invented(ratio: str = "7") -> Story:
    """A stock at 630 dollars that is calm, and is split in five sessions."""
    ex = after(5)
    new = Decimal(630) / Decimal(ratio)
    days = [after(n) for n in range(1, 12)]
    levels = [Decimal(630) if each.day < ex.day else new for each in days]
    calm = [
        bar(each.day, tuple(float(round(level * Decimal(swing), 2)) for swing in ("1", "1.005", "0.995", "1.001")))  # type: ignore[arg-type]
        for each, level in zip(days, levels, strict=True)
    ]
    return Story(SESSIONS, [*history("AAPL", 630.0), *calm], TODAY, ex.day, Decimal(ratio))


def apple(recorded: Path) -> Story:
    """Apple in the spring of 2014, seven new shares for one on the 9th of June."""
    bars = daily_bars(recorded, "AAPL", date(2013, 10, 1), date(2014, 6, 30))
    sessions = [session(each.starts_at.date()) for each in bars]
    decided = next(each for each in sessions if each.day == date(2014, 6, 3))
    return Story(sessions, bars, decided, date(2014, 6, 9), split_ratios(recorded, "AAPL")[date(2014, 6, 6)])


class Met(NamedTuple):
    """What the books and the exchange say at an instant."""

    position: dict[str, Any]
    shares: Decimal
    resting: list[tuple[Decimal, Decimal]]
    """Quantity and price of each stop on the exchange's book."""


async def look(floor: TradingFloor, at: datetime) -> Met:
    (position,) = await floor.all("positions")
    resting = await floor.database.rows(
        "SELECT quantity, stop_price FROM exchange_orders WHERE type = 'stop' AND ended_at IS NULL"
    )
    shares = (await floor.broker.account(at)).positions.get("AAPL", Decimal(0))
    return Met(position, shares, [(row["quantity"], row["stop_price"]) for row in resting])


@asynccontextmanager
async def floor_of(story: Story, store: Store, database_url: str) -> AsyncIterator[TradingFloor]:
    """Enter a position as a recommendation asks for it, and live through the sessions up to the eve of the split."""
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, story.bars)
        await floor.furnish(story.sessions)
        await floor.book(story.decided.opens_at)
        decided_at = story.decided.opens_at + 90 * MINUTE
        await floor.recommend(1, at=decided_at)
        await floor.instant(decided_at)
        for each in story.from_decision():
            if each.day < story.eve.day:
                await live(floor, each)
        await floor.instant(story.eve.opens_at)
        yield floor


async def live(floor: TradingFloor, day: Session) -> None:
    """A session as a replay runs it, with its evening and its morning."""
    for at in (day.opens_at - HOUR, day.opens_at, day.opens_at + HOUR, day.closes_at, day.closes_at + HOUR):
        await floor.instant(at)


async def announce(floor: TradingFloor, story: Story) -> None:
    row = {"ticker": "AAPL", "type": "split", "ex_date": story.ex_date, "ratio": story.ratio}
    await floor.database.insert("corporate_actions", row | {"known_at": story.decided.opens_at, "source": "test"})


async def sold(floor: TradingFloor) -> list[tuple[Decimal, Decimal]]:
    return [(row["quantity"], row["price"]) for row in await floor.all("fills", "at") if row["side"] == "sell"]


async def keeps_its_worth(floor: TradingFloor, story: Story) -> None:
    """Live through the split with the split announced, and see what the promise says at each step."""
    before = await look(floor, story.eve.opens_at)
    ((stopped, stop_price),) = before.resting
    assert stopped == before.shares == before.position["quantity"]

    for at in (story.eve.opens_at + HOUR, story.eve.closes_at, story.eve.closes_at + HOUR):
        await floor.instant(at)
    assert (await look(floor, story.eve.closes_at + HOUR)).resting == []  # taken back while the market is shut

    await floor.instant(story.first.opens_at)
    now = await look(floor, story.first.opens_at)
    (row,) = await floor.all("position_adjustments")
    worth = before.position["quantity"] * before.position["average_price"]
    assert now.position["quantity"] == now.shares == before.position["quantity"] * story.ratio // 1
    fraction = now.position["average_price"] * (before.position["quantity"] * story.ratio % 1)
    assert abs(now.position["quantity"] * now.position["average_price"] + fraction - worth) < Decimal("0.000001")
    assert row["quantity_after"] == now.shares

    ((again, price),) = now.resting
    assert again == now.shares
    assert abs(price - stop_price / story.ratio) <= Decimal("0.01")

    for each in story.from_decision():
        if each.day >= story.ex_date:
            await live(floor, each)
    assert await sold(floor) == []
    opened = {each["kind"].upper() for each in await floor.all("breakers") if each["state"] != "closed"}
    assert "RECON_MISMATCH" not in opened


async def loses_its_stop(floor: TradingFloor, story: Story) -> None:
    """Live through the split where only the exchange knows of it: the stop stands at a price of old shares."""
    before = await look(floor, story.eve.opens_at)
    await floor.instant(story.eve.closes_at)
    assert isinstance(floor.broker, PaperExchange)
    await floor.broker.take_effect(
        Action(
            ticker="AAPL",
            type="split",
            ex_date=story.ex_date,
            ratio=story.ratio,
            cash=None,
            known_at=story.first.opens_at,
            source="test",
            close=None,
        )
    )
    await floor.instant(story.first.opens_at)

    ((quantity, price),) = await sold(floor)
    assert quantity == before.shares
    assert price < before.resting[0][1] / 2


@pytest.mark.parametrize("ratio", ["7", "1.5"])
async def test_a_split_keeps_a_positions_worth_and_its_protection(ratio: str, store: Store, database_url: str) -> None:
    story = invented(ratio)
    async with floor_of(story, store, database_url) as floor:
        await announce(floor, story)
        await keeps_its_worth(floor, story)


async def test_a_split_that_our_books_do_not_know_fires_the_stop(store: Store, database_url: str) -> None:
    story = invented()
    async with floor_of(story, store, database_url) as floor:
        await loses_its_stop(floor, story)


@pytest.mark.recorded
async def test_apples_split_of_2014_keeps_a_positions_worth_and_its_protection(
    recorded: Path, store: Store, database_url: str
) -> None:
    story = apple(recorded)
    assert story.ratio == 7
    async with floor_of(story, store, database_url) as floor:
        await announce(floor, story)
        await keeps_its_worth(floor, story)


@pytest.mark.recorded
async def test_apples_split_of_2014_fires_the_stop_where_our_books_do_not_know_it(
    recorded: Path, store: Store, database_url: str
) -> None:
    story = apple(recorded)
    async with floor_of(story, store, database_url) as floor:
        await loses_its_stop(floor, story)
