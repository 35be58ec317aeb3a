import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from stonks.model.errors import Conflict, Malformed
from stonks.model.identity import client_order_id
from stonks.model.job import BrokerOrderJob
from stonks.model.order import OrderType, Side
from stonks.model.order_request import Asker, RiskVerdict
from stonks.replay.evaluation.trading import Slip
from stonks.stages.trading.overrides import Overrides
from tests.fakes.floor import ELEVEN, TradingFloor, after
from tests.fakes.requests import ANN, ask_above, floor_ports, open_floor, place, request
from tests.fakes.work import FakeWork


async def test_an_approved_order_is_made_with_its_job_and_its_audit_entry(floor: TradingFloor) -> None:
    await open_floor(floor)

    verdict, jobs = await place(floor, request())

    (order,) = await floor.all("orders")
    (entry,) = await floor.all("audit")
    assert verdict.verdict is RiskVerdict.APPROVED
    assert (order["id"], order["client_order_id"]) == (verdict.order_id, client_order_id(order["id"]))
    assert (order["decision_id"], order["source"], order["cause"]) == (None, "manual", "manual")
    assert (order["quantity"], order["status"], order["leg"]) == (40, "initialized", "entry")
    assert jobs == [BrokerOrderJob(order_id=order["id"])]
    assert (entry["actor"], entry["action"], entry["reason"]) == (ANN, "order.approved", "because")


async def test_a_persons_order_goes_all_the_way_to_a_position_and_back(floor: TradingFloor) -> None:
    await open_floor(floor)
    work = FakeWork[None](floor.store, None, ELEVEN)
    _, work.followed = await place(floor, request())  # type: ignore[assignment]
    await floor.deliver(work, ELEVEN)
    await floor.book(after(1).opens_at)

    (bought,) = await floor.all("positions")
    sold, _ = await place(
        floor, request(intent_id="key-0002", side=Side.SELL), at=after(1).opens_at + timedelta(minutes=30)
    )

    assert bought["quantity"] == 40
    assert (sold.verdict, int(sold.quantity)) == (RiskVerdict.APPROVED, 40)
    (_, sale) = await floor.orders()
    assert (sale["side"], sale["leg"], sale["reduce_only"]) == ("sell", "exit", True)


async def bought_by_hand(floor: TradingFloor, ticker: str) -> float:
    """Have a person buy a stock, filled at tomorrow's open; return how far below its price the verdict put the stop."""
    await open_floor(floor)
    work = FakeWork[None](floor.store, None, ELEVEN)
    verdict, work.followed = await place(floor, request(ticker=ticker))  # type: ignore[assignment]
    await floor.deliver(work, ELEVEN)
    await floor.instant(after(1).opens_at)
    return verdict.sizing["stop_distance"]


async def test_what_a_person_bought_rests_under_the_stop_of_its_verdict_and_leaves_at_its_target(
    floor: TradingFloor,
) -> None:
    distance = await bought_by_hand(floor, "AAPL")
    (position,), (stop,) = await floor.all("positions"), await floor.stops()

    for day in range(2, 6):
        await floor.instant(after(day).opens_at + timedelta(minutes=10))

    slips = await floor.store.rows(Slip, "report.slips", account="paper")
    (entry, *_) = await floor.orders()
    assert slips[0].wanted == float(entry["decided_price"]) > 0
    level = position["average_price"] - Decimal(str(distance))
    assert level - Decimal("0.01") < stop["stop_price"] <= level
    assert [row["reason"] for row in await floor.all("position_exits")] == ["target"]
    assert (await floor.all("positions"))[0]["quantity"] == 0


async def test_what_a_person_bought_leaves_at_the_time_limit_of_the_policy(floor: TradingFloor) -> None:
    await bought_by_hand(floor, "UNH")

    for day in range(2, 23):
        await floor.instant(after(day).opens_at + timedelta(minutes=10))

    assert [row["reason"] for row in await floor.all("position_exits")] == ["time_limit"]
    assert (await floor.all("positions"))[0]["quantity"] == 0


async def test_a_clamped_order_is_made_for_what_the_caps_leave(floor: TradingFloor) -> None:
    await open_floor(floor)

    verdict, _ = await place(floor, request(quantity=Decimal(4000)))

    (order,) = await floor.all("orders")
    assert verdict.verdict is RiskVerdict.CLAMPED
    assert order["quantity"] == verdict.quantity < 60


async def test_a_limit_order_keeps_its_limit_and_counts_at_it(floor: TradingFloor) -> None:
    await open_floor(floor)

    await place(floor, request(type=OrderType.LIMIT, limit_price=Decimal(99), time_in_force="gtc"))

    (order,) = await floor.all("orders")
    assert (order["type"], order["limit_price"], order["time_in_force"]) == ("limit", 99, "gtc")
    assert abs(order["decided_price"] - 100) < 1


