import asyncio
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from stonks.adapters.store import open_store
from stonks.model.approval import ApprovalAnswer, ApprovalState, Terms
from stonks.model.errors import Refused
from stonks.model.identity import client_order_id, decision_id, intent_id
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Side
from stonks.stages.trading.approvals import Approvals
from stonks.stages.trading.knowledge import Knowledge
from stonks.stages.trading.permits import Permits
from tests.fakes.floor import ELEVEN, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.requests import ANN, BOB, ask_above, floor_ports, open_floor, place, request, say
from tests.fakes.work import FakeWork

MINUTE = timedelta(minutes=1)


async def wait_for_a_person(floor: TradingFloor) -> UUID:
    """Have Ann ask for forty shares under a policy that wants a person asked; return the approval."""
    await open_floor(floor)
    await ask_above(floor, 0.01)
    verdict, _ = await place(floor, request())
    assert verdict.approval_id is not None
    return verdict.approval_id


async def settle(floor: TradingFloor, at: datetime) -> FakeWork[None]:
    """One look of the trading stage at what waits."""
    ports, work = floor_ports(floor), FakeWork[None](floor.store, None, at)
    await Permits(ports, Knowledge(ports)).settle(work)
    return work


async def states(floor: TradingFloor) -> list[str]:
    return [row["state"] for row in await floor.all("approvals")]


async def test_what_was_allowed_is_sent_once_its_gates_pass_again(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)

    work = await settle(floor, ELEVEN + MINUTE)
    again = await settle(floor, ELEVEN + MINUTE)

    (order,) = await floor.all("orders")
    (row,) = await floor.all("approvals")
    assert work.followed == [BrokerOrderJob(order_id=order["id"])]
    assert again.followed == []
    assert (order["quantity"], order["source"], order["status"]) == (40, "manual", "initialized")
    assert (row["state"], row["decided_by"], row["consumed_at"]) == ("consumed", BOB, ELEVEN + MINUTE)
    actions = [entry["action"] for entry in await floor.all("audit")]
    assert actions == ["order.needs_approval", "approval.approved", "approval.consumed"]


async def test_a_decision_that_lacks_nothing_but_a_yes_is_acted_on_when_it_comes(floor: TradingFloor) -> None:
    await open_floor(floor)
    await ask_above(floor, 0.001)
    await floor.recommend(1)
    await floor.trade(ELEVEN)
    (decision,) = await floor.all("trading_decisions")
    (row,) = await floor.all("approvals")
    nothing = await floor.all("orders")

    await say(floor, row["id"], BOB, at=ELEVEN + MINUTE)
    work = await floor.trade(ELEVEN + 2 * MINUTE)

    (order,) = await floor.all("orders")
    expected = intent_id("paper", decision_id("paper", UUID(int=1)), "entry", 1)
    assert nothing == []
    assert (decision["verdict"], decision["primary_reason"]) == ("needs_approval", "NEEDS_APPROVAL")
    assert (row["kind"], row["subject_id"], row["requested_by"]) == ("decision", decision["id"], "engine")
    assert (order["id"], order["client_order_id"]) == (expected, client_order_id(expected))
    assert (order["decision_id"], order["quantity"]) == (decision["id"], decision["quantity"])
    assert work.followed == [BrokerOrderJob(order_id=expected)]


async def test_a_decision_that_fails_another_gate_too_asks_nobody(floor: TradingFloor) -> None:
    await open_floor(floor)
    await ask_above(floor, 0.001)
    await floor.recommend(1, confidence=0.2)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert (decision["verdict"], decision["primary_reason"]) == ("skip", "CONFIDENCE_LOW")
    assert await floor.all("approvals") == []


async def test_what_nobody_decides_in_time_expires_and_is_never_acted_on(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)

    await settle(floor, ELEVEN + 59 * MINUTE)
    before = await states(floor)
    await settle(floor, ELEVEN + 60 * MINUTE)

    assert (before, await states(floor)) == (["pending"], ["expired"])
    assert await floor.all("orders") == []
    assert "approval_expired" in {row["kind"] for row in await floor.all("alerts")}
    with pytest.raises(Refused, match="expired already"):
        await say(floor, approval, BOB, at=ELEVEN + 60 * MINUTE)


