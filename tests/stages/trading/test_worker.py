import asyncio
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from stonks.model.errors import Conflict
from stonks.model.identity import client_order_id, decision_id, intent_id
from stonks.model.job import BrokerOrderJob
from stonks.risk.evaluate import GATES
from stonks.stages.trading import STAGE
from stonks.stages.trading.worker import Trader
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

MINUTE = timedelta(minutes=1)


async def open_floor(floor: TradingFloor) -> None:
    """Count the account once, as the broker stage does before the first session."""
    await floor.book(TODAY.opens_at)


async def test_a_good_recommendation_becomes_a_decision_an_order_and_a_job(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1)

    work = await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    (order,) = await floor.all("orders")
    expected = intent_id("paper", decision_id("paper", UUID(int=1)), "entry", 1)
    assert (decision["verdict"], decision["primary_reason"]) == ("act", None)
    assert decision["id"] == decision_id("paper", UUID(int=1))
    assert (order["id"], order["client_order_id"]) == (expected, client_order_id(expected))
    assert (order["decision_id"], order["status"], order["side"]) == (decision["id"], "initialized", "buy")
    assert order["quantity"] == decision["quantity"] > 0
    assert work.followed == [BrokerOrderJob(order_id=expected)]
    assert floor.marks.shown == {f"dedupe:trading:{UUID(int=1)}": "act"}


async def test_every_gate_and_every_step_of_the_size_is_kept(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1, confidence=0.2)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    checks = decision["checks"]
    gates = list(dict.fromkeys(check["gate"] for check in checks))
    assert gates == [*(gate.name for gate in GATES), "approval", "size"]
    assert (decision["verdict"], decision["primary_reason"], decision["quantity"]) == ("skip", "CONFIDENCE_LOW", 0)
    failed = next(check for check in checks if not check["passed"])
    assert (failed["observed"], failed["limit"]) == (0.2, 0.65)
    assert {"kelly", "stop_distance", "weight", "price", "equity"} <= decision["sizing"].keys()
    assert decision["policy_version"] == "moderate-1"
    assert await floor.all("orders") == []


async def test_each_recommendation_is_decided_on_once(floor: TradingFloor) -> None:
    await open_floor(floor)
    for number, ticker in enumerate(["AAPL", "JPM", "UNH"], start=1):
        await floor.recommend(number, ticker, ELEVEN + number * MINUTE)

    for minutes in range(12):
        await floor.trade(ELEVEN + minutes * MINUTE)
    floor.renew()
    await floor.trade(ELEVEN + 20 * MINUTE)

    decisions = await floor.all("trading_decisions", "decided_at")
    assert [row["recommendation_id"].int for row in decisions] == [1, 2, 3]
    assert [row["decided_at"] for row in decisions] == [ELEVEN + n * MINUTE for n in (1, 2, 3)]


async def test_a_recommendation_committed_after_a_later_one_was_decided_is_not_skipped(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1, "AAPL", ELEVEN)
    await floor.trade(ELEVEN)
    await floor.recommend(2, "JPM", ELEVEN - MINUTE)

    await floor.trade(ELEVEN + MINUTE)

    assert len(await floor.all("trading_decisions")) == 2


async def test_what_is_recommended_at_night_waits_for_the_window_and_the_newest_word_counts(
    floor: TradingFloor,
) -> None:
    await open_floor(floor)
    night = TODAY.closes_at + timedelta(hours=3)
    await floor.recommend(1, "AAPL", night)
    await floor.recommend(2, "AAPL", night + timedelta(hours=1))
    opening = after(1).opens_at

    for at in (night, opening, opening + 4 * MINUTE):
        await floor.trade(at)
    nothing = await floor.all("trading_decisions")
    await floor.book(opening)
    await floor.trade(opening + 10 * MINUTE)

    older, newer = await floor.all("trading_decisions", "recommendation_id")
    assert nothing == []
    assert (older["verdict"], older["primary_reason"]) == ("skip", "REC_SUPERSEDED")
    assert newer["verdict"] == "act"


