import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from stonks.model.errors import Conflict, Malformed, Refused, Unreachable
from stonks.model.order import OrderType, Side
from stonks.model.order_request import Asker, OrderRequest, OrderVerdict, RiskVerdict
from stonks.model.recommendation import Mode
from stonks.risk.evaluate import GATES
from stonks.stages.trading.verdicts import Verdicts
from tests.fakes.floor import ELEVEN, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.requests import ANN, BOB, SilentBroker, floor_ports, open_floor, request

SECOND = timedelta(seconds=1)


async def answer(floor: TradingFloor, asked: OrderRequest, who: str = ANN) -> OrderVerdict:
    """Judge a request, keep the answer and give it."""
    verdicts = Verdicts(floor_ports(floor))
    judged = await verdicts.judge(asked, who, ELEVEN)
    async with floor.store.transaction() as transaction:
        return await verdicts.keep(transaction, judged.verdict) or judged.verdict


async def test_an_answer_lists_every_gate_and_is_kept_before_it_is_given(floor: TradingFloor) -> None:
    await open_floor(floor)

    given = await answer(floor, request())

    kept = await Verdicts(floor_ports(floor)).find(given.id)
    assert kept == given
    assert (given.verdict, int(given.quantity), given.primary_reason) == (RiskVerdict.APPROVED, 40, None)
    assert list(dict.fromkeys(check.gate for check in given.checks)) == [*(g.name for g in GATES), "approval", "size"]
    assert given.policy_version == "moderate-1"
    (row,) = await floor.all("risk_evaluations")
    assert (row["subject_kind"], row["source"], row["asked_by"]) == ("request", "manual", ANN)


async def test_gates_about_recommendations_say_that_there_is_none(floor: TradingFloor) -> None:
    await open_floor(floor)

    given = await answer(floor, request())

    idle = {check.gate for check in given.checks if check.code == "NO_RECOMMENDATION"}
    assert idle == {"age", "confidence"}
    assert not any(check.passed or check.hard for check in given.checks if check.gate in idle)


async def test_a_cap_clamps_and_a_hard_gate_denies(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.database.insert("breakers", {"scope": "ticker:JPM", "kind": "RECON_MISMATCH", "state": "open"})

    large = await answer(floor, request(quantity=Decimal(4000)))
    closed = await answer(floor, request(intent_id="key-0002", ticker="JPM"))

    assert (large.verdict, large.clamps[0].code) == (RiskVerdict.CLAMPED, "NAME_CAP")
    assert 0 < large.quantity < 60
    assert (closed.verdict, int(closed.quantity), closed.primary_reason) == (RiskVerdict.DENIED, 0, "BREAKER_OPEN")


async def test_dollars_are_as_many_whole_shares_as_they_pay_for(floor: TradingFloor) -> None:
    await open_floor(floor)

    given = await answer(floor, request(quantity=None, notional=Decimal(1050)))

    assert given.quantity == 10


async def test_a_market_order_is_answered_for_half_a_minute_and_a_limit_for_five(floor: TradingFloor) -> None:
    await open_floor(floor)

    market = await answer(floor, request())
    limited = request(intent_id="key-0002", type=OrderType.LIMIT, limit_price=Decimal(99))
    limit = await answer(floor, limited)

    assert market.expires_at - market.evaluated_at == 30 * SECOND
    assert limit.expires_at - limit.evaluated_at == 300 * SECOND


async def test_the_same_request_is_answered_the_same_whatever_happened_since(floor: TradingFloor) -> None:
    await open_floor(floor)
    first = await answer(floor, request())
    await floor.database.rows("UPDATE trading_state SET state = 'halted'")

    again = await answer(floor, request(quantity=Decimal("40.0")))
    by_another = await answer(floor, request(), BOB)

    assert again == first
    assert by_another.primary_reason == "TRADING_HALTED"


async def test_the_same_key_for_another_request_is_a_conflict(floor: TradingFloor) -> None:
    await open_floor(floor)
    await answer(floor, request())

    with pytest.raises(Conflict, match="another request"):
        await answer(floor, request(quantity=Decimal(41)))


async def test_of_the_same_request_at_once_one_answer_is_kept(floor: TradingFloor) -> None:
    await open_floor(floor)

    answers = await asyncio.gather(*(answer(floor, request()) for _ in range(6)))

    assert len({given.id for given in answers}) == 1
    assert all(given == answers[0] for given in answers)
    assert len(await floor.all("risk_evaluations")) == 1


async def test_a_sale_reduces_and_is_of_what_is_held(floor: TradingFloor) -> None:
    await open_floor(floor)

    short = await answer(floor, request(side=Side.SELL, quantity=Decimal(1)))

    assert (short.verdict, short.primary_reason) == (RiskVerdict.DENIED, "NOT_SHORTABLE")


async def test_the_engine_is_judged_by_its_recommendation(floor: TradingFloor) -> None:
    await open_floor(floor)
    await floor.recommend(1)
    await floor.recommend(2, "JPM", confidence=0.2)
    asked = request(source=Asker.ENGINE, recommendation_id=UUID(int=1), quantity=Decimal(3))
    unsure = request(intent_id="key-0002", source=Asker.ENGINE, recommendation_id=UUID(int=2), ticker="JPM")

    good, bad = await answer(floor, asked), await answer(floor, unsure)

    assert (good.verdict, int(good.quantity)) == (RiskVerdict.APPROVED, 3)
    assert bad.primary_reason == "CONFIDENCE_LOW"
    with pytest.raises(Refused, match="no recommendation"):
        await answer(floor, request(intent_id="key-0003", source=Asker.ENGINE, recommendation_id=UUID(int=9)))


async def test_without_inputs_there_is_no_answer_and_nothing_is_kept(floor: TradingFloor) -> None:
    await open_floor(floor)

    verdicts = Verdicts(some_ports(store=floor.store, broker=SilentBroker(floor.broker), queue=floor.marks))
    with pytest.raises(Unreachable):
        await verdicts.judge(request(), ANN, ELEVEN)
    assert await floor.all("risk_evaluations") == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"notional": Decimal(5)}, "either"),
        ({"quantity": None}, "either"),
        ({"quantity": Decimal(0)}, "above 0"),
        ({"quantity": Decimal("nan")}, "above 0"),
        ({"quantity": Decimal("1.5")}, "whole"),
        ({"limit_price": Decimal(5)}, "limit"),
        ({"type": OrderType.LIMIT}, "limit"),
        ({"type": OrderType.LIMIT, "limit_price": Decimal(-1)}, "above 0"),
        ({"reduce_only": True}, "reduces nothing"),
        ({"time_in_force": "fok"}, "time_in_force"),
        ({"source": Asker.ENGINE}, "recommendation"),
        ({"as_of": ELEVEN + SECOND}, "future"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(floor: TradingFloor, changes: dict[str, object], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        await answer(floor, request(**changes))


async def test_another_account_or_another_kind_of_money_is_not_ours(floor: TradingFloor) -> None:
    for changes in ({"account": "other"}, {"mode": Mode.LIVE}):
        with pytest.raises(Refused, match="this is the paper account paper"):
            await answer(floor, request(**changes))
