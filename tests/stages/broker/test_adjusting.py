import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stonks.model.adjustment import start_of
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after

EX = after(3)


async def holding_aapl(floor: TradingFloor) -> dict[str, Any]:
    """Buy AAPL at tomorrow's open, and return the position."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)
    await floor.instant(ELEVEN)
    await floor.book(after(1).opens_at)
    (position,) = await floor.all("positions")
    return position


async def announce(floor: TradingFloor, kind: str, day: date = EX.day, **figures: object) -> None:
    row = {"ticker": "AAPL", "type": kind, "ex_date": day, "known_at": TODAY.opens_at, "source": "test"}
    await floor.database.insert("corporate_actions", row | figures)


async def test_a_split_goes_into_the_books_as_its_day_begins_and_once(floor: TradingFloor) -> None:
    before = await holding_aapl(floor)
    await announce(floor, "split", ratio=Decimal(7))

    await floor.book(start_of(EX.day) - timedelta(minutes=1))
    assert (await floor.all("positions"))[0]["quantity"] == before["quantity"]
    await floor.book(EX.opens_at)
    await floor.book(EX.opens_at + timedelta(minutes=1))

    (position,), (row,) = await floor.all("positions"), await floor.all("position_adjustments")
    assert position["quantity"] == 7 * before["quantity"]
    assert position["quantity"] * position["average_price"] == before["quantity"] * before["average_price"]
    assert position["opened_at"] == before["opened_at"]
    assert (row["quantity_before"], row["quantity_after"], row["cash"]) == (
        before["quantity"],
        7 * before["quantity"],
        0,
    )
    assert (row["applied_at"], row["source"]) == (EX.opens_at, "test")


async def test_a_fraction_is_paid_out_at_the_last_close_in_new_shares(floor: TradingFloor) -> None:
    before = await holding_aapl(floor)
    await announce(floor, "split", ratio=Decimal("0.4"))

    await floor.book(EX.opens_at)

    (row,) = await floor.all("position_adjustments")
    shares = before["quantity"] * Decimal("0.4")
    assert shares % 1
    assert row["price"] == Decimal(107) / Decimal("0.4")
    assert row["quantity_after"] == shares // 1
    assert row["cash"] == (shares % 1 * row["price"]).quantize(Decimal("0.01"))


async def test_a_dividend_is_for_what_was_held_as_its_day_began(floor: TradingFloor) -> None:
    before = await holding_aapl(floor)
    await announce(floor, "dividend", after(1).day, cash=Decimal("0.47"))
    await announce(floor, "dividend", after(2).day, cash=Decimal("0.47"))

    await floor.book(after(2).opens_at)

    first, second = await floor.all("position_adjustments", "ex_date")
    assert (first["quantity_before"], first["cash"]) == (0, 0)  # the shares were bought at that day's open
    assert second["cash"] == (before["quantity"] * Decimal("0.47")).quantize(Decimal("0.01"))


async def test_an_action_that_becomes_known_late_counts_from_its_day(floor: TradingFloor) -> None:
    before = await holding_aapl(floor)
    await floor.book(EX.opens_at)
    await announce(floor, "split", ratio=Decimal(2), known_at=EX.opens_at + timedelta(hours=1))

    await floor.book(EX.opens_at + timedelta(minutes=30))
    assert await floor.all("position_adjustments") == []
    await floor.book(EX.opens_at + timedelta(hours=2))

    (position,) = await floor.all("positions")
    assert position["quantity"] == 2 * before["quantity"]


async def test_a_dividend_that_only_the_calendar_knows_is_paid_by_both_books_alike(floor: TradingFloor) -> None:
    before = await holding_aapl(floor)
    cash = (await floor.broker.account(after(1).closes_at)).cash
    row = {"type": "dividend", "ticker": "AAPL", "day": EX.day, "amount": Decimal("0.47"), "known_at": TODAY.opens_at}
    await floor.database.insert("calendar_events", row)

    await floor.book(EX.opens_at)

    (ours,), (theirs,) = await floor.all("position_adjustments"), await floor.all("exchange_adjustments")
    assert ours["cash"] == theirs["cash"] == (before["quantity"] * Decimal("0.47")).quantize(Decimal("0.01"))
    assert (await floor.broker.account(EX.opens_at)).cash == cash + ours["cash"]


async def test_actions_are_not_booked_while_somebody_else_books_executions(floor: TradingFloor) -> None:
    await holding_aapl(floor)
    await announce(floor, "split", ratio=Decimal(7))
    waiters = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async with floor.store.transaction() as transaction:
        await transaction.value("reconciliation.lock", account="paper")
        poll = asyncio.ensure_future(floor.book(EX.opens_at))
        while not await floor.database.value(waiters) and not poll.done():
            pass
        booked = await floor.all("position_adjustments")
    await poll

    assert booked == []
    assert len(await floor.all("position_adjustments")) == 1