async def test_a_yes_that_comes_too_late_counts_for_nothing(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)

    with pytest.raises(Refused, match="decided by"):
        await say(floor, approval, BOB, at=ELEVEN + 60 * MINUTE)


async def test_what_was_allowed_and_could_not_be_sent_in_time_expires_too(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    await floor.database.rows("UPDATE trading_state SET state = 'reducing'")

    await settle(floor, ELEVEN + MINUTE)
    waiting = await states(floor)
    await settle(floor, ELEVEN + 60 * MINUTE)

    assert (waiting, await states(floor)) == (["approved"], ["expired"])
    assert await floor.all("orders") == []


@pytest.mark.parametrize(
    ("statement", "gate"),
    [
        ("UPDATE trading_state SET state = 'halted'", "state"),
        ("INSERT INTO breakers (scope, kind, state) VALUES ('global', 'DRAWDOWN', 'open')", "breaker"),
        ("UPDATE portfolio_snapshots SET cash = 100", "buying power"),
    ],
    ids=["state", "breaker", "power"],
)
async def test_gates_are_asked_again_and_a_yes_waits_until_they_pass(
    floor: TradingFloor, statement: str, gate: str
) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    await floor.database.rows(statement)

    await settle(floor, ELEVEN + MINUTE)

    assert (await states(floor), await floor.all("orders")) == (["approved"], []), gate


async def test_caps_that_others_used_up_meanwhile_hold_down_what_was_allowed(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    row = {"account": "paper", "ticker": "AAPL", "quantity": 20, "average_price": 100, "realized": 0}
    await floor.database.insert("positions", row | {"updated_at": ELEVEN})

    await settle(floor, ELEVEN + MINUTE)

    (order,) = await floor.all("orders")
    assert 0 < order["quantity"] < 40


async def test_a_yes_holds_for_its_policy_alone(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    await floor.database.rows(
        "INSERT INTO policy_versions (tier, version, body, author, reason) "
        "SELECT tier, 3, body, 'ann', 'again' FROM policy_versions WHERE tier = 'moderate' AND version = 2"
    )

    await settle(floor, ELEVEN + MINUTE)

    assert (await states(floor), await floor.all("orders")) == (["cancelled"], [])


@pytest.mark.parametrize(
    "change",
    [
        "order_body = jsonb_set(order_body, '{quantity}', '\"41\"')",
        "order_body = jsonb_set(order_body, '{ticker}', '\"JPM\"')",
        "order_body = jsonb_set(order_body, '{side}', '\"sell\"')",
        "price_high = price_high + 1",
        "policy_version = 'moderate-1', body_hash = 'another'",
    ],
    ids=["quantity", "ticker", "side", "price", "policy"],
)
async def test_a_yes_holds_for_nothing_but_what_it_was_given_to(floor: TradingFloor, change: str) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    await floor.database.rows(f"UPDATE approvals SET {change}")  # noqa: S608 - the test's own words

    await settle(floor, ELEVEN + MINUTE)

    assert (await states(floor), await floor.all("orders")) == (["cancelled"], [])


async def test_a_price_outside_the_band_is_not_what_was_allowed(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)
    price = await floor.broker.price("AAPL", ELEVEN + MINUTE)
    assert price is not None
    low, high = price.ask + Decimal("0.01"), price.ask + Decimal(1)
    row = (await floor.all("approvals"))[0]
    terms = Terms(
        ticker="AAPL",
        side=Side.BUY,
        quantity=row["quantity"],
        price_low=low,
        price_high=high,
        policy_version=row["policy_version"],
    )
    await floor.database.rows(
        "UPDATE approvals SET price_low = $1, price_high = $2, body_hash = $3", low, high, terms.hash
    )

    await settle(floor, ELEVEN + MINUTE)

    assert (await states(floor), await floor.all("orders")) == (["approved"], [])


# ------------------------------------------------------------------------------------------------ who decides


async def test_whoever_asked_may_not_allow_it(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)

    with pytest.raises(Refused, match="somebody else"):
        await say(floor, approval, ANN)

    assert await states(floor) == ["pending"]


@pytest.mark.parametrize(("asks", "allows"), [("local", "cli:ann"), ("cli:ann", "local"), ("local", "local")])
async def test_a_client_of_this_machine_without_a_key_may_be_anybody_on_it(
    floor: TradingFloor, asks: str, allows: str
) -> None:
    await open_floor(floor)
    await ask_above(floor, 0.01)
    verdict, _ = await place(floor, request(), asks)
    assert verdict.approval_id is not None

    with pytest.raises(Refused, match="somebody else"):
        await say(floor, verdict.approval_id, allows)


async def test_anybody_may_allow_what_the_engine_asks_on_paper(floor: TradingFloor) -> None:
    await open_floor(floor)
    await ask_above(floor, 0.001)
    await floor.recommend(1)
    await floor.trade(ELEVEN)

    await say(floor, (await floor.all("approvals"))[0]["id"], "local")

    assert await states(floor) == ["approved"]


async def test_a_no_is_the_end_of_it(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)

    await say(floor, approval, BOB, allow=False)
    await settle(floor, ELEVEN + MINUTE)

    assert (await states(floor), await floor.all("orders")) == (["rejected"], [])
    with pytest.raises(Refused, match="rejected already"):
        await say(floor, approval, BOB)


async def test_whoever_asked_takes_it_back_by_saying_no(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)

    await say(floor, approval, ANN, allow=False)

    assert await states(floor) == ["cancelled"]


async def test_there_is_no_other_approval(floor: TradingFloor) -> None:
    with pytest.raises(Refused, match="no approval"):
        await say(floor, UUID(int=9), BOB)


async def test_what_waits_is_listed_newest_first(floor: TradingFloor) -> None:
    approval = await wait_for_a_person(floor)
    listed = Approvals(floor_ports(floor))

    pending = await listed.page(ApprovalState.PENDING, 10, ELEVEN + MINUTE, UUID(int=0))
    decided = await listed.page(ApprovalState.APPROVED, 10, ELEVEN + MINUTE, UUID(int=0))

    assert [row.id for row in pending] == [approval]
    assert decided == []


# ------------------------------------------------------------------------------------------------ at once


async def test_of_answers_given_at_once_by_several_processes_one_counts(floor: TradingFloor, database_url: str) -> None:
    approval = await wait_for_a_person(floor)

    async def answer(number: int) -> str:
        allow = number % 2 == 0
        said = ApprovalAnswer(approval=approval, allow=allow, who=f"boss-{number}", reason="I looked", at=ELEVEN)
        async with open_store(database_url, connections=1) as store, store.transaction() as transaction:
            ports = some_ports(store=store)
            return (await Approvals(ports).answer(transaction, said)).state.value

    results = await asyncio.gather(*(answer(number) for number in range(8)), return_exceptions=True)

    counted = Counter("refused" if isinstance(result, Refused) else result for result in results)
    (row,) = await floor.all("approvals")
    assert counted == {"refused": 7, row["state"]: 1}
    assert [entry["action"] for entry in await floor.all("audit")][1:] == [f"approval.{row['state']}"]


async def test_a_yes_is_used_up_once_by_however_many_processes(floor: TradingFloor, database_url: str) -> None:
    approval = await wait_for_a_person(floor)
    await say(floor, approval, BOB)

    async def use() -> int:
        async with open_store(database_url) as store:
            ports = some_ports(store=store, broker=floor.broker, queue=floor.marks)
            work = FakeWork[None](store, None, ELEVEN + MINUTE)
            await Permits(ports, Knowledge(ports)).settle(work)
            return len(work.followed)

    followed = await asyncio.gather(*(use() for _ in range(5)))

    assert sum(followed) == 1
    assert len(await floor.all("orders")) == 1
    assert await states(floor) == ["consumed"]
