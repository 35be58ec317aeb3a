"""After a start nothing is sent until the books agree; then it is, and nothing of it was lost."""

from datetime import timedelta

import pytest

from stonks.model.errors import Unreachable, Waiting
from stonks.model.job import BrokerOrderJob
from stonks.stages.broker.clerk import Clerk
from stonks.stages.broker.opening import Opening
from stonks.stages.broker.worker import Courier
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

POLL = timedelta(seconds=10)


async def order_one(floor: TradingFloor) -> BrokerOrderJob:
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)
    (job,) = (await floor.trade(ELEVEN)).followed
    assert isinstance(job, BrokerOrderJob)
    return job


def restart(floor: TradingFloor) -> None:
    """Start the stage as the pipeline does: shut until the books agree."""
    ports = some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)
    opening = Opening(ports)
    floor.courier, floor.clerk = Courier(ports, opening), Clerk(ports, opening)


async def lose_shares(floor: TradingFloor) -> None:
    """Have our books hold three shares that the broker does not."""
    await floor.database.insert(
        "positions",
        {
            "account": "paper",
            "ticker": "UNH",
            "quantity": 3,
            "average_price": 100,
            "realized": 0,
            "opened_at": TODAY.opens_at,
            "updated_at": TODAY.opens_at,
        },
    )


async def bring(floor: TradingFloor, job: BrokerOrderJob) -> None:
    await floor.courier(FakeWork(floor.store, job, ELEVEN))


async def state(floor: TradingFloor) -> tuple[str, str | None]:
    (row,) = await floor.all("trading_state")
    return row["state"], row["changed_by"]


async def test_an_order_waits_for_the_first_comparison_after_a_start_and_is_sent_after_it(floor: TradingFloor) -> None:
    job = await order_one(floor)
    restart(floor)

    with pytest.raises(Waiting):
        await bring(floor, job)
    waiting = [row["status"] for row in await floor.all("orders")]
    await floor.book(ELEVEN)
    await bring(floor, job)

    assert waiting == ["initialized"]
    assert [row["status"] for row in await floor.all("orders")] == ["accepted"]


async def test_books_that_do_not_agree_for_thirty_seconds_halt_the_account_until_they_do(floor: TradingFloor) -> None:
    job = await order_one(floor)
    await lose_shares(floor)
    restart(floor)

    for number in range(3):
        await floor.book(ELEVEN + number * POLL)
    before = await state(floor)
    await floor.book(ELEVEN + 3 * POLL)
    halted = await state(floor)
    with pytest.raises(Waiting):
        await bring(floor, job)
    await floor.database.rows("DELETE FROM positions WHERE ticker = 'UNH'")
    await floor.book(ELEVEN + 4 * POLL)
    await bring(floor, job)

    assert before[0] == "active"
    assert halted == ("halted", "reconciliation")
    assert await state(floor) == ("active", "reconciliation")
    assert [row["status"] for row in await floor.all("orders") if row["leg"] == "entry"] == ["accepted"]
    kinds = [row["kind"] for row in await floor.all("alerts", "raised_at")]
    assert kinds.count("trading_halted") == kinds.count("trading_resumed") == 1


async def test_a_halt_by_a_person_outlasts_books_that_agree(floor: TradingFloor) -> None:
    await order_one(floor)
    await lose_shares(floor)
    restart(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'halted', changed_by = 'local'")
    for number in range(5):
        await floor.book(ELEVEN + number * POLL)
    await floor.database.rows("DELETE FROM positions WHERE ticker = 'UNH'")

    await floor.book(ELEVEN + 5 * POLL)

    assert await state(floor) == ("halted", "local")


async def test_a_pause_by_a_person_outlasts_the_halt_of_books_that_did_not_agree_for_a_while(
    floor: TradingFloor,
) -> None:
    await order_one(floor)
    await lose_shares(floor)
    restart(floor)
    await floor.database.rows(
        "UPDATE trading_state SET state = 'reducing', changed_by = 'ann', reason = 'holiday', halts_when_flat = true"
    )
    for number in range(5):
        await floor.book(ELEVEN + number * POLL)
    meanwhile = await state(floor)
    await floor.database.rows("DELETE FROM positions WHERE ticker = 'UNH'")

    await floor.book(ELEVEN + 5 * POLL)

    (row,) = await floor.all("trading_state")
    assert meanwhile == ("halted", "reconciliation")
    assert (row["state"], row["changed_by"], row["reason"]) == ("reducing", "ann", "holiday")
    assert row["halts_when_flat"]


@pytest.mark.parametrize("call", ["executions", "orders", "account"])
async def test_a_broker_that_does_not_answer_at_the_start_halts_the_account_and_crashes_nothing(
    floor: TradingFloor, call: str
) -> None:
    job = await order_one(floor)
    faulty = FaultyBroker(floor.broker)
    floor.renew(faulty)
    restart(floor)

    for number in range(5):
        faulty.faults[call] = "before"
        with pytest.raises(Unreachable):
            await floor.book(ELEVEN + number * POLL)
    with pytest.raises(Waiting):
        await bring(floor, job)

    assert await state(floor) == ("halted", "reconciliation")
    (alert,) = [row for row in await floor.all("alerts") if row["kind"] == "trading_halted"]
    assert "no answer" in alert["text"]


async def test_an_order_that_is_taken_back_before_it_was_sent_does_not_wait(floor: TradingFloor) -> None:
    job = await order_one(floor)
    await floor.database.rows("UPDATE orders SET cancel_requested = 'a person'")
    restart(floor)

    await bring(floor, job)

    assert [row["status"] for row in await floor.all("orders")] == ["canceled"]


async def test_an_order_at_the_broker_is_taken_back_though_another_waits_before_it(floor: TradingFloor) -> None:
    job = await order_one(floor)
    await bring(floor, job)
    await floor.database.rows("UPDATE orders SET cancel_requested = 'a person'")
    await floor.recommend(2, "UNH")
    (other,) = (await floor.trade(ELEVEN + POLL)).followed
    assert isinstance(other, BrokerOrderJob)
    restart(floor)

    with pytest.raises(Waiting):
        await bring(floor, other)

    assert {row["ticker"]: row["status"] for row in await floor.all("orders")} == {
        "AAPL": "canceled",
        "UNH": "initialized",
    }