async def test_a_denied_order_is_answered_with_its_gates_and_none_is_made(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")

    verdict, jobs = await place(floor, request())

    assert (verdict.verdict, verdict.primary_reason, verdict.order_id) == (RiskVerdict.DENIED, "TRADING_HALTED", None)
    assert any(not check.passed and check.hard for check in verdict.checks)
    assert (await floor.all("orders"), list(jobs)) == ([], [])
    assert [entry["action"] for entry in await floor.all("audit")] == ["order.denied"]


async def test_the_same_order_asked_for_again_is_not_made_again(floor: TradingFloor) -> None:
    await open_floor(floor)

    first, _ = await place(floor, request())
    second, jobs = await place(floor, request())

    assert second == first
    assert list(jobs) == []
    assert len(await floor.all("orders")) == len(await floor.all("audit")) == 1
    with pytest.raises(Conflict, match="another request"):
        await place(floor, request(quantity=Decimal(1)))


async def test_of_the_same_order_asked_for_at_once_one_is_made(floor: TradingFloor) -> None:
    await open_floor(floor)

    answers = await asyncio.gather(*(place(floor, request()) for _ in range(6)))

    assert len({verdict.order_id for verdict, _ in answers}) == 1
    assert sum(len(jobs) for _, jobs in answers) == 1
    assert len(await floor.all("orders")) == 1


async def test_orders_asked_for_at_once_never_exceed_a_cap_together(floor: TradingFloor) -> None:
    await open_floor(floor)
    wanted = [
        request(intent_id=f"key-{n:04}", ticker=ticker, quantity=Decimal(45))
        for n, ticker in enumerate(["AAPL", "AAPL", "JPM", "JPM", "UNH", "UNH"])
    ]

    answers = await asyncio.gather(*(place(floor, asked) for asked in wanted), return_exceptions=True)

    assert all(isinstance(answer, tuple | Conflict) for answer in answers)
    assert any(isinstance(answer, tuple) for answer in answers)
    orders = await floor.all("orders")
    assert len({order["ticker"] for order in orders}) == len(orders)


async def test_an_account_that_changed_meanwhile_is_judged_again(floor: TradingFloor) -> None:
    await open_floor(floor)
    overrides, work = Overrides(floor_ports(floor)), FakeWork[None](floor.store, None, ELEVEN)
    placing = await overrides.judge(request(), ANN, ELEVEN)
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")

    with pytest.raises(Conflict, match="changed"):
        async with work.commit() as commit:
            await overrides.place(commit, placing, None, None)

    assert await floor.all("orders") == await floor.all("risk_evaluations") == []


async def test_a_recommendation_decided_on_while_a_person_orders_sees_the_order(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1)
    await place(floor, request())

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert decision["primary_reason"] == "DUPLICATE_DECISION"


async def test_what_needs_a_person_waits_and_raises_an_alert(floor: TradingFloor) -> None:
    await open_floor(floor)
    await ask_above(floor, 0.01)

    verdict, jobs = await place(floor, request())

    (approval,) = await floor.all("approvals")
    (alert,) = await floor.all("alerts")
    assert (verdict.verdict, verdict.approval_id) == (RiskVerdict.NEEDS_APPROVAL, approval["id"])
    assert (approval["state"], approval["kind"], approval["requested_by"]) == ("pending", "override", ANN)
    assert (approval["quantity"], approval["expires_at"] - ELEVEN) == (40, timedelta(minutes=60))
    assert (alert["kind"], alert["subject"]) == ("approval_requested", "AAPL")
    assert (await floor.all("orders"), list(jobs)) == ([], [])


async def test_a_sale_never_waits_for_a_person(floor: TradingFloor) -> None:
    await open_floor(floor)
    work = FakeWork[None](floor.store, None, ELEVEN)
    _, work.followed = await place(floor, request())  # type: ignore[assignment]
    await floor.deliver(work, ELEVEN)
    await floor.book(after(1).opens_at)
    await ask_above(floor, 0.0)

    later = after(1).opens_at + timedelta(minutes=30)
    verdict, _ = await place(floor, request(intent_id="key-0002", side=Side.SELL), at=later)

    assert verdict.verdict is RiskVerdict.APPROVED


@pytest.mark.parametrize(
    "changes", [{"type": OrderType.STOP, "stop_price": Decimal(90)}, {"source": Asker.ENGINE}], ids=str
)
async def test_only_market_and_limit_orders_are_placed_by_hand(floor: TradingFloor, changes: dict[str, object]) -> None:
    with pytest.raises(Malformed, match="by hand"):
        await place(floor, request(**changes))
