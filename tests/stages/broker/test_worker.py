import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stonks.model.errors import Conflict, Malformed, Refused, Unreachable
from stonks.model.identity import fill_id
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Fill, Intent, OrderType, Side
from stonks.ports.recall import recall
from stonks.risk.position import fold
from stonks.stages.broker.clerk import Clerk
from stonks.stages.broker.worker import Courier
from tests.fakes.broker import FaultyBroker, Killed
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

MINUTE = timedelta(minutes=1)
TOMORROW = after(1)


async def order_one(floor: TradingFloor, ticker: str = "AAPL") -> BrokerOrderJob:
    """Count the account, recommend one stock and let trading order it; return the job that follows."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, ticker)
    work = await floor.trade(ELEVEN)
    (job,) = work.followed
    assert isinstance(job, BrokerOrderJob)
    return job


async def bring(floor: TradingFloor, job: BrokerOrderJob) -> FakeWork[BrokerOrderJob]:
    work = FakeWork(floor.store, job, ELEVEN)
    await floor.courier(work)
    return work


async def events(floor: TradingFloor) -> list[str]:
    return [row["kind"] for row in await floor.all("order_events", "order_id, seq")]


async def on_the_book(floor: TradingFloor) -> int:
    return int(await floor.database.value("SELECT count(*) FROM exchange_orders"))


async def one(floor: TradingFloor, table: str) -> dict[str, Any]:
    (row,) = await (floor.orders() if table == "orders" else floor.all(table))
    return row


# ------------------------------------------------------------------------------------------------ bringing an order


async def test_an_order_is_judged_claimed_sent_and_recorded(floor: TradingFloor) -> None:
    job = await order_one(floor)

    await bring(floor, job)

    order, verdict = await one(floor, "orders"), await one(floor, "risk_evaluations")
    assert (order["status"], order["broker_order_id"]) == ("accepted", f"px-{order['client_order_id']}")
    assert await events(floor) == ["claimed", "submitted", "accepted"]
    assert (verdict["subject_kind"], verdict["subject_id"], verdict["verdict"]) == ("order", order["id"], "approved")
    assert {check["gate"] for check in verdict["checks"]} >= {"state", "breaker", "quote", "buying_power", "drift"}


async def test_the_same_job_twice_sends_one_order(floor: TradingFloor) -> None:
    job = await order_one(floor)

    await bring(floor, job)
    await bring(floor, job)

    assert await on_the_book(floor) == 1
    assert await events(floor) == ["claimed", "submitted", "accepted"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE trading_state SET state = 'halted'", "TRADING_HALTED"),
        ("INSERT INTO breakers (scope, kind, state) VALUES ('ticker:AAPL', 'RECON_MISMATCH', 'open')", "BREAKER_OPEN"),
        ("UPDATE portfolio_snapshots SET cash = 100", "INSUFFICIENT_BP"),
        ("UPDATE trading_decisions SET sizing = sizing || '{\"price\": 120}'", "PRICE_DRIFT"),
    ],
)
async def test_an_order_that_may_no_longer_go_is_denied_by_name(floor: TradingFloor, change: str, reason: str) -> None:
    job = await order_one(floor)
    await floor.database.rows(change)

    await bring(floor, job)

    order = await one(floor, "orders")
    assert (order["status"], order["status_reason"]) == ("denied", reason)
    assert (await one(floor, "risk_evaluations"))["verdict"] == "denied"
    assert [row["kind"] for row in await floor.all("alerts")] == ["order_denied"]
    assert await on_the_book(floor) == 0


async def test_what_the_broker_refuses_is_rejected_with_its_words(floor: TradingFloor) -> None:
    job = await order_one(floor)
    await floor.database.rows("UPDATE exchange_accounts SET cash = 50")

    await bring(floor, job)

    order = await one(floor, "orders")
    assert order["status"] == "rejected"
    assert "insufficient buying power" in order["status_reason"]
    assert [row["kind"] for row in await floor.all("alerts")] == ["order_rejected"]


async def test_a_job_for_no_order_is_malformed(floor: TradingFloor) -> None:
    job = await order_one(floor)
    with pytest.raises(Malformed):
        await bring(floor, msgspec.structs.replace(job, order_id=fill_id("paper", "none")))


async def test_killed_between_sending_and_recording_there_is_one_order_after_the_retry(floor: TradingFloor) -> None:
    job = await order_one(floor)
    faulty = FaultyBroker(floor.broker, submit="kill")
    floor.renew(faulty)
    with pytest.raises(Killed):
        await bring(floor, job)
    claimed = (await one(floor, "orders"))["status"]

    floor.renew(faulty)
    await bring(floor, job)

    assert claimed == "submitting"
    assert (await one(floor, "orders"))["status"] == "accepted"
    assert (await on_the_book(floor), faulty.submissions) == (1, 1)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_lost_answer_leads_to_a_look_up_and_one_order(floor: TradingFloor, moment: str) -> None:
    job = await order_one(floor)
    floor.renew(FaultyBroker(floor.broker, submit=moment))

    for _ in range(2):
        try:
            await bring(floor, job)
        except Unreachable:
            assert moment == "before"

    assert (await one(floor, "orders"))["status"] == "accepted"
    assert await on_the_book(floor) == 1


async def test_while_the_broker_does_not_answer_nothing_is_sent_twice(floor: TradingFloor) -> None:
    job = await order_one(floor)
    faulty = FaultyBroker(floor.broker, submit="after", order="before")
    floor.renew(faulty)
    with pytest.raises(Unreachable):
        await bring(floor, job)
    in_flight = (await one(floor, "orders"))["status"]

    await bring(floor, job)

    assert in_flight == "submitting"
    assert (await on_the_book(floor), faulty.submissions) == (1, 1)


async def test_two_deliveries_at_once_send_one_order(floor: TradingFloor) -> None:
    job = await order_one(floor)
    couriers = [Courier(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)) for _ in range(4)]

    results = await asyncio.gather(
        *(courier(FakeWork(floor.store, job, ELEVEN)) for courier in couriers), return_exceptions=True
    )

    assert all(result is None or isinstance(result, Conflict) for result in results)
    assert await on_the_book(floor) == 1
    assert await events(floor) == ["claimed", "submitted", "accepted"]


async def test_an_order_of_ours_that_is_not_what_we_meant_is_refused(floor: TradingFloor) -> None:
    job = await order_one(floor)
    order = await one(floor, "orders")
    wrong = Intent(
        id=order["id"],
        decision_id=None,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id=order["client_order_id"],
        ticker="JPM",
        side=Side.BUY,
        type=order["type"],
        quantity=Decimal(1),
    )
    await floor.broker.submit(wrong, ELEVEN)

    with pytest.raises(Refused, match="not the one we meant"):
        await bring(floor, job)


# ------------------------------------------------------------------------------------------------ taking an order back


async def take_back(floor: TradingFloor) -> BrokerOrderJob:
    work = FakeWork[None](floor.store, None, ELEVEN)
    async with work.commit() as commit:
        await recall(commit, [(await one(floor, "orders"))["id"]], "changed my mind", ELEVEN)
    (job,) = work.followed
    assert isinstance(job, BrokerOrderJob)
    return job


async def test_an_order_at_the_broker_is_cancelled_there_and_in_our_books(floor: TradingFloor) -> None:
    await bring(floor, await order_one(floor))

    for _ in range(2):
        await bring(floor, await take_back(floor))

    assert await events(floor) == ["claimed", "submitted", "accepted", "canceled"]
    assert (await one(floor, "orders"))["status"] == "canceled"
    assert (await one(floor, "exchange_orders"))["kind"] == "canceled"


async def test_an_order_taken_back_before_it_was_sent_never_is(floor: TradingFloor) -> None:
    first = await order_one(floor)
    job = await take_back(floor)

    await bring(floor, job)
    await bring(floor, first)

    order = await one(floor, "orders")
    assert (order["status"], order["status_reason"]) == ("canceled", "changed my mind")
    assert await on_the_book(floor) == 0


async def test_an_order_found_claimed_is_looked_up_and_then_taken_back(floor: TradingFloor) -> None:
    job = await order_one(floor)
    faulty = FaultyBroker(floor.broker, submit="kill")
    floor.renew(faulty)
    with pytest.raises(Killed):
        await bring(floor, job)

    floor.renew(faulty)
    await bring(floor, await take_back(floor))

    assert await events(floor) == ["claimed", "submitted", "accepted", "canceled"]
    assert await on_the_book(floor) == 1


async def test_a_cancel_that_comes_too_late_changes_nothing(floor: TradingFloor) -> None:
    await bring(floor, await order_one(floor))
    job = await take_back(floor)
    await floor.book(TOMORROW.opens_at)

    await bring(floor, job)

    assert (await one(floor, "orders"))["status"] == "filled"


# ------------------------------------------------------------------------------------------------ booking


async def hold_one(floor: TradingFloor, ticker: str = "AAPL") -> None:
    await bring(floor, await order_one(floor, ticker))
    await floor.book(TOMORROW.opens_at)


async def test_a_fill_moves_the_order_the_position_and_the_cash(floor: TradingFloor) -> None:
    await hold_one(floor)

    order, fill, position = await one(floor, "orders"), await one(floor, "fills"), await one(floor, "positions")
    snapshot = (await floor.all("portfolio_snapshots", "as_of"))[-1]
    assert (order["status"], order["filled_quantity"]) == ("filled", order["quantity"])
    assert (fill["order_id"], fill["at"]) == (order["id"], TOMORROW.opens_at)
    assert (position["quantity"], position["average_price"]) == (fill["quantity"], fill["price"])
    assert position["opened_at"] == TOMORROW.opens_at
    assert snapshot["cash"] == 100_000 - fill["quantity"] * fill["price"]
    assert snapshot["equity"] == snapshot["cash"] + fill["quantity"] * 100
    assert await events(floor) == ["claimed", "submitted", "accepted", "fill"]
    assert "order_filled" in {row["kind"] for row in await floor.all("alerts")}


async def test_the_same_executions_polled_twice_are_booked_once(floor: TradingFloor) -> None:
    await hold_one(floor)
    faulty = FaultyBroker(floor.broker)
    faulty.extra = list(await floor.broker.executions(None, TOMORROW.opens_at))
    floor.renew(faulty)

    for seconds in range(3):
        await floor.book(TOMORROW.opens_at + timedelta(seconds=seconds))

    assert len(await floor.all("fills")) == 1
    assert (await one(floor, "orders"))["version"] == 4
    assert (await one(floor, "positions"))["quantity"] == (await one(floor, "fills"))["quantity"]


async def test_of_polls_at_once_each_fill_is_booked_by_one(floor: TradingFloor) -> None:
    await bring(floor, await order_one(floor))
    clerks = [Clerk(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)) for _ in range(4)]

    results = await asyncio.gather(
        *(clerk.poll(FakeWork(floor.store, None, TOMORROW.opens_at)) for clerk in clerks), return_exceptions=True
    )

    assert all(result is None or isinstance(result, Conflict) for result in results)
    assert len(await floor.all("fills")) == 1
    assert await events(floor) == ["claimed", "submitted", "accepted", "fill"]


async def test_a_fill_known_before_the_order_was_recorded_is_not_lost(floor: TradingFloor) -> None:
    job = await order_one(floor)
    floor.renew(FaultyBroker(floor.broker, submit="kill"))
    with pytest.raises(Killed):
        await bring(floor, job)

    await floor.book(TOMORROW.opens_at)
    await floor.courier(FakeWork(floor.store, job, TOMORROW.opens_at))

    assert (await one(floor, "orders"))["status"] == "filled"
    assert await events(floor) == ["claimed", "fill"]
    assert await on_the_book(floor) == 1


async def test_an_order_that_ended_unrecorded_ends_with_us_too(floor: TradingFloor) -> None:
    job = await order_one(floor)
    floor.renew(FaultyBroker(floor.broker, submit="kill"))
    with pytest.raises(Killed):
        await bring(floor, job)
    await floor.broker.cancel((await one(floor, "orders"))["client_order_id"], ELEVEN + MINUTE / 3)

    await floor.book(ELEVEN + MINUTE / 2)
    waiting = (await one(floor, "orders"))["status"]
    await bring(floor, job)
    await floor.book(ELEVEN + 3 * MINUTE)

    order = await one(floor, "orders")
    assert waiting == "submitting"
    assert (order["status"], order["status_reason"]) == ("canceled", "on request")


async def test_positions_are_the_fold_of_the_fills_after_many_days(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    for number, ticker in enumerate(["AAPL", "JPM", "UNH"], start=1):
        await floor.recommend(number, ticker, ELEVEN)
    await floor.instant(ELEVEN)
    for number in range(1, 6):
        for at in (after(number).opens_at, after(number).opens_at + 10 * MINUTE, after(number).closes_at):
            await floor.instant(at)

    rows = await floor.all("fills", "at, execution_id")
    fills = [msgspec.convert({name: row[name] for name in Fill.__struct_fields__}, Fill) for row in rows]
    positions = {row["ticker"]: row for row in await floor.all("positions")}
    account = await floor.broker.account(after(5).closes_at)
    for ticker, expected in fold(fills).items():
        kept = positions[ticker]
        assert (kept["quantity"], kept["average_price"]) == (expected.quantity, expected.average_price)
        assert kept["realized"] == expected.realized
        assert account.positions.get(ticker, 0) == expected.quantity
    assert len(fills) == 5
    assert await floor.all("breakers") == []


# ------------------------------------------------------------------------------------------------ counting


async def test_the_account_is_counted_once_at_every_open_and_close(floor: TradingFloor) -> None:
    edges = [edge for number in range(3) for edge in (after(number).opens_at, after(number).closes_at)]

    for edge in edges:
        for minutes in (0, 5, 30):
            await floor.book(edge + minutes * MINUTE)

    assert [row["as_of"] for row in await floor.all("portfolio_snapshots", "as_of")] == edges


async def test_a_gap_over_night_is_a_loss_of_the_day_that_begins_with_it(floor: TradingFloor) -> None:
    await hold_one(floor, "JPM")
    await floor.book(TOMORROW.closes_at)
    before = (await floor.all("portfolio_snapshots", "as_of"))[-1]["equity"]

    await floor.book(after(2).opens_at)

    state = await one(floor, "trading_state")
    assert (state["day"], state["day_start_equity"]) == (after(2).day, before)
    assert state["high_water_mark"] == 100_000


async def test_a_fall_opens_the_breakers_and_a_new_session_closes_only_the_daily_one(floor: TradingFloor) -> None:
    await hold_one(floor, "JPM")
    await floor.database.rows("UPDATE trading_state SET high_water_mark = 120000")
    await floor.database.rows("UPDATE trading_state SET day_start_equity = 104000")

    await floor.book(TOMORROW.closes_at)
    opened = {row["kind"]: row for row in await floor.all("breakers")}
    await floor.book(after(2).opens_at)
    states = {row["kind"]: row["state"] for row in await floor.all("breakers")}

    assert {kind: row["state"] for kind, row in opened.items()} == {"DAILY_LOSS": "open", "DRAWDOWN": "open"}
    assert opened["DAILY_LOSS"]["observed"] < opened["DAILY_LOSS"]["limit_"] == -0.025
    assert opened["DAILY_LOSS"]["opened_at"] == TOMORROW.closes_at
    assert states == {"DAILY_LOSS": "closed", "DRAWDOWN": "open"}
    shown = {f"trading:circuit_breaker:global:{kind}": state for kind, state in states.items()}
    assert shown.items() <= floor.marks.shown.items()
    kinds = [row["kind"] for row in await floor.all("alerts", "raised_at")]
    assert (kinds.count("breaker_opened"), kinds.count("breaker_closed")) == (2, 1)


async def test_an_account_of_unknown_worth_trips_its_breakers(floor: TradingFloor) -> None:
    await hold_one(floor)
    floor.renew(FaultyBroker(floor.broker, price="none"))

    await floor.book(TOMORROW.closes_at)

    states = {row["kind"]: row["state"] for row in await floor.all("breakers")}
    assert states == dict.fromkeys(("DAILY_LOSS", "DAILY_FLATTEN", "DRAWDOWN", "WEEKLY_LOSS"), "open")
    assert await floor.all("position_exits") == [], "what nobody knows is no reason to sell"


async def test_a_trade_that_somebody_else_made_is_booked_as_his_and_stops_nothing(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    outside = Intent(
        id=fill_id("x", "y"),
        decision_id=None,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id="by-hand",
        ticker="UNH",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(3),
    )
    await floor.broker.submit(outside, ELEVEN)

    await floor.book(TOMORROW.opens_at)
    await floor.book(TOMORROW.closes_at)

    order, position = await one(floor, "orders"), await one(floor, "positions")
    assert (order["source"], order["status"], order["client_order_id"]) == ("external", "filled", "by-hand")
    assert (position["ticker"], position["quantity"]) == ("UNH", 3)
    assert [row["kind"] for row in await floor.all("alerts", "kind")] == ["order_external", "order_filled"]
    assert await floor.all("breakers") == []


@pytest.mark.parametrize("call", ["executions", "orders", "account"])
async def test_a_broker_that_does_not_answer_is_never_taken_for_flat(floor: TradingFloor, call: str) -> None:
    await bring(floor, await order_one(floor))
    floor.renew(FaultyBroker(floor.broker, **{call: "before"}))

    with pytest.raises(Unreachable):
        await floor.book(TOMORROW.opens_at)
    await floor.book(TOMORROW.opens_at)

    assert (await one(floor, "orders"))["status"] == "filled"
    assert await floor.all("breakers") == []