async def test_a_decision_sees_what_the_ones_before_it_in_the_same_poll_did(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1, "AAPL", ELEVEN)
    await floor.recommend(2, "AAPL", ELEVEN + timedelta(seconds=1), window_name="1d")

    await floor.trade(ELEVEN + MINUTE)

    first, second = await floor.all("trading_decisions", "recommendation_id")
    assert first["verdict"] == "act"
    assert second["primary_reason"] == "DUPLICATE_DECISION"


async def test_informational_advice_and_advice_to_hold_are_nobodys_business_here(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1, mode="informational")
    await floor.recommend(2, action="hold")

    await floor.trade(ELEVEN)

    assert await floor.all("trading_decisions") == []


async def test_a_sale_of_what_is_not_held_is_skipped(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1, action="sell")

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert (decision["verdict"], decision["primary_reason"]) == ("skip", "NOT_SHORTABLE")


async def test_a_sale_of_what_is_held_sells_all_of_it(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1)
    await floor.instant(ELEVEN)
    await floor.instant(after(1).opens_at)
    await floor.recommend(2, action="sell", at=after(1).opens_at + 20 * MINUTE)

    await floor.trade(after(1).opens_at + 20 * MINUTE)

    entry, leaving = await floor.orders()
    assert (leaving["side"], leaving["leg"], leaving["reduce_only"]) == ("sell", "exit", True)
    assert leaving["quantity"] == entry["filled_quantity"] == entry["quantity"]


async def test_an_account_that_was_never_counted_buys_nothing(floor: TradingFloor) -> None:
    await floor.recommend(1)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert decision["primary_reason"].endswith("_DATA_MISSING")


