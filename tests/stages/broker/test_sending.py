from datetime import timedelta
from typing import Any
from uuid import UUID

from stonks.model.job import BrokerOrderJob
from stonks.risk.facts import Habits
from stonks.risk.policies import active_policy, propose_policy, version_of
from stonks.risk.policy_body import body_of
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.work import FakeWork

NOBODY = UUID(int=0)


async def limit(floor: TradingFloor, **limits: object) -> None:
    """Change numbers of the tier in force, as a person does."""
    policy = await active_policy(floor.store, "moderate")
    body: Any = body_of(policy)
    body["limits"] |= limits
    async with floor.store.transaction() as transaction:
        await propose_policy(transaction, "moderate", body, version_of(policy), "ann", "a test")


async def orders(floor: TradingFloor) -> list[BrokerOrderJob]:
    """Count the account and let trading order two stocks at once."""
    await floor.book(TODAY.opens_at)
    for number, ticker in enumerate(["AAPL", "JPM"], start=1):
        await floor.recommend(number, ticker)
    work = await floor.trade(ELEVEN)
    return [job for job in work.followed if isinstance(job, BrokerOrderJob)]


async def habits(floor: TradingFloor, besides: UUID = NOBODY, minutes: int = 0) -> Habits | None:
    at = ELEVEN + timedelta(minutes=minutes)
    return await floor.store.row(Habits, "sending.habits", account="paper", order_id=besides, now=at)


async def test_more_orders_a_minute_than_the_policy_lets_go_are_denied(floor: TradingFloor) -> None:
    first, second = await orders(floor)
    await limit(floor, orders_a_minute=1)

    for job in (first, second):
        await floor.courier(FakeWork(floor.store, job, ELEVEN))

    rows = {row["id"]: row for row in await floor.all("orders")}
    (approved, denied) = (rows[job.order_id] for job in (first, second))
    assert approved["status"] == "accepted"
    assert (denied["status"], denied["status_reason"]) == ("denied", "TURNOVER")
    verdicts = await floor.all("risk_evaluations", "verdict")
    assert [row["policy_version"] for row in verdicts] == ["moderate-2", "moderate-2"]


async def test_habits_are_of_entries_that_were_sent_and_leave_the_order_in_hand_aside(floor: TradingFloor) -> None:
    first, second = await orders(floor)
    before = await habits(floor)

    await floor.courier(FakeWork(floor.store, first, ELEVEN))

    assert before is not None
    assert (before.orders, before.last_minute, before.last_day) == (2, 0, 0)
    sent = await habits(floor)
    own = await habits(floor, besides=first.order_id)
    later = await habits(floor, minutes=2)
    assert sent is not None
    assert (sent.orders, sent.last_minute, sent.last_day) == (2, 1, 1)
    assert own is not None
    assert (own.orders, own.last_minute, own.last_day) == (1, 0, 0)
    assert later is not None
    assert (later.last_minute, later.last_day) == (0, 1)
    (a, b) = [row["sizing"]["notional"] for row in await floor.all("trading_decisions")]
    assert sent.median is not None
    assert abs(sent.median - (a + b) / 2) < 1e-6
    assert second.order_id != first.order_id