async def test_a_price_history_that_lacks_the_last_session_is_no_history(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.database.rows(
        "DELETE FROM bars WHERE ticker = 'AAPL' AND ends_at < $1 AND ends_at > $2",
        TODAY.opens_at,
        TODAY.opens_at - timedelta(days=1),
    )
    await floor.recommend(1)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert decision["primary_reason"] == "ADV_CAP_DATA_MISSING"


async def test_known_dates_of_reports_and_open_breakers_stop_entries(floor: TradingFloor) -> None:
    await open_floor(floor)
    known = {"type": "earnings", "day": after(1).day, "known_at": ELEVEN - MINUTE}
    await floor.database.insert("calendar_events", known | {"ticker": "AAPL"})
    await floor.database.insert("calendar_events", known | {"ticker": "UNH", "known_at": ELEVEN + MINUTE})
    await floor.database.insert("breakers", {"scope": "ticker:JPM", "kind": "RECON_MISMATCH", "state": "open"})
    for number, ticker in enumerate(["AAPL", "JPM", "UNH"], start=1):
        await floor.recommend(number, ticker)

    await floor.trade(ELEVEN)

    reasons = {row["ticker"]: row["primary_reason"] for row in await floor.all("trading_decisions")}
    assert reasons == {"AAPL": "EARNINGS_BLACKOUT", "JPM": "BREAKER_OPEN", "UNH": None}


async def test_a_halted_account_decides_against_everything(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")
    await floor.recommend(1)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert decision["primary_reason"] == "TRADING_HALTED"


async def test_of_polls_at_once_one_writes(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1)
    traders = [Trader(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)) for _ in range(4)]
    polls = [trader.poll(FakeWork(floor.store, None, ELEVEN)) for trader in traders]

    results = await asyncio.gather(*polls, return_exceptions=True)

    assert all(result is None or isinstance(result, Conflict) for result in results)
    assert len(await floor.all("trading_decisions")) == len(await floor.all("orders")) == 1


# ------------------------------------------------------------------------------------------------ exits


async def enter(floor: TradingFloor, ticker: str) -> None:
    """Buy today, to be filled at tomorrow's open."""
    await open_floor(floor)
    await floor.recommend(1, ticker)
    await floor.instant(ELEVEN)
    await floor.instant(after(1).opens_at)


async def live_through(floor: TradingFloor, first: int, last: int) -> None:
    for number in range(first, last + 1):
        day = after(number)
        for at in (day.opens_at, day.opens_at + 10 * MINUTE, day.closes_at):
            await floor.instant(at)


@pytest.mark.parametrize(
    ("ticker", "cause", "day", "price"), [("AAPL", "target", 4, "114.99"), ("UNH", "time_limit", 21, "99.99")]
)
async def test_a_position_is_given_up_at_its_barrier_and_sold_at_the_next_open(
    floor: TradingFloor, ticker: str, cause: str, day: int, price: str
) -> None:
    await enter(floor, ticker)

    await live_through(floor, 1, day)

    entry, leaving = await floor.orders()
    _, sold = await floor.all("fills", "at")
    alerts = {row["kind"] for row in await floor.all("alerts")}
    assert (leaving["cause"], leaving["leg"], leaving["status"]) == (cause, "exit", "filled")
    assert (leaving["decision_id"], leaving["quantity"]) == (entry["decision_id"], entry["quantity"])
    assert leaving["created_at"] == after(day - 1).closes_at
    assert (sold["price"], sold["at"]) == (Decimal(price), after(day).opens_at)
    assert f"{cause}_reached" in alerts
    assert all(row["status"] == "canceled" for row in await floor.stops())


async def test_a_stop_sells_at_the_exchange_on_the_day_it_is_reached(floor: TradingFloor) -> None:
    await enter(floor, "JPM")

    await live_through(floor, 1, 2)

    (entry,) = await floor.orders()
    (stop,) = await floor.stops()
    _, sold = await floor.all("fills", "at")
    alerts = {row["kind"] for row in await floor.all("alerts")}
    assert (stop["decision_id"], stop["parent_id"]) == (entry["decision_id"], entry["id"])
    assert (sold["at"], sold["quantity"]) == (after(2).closes_at, entry["filled_quantity"])
    assert stop["stop_price"] - Decimal("0.05") < sold["price"] < stop["stop_price"]
    assert "stop_reached" in alerts


async def test_a_barrier_is_asked_about_once_however_often_it_is_looked_at(floor: TradingFloor) -> None:
    await enter(floor, "AAPL")
    await live_through(floor, 1, 2)

    for _ in range(3):
        floor.renew()
        await floor.trade(after(3).closes_at)

    (asked,) = await floor.all("position_exits")
    assert (asked["ticker"], asked["reason"], asked["asked_by"]) == ("AAPL", "target", "barrier")


async def test_a_stop_trails_what_the_price_has_reached_and_never_falls(floor: TradingFloor) -> None:
    await enter(floor, "AAPL")

    await live_through(floor, 1, 2)

    first, raised = await floor.stops()
    assert (first["status"], raised["status"], raised["cause"]) == ("canceled", "accepted", "trailing")
    assert raised["quantity"] == first["quantity"]
    assert first["stop_price"] < Decimal(100) < raised["stop_price"] < Decimal(108)


async def test_an_exit_passes_while_entries_are_stopped(floor: TradingFloor) -> None:
    await enter(floor, "AAPL")
    await floor.database.insert("breakers", {"scope": "global", "kind": "DRAWDOWN", "state": "open"})
    await floor.database.rows("UPDATE trading_state SET state = 'reducing'")

    await live_through(floor, 2, 4)

    assert [row["status"] for row in await floor.orders()] == ["filled", "filled"]


async def test_a_sold_ticker_rests(floor: TradingFloor) -> None:
    await enter(floor, "JPM")
    await live_through(floor, 1, 3)
    at = after(3).opens_at + 30 * MINUTE
    await floor.recommend(2, "JPM", at)

    await floor.trade(at)

    decision = (await floor.all("trading_decisions", "decided_at"))[-1]
    assert decision["primary_reason"] == "COOLDOWN"


def test_the_stage_polls_every_minute() -> None:
    worker = STAGE.open(some_ports(store=object(), broker=object(), queue=object()))
    assert (STAGE.every, worker.handle) == (timedelta(seconds=60), None)
    assert worker.poll is not None


def test_the_floor_knows_its_days() -> None:
    assert TODAY.day == date(2025, 4, 9)
