from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from stonks.model.market import Asset
from stonks.risk.policies import active_policy, propose_policy, version_of
from stonks.risk.policy_body import body_of
from stonks.stages.trading.knowledge import Knowledge
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports

MINUTE = timedelta(minutes=1)


async def limit(floor: TradingFloor, **limits: object) -> None:
    """Change numbers of the tier in force, as a person does."""
    policy = await active_policy(floor.store, "moderate")
    body: Any = body_of(policy)
    body["limits"] |= limits
    async with floor.store.transaction() as transaction:
        await propose_policy(transaction, "moderate", body, version_of(policy), "ann", "a test")


async def test_a_changed_limit_holds_for_the_next_decision_of_a_stage_that_runs(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, "AAPL")
    await floor.trade(ELEVEN)
    await limit(floor, name_cap=0.005)
    await floor.recommend(2, "UNH", ELEVEN + MINUTE)
    await floor.trade(ELEVEN + MINUTE)

    before, later = await floor.all("trading_decisions", "decided_at")

    assert (before["policy_version"], later["policy_version"]) == ("moderate-1", "moderate-2")
    assert "NAME_CAP" not in [clamp["code"] for clamp in before["clamps"]]
    assert "NAME_CAP" in [clamp["code"] for clamp in later["clamps"]]
    (row,) = await floor.database.rows(
        "SELECT author, body #>> '{limits,name_cap}' AS cap FROM policy_versions WHERE tier || '-' || version = $1",
        later["policy_version"],
    )
    assert (row["author"], row["cap"]) == ("ann", "0.005")


async def test_a_position_that_a_person_opened_has_nothing_of_the_decision_that_entered_an_earlier_one(
    floor: TradingFloor,
) -> None:
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, "UNH")
    await floor.instant(ELEVEN)
    bought = after(1).opens_at
    await floor.instant(bought)
    knowledge = Knowledge(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks))
    (decided,) = await knowledge.held(bought + MINUTE)
    later = after(2).opens_at
    await floor.database.rows("UPDATE positions SET opened_at = $1", later)

    (by_hand,) = await knowledge.held(later + MINUTE)

    assert decided.decision_id is not None
    assert decided.stop_distance is not None
    assert (by_hand.opened_at, by_hand.decision_id, by_hand.stop_distance) == (later, None, None)


class Listed(FaultyBroker):
    """Says of instruments what it is told to."""

    said: Asset | None = None

    async def asset(self, ticker: str, now: datetime) -> Asset | None:  # noqa: ARG002 - the port's
        return self.said


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"tradable": True, "halted": True}, "HALTED_SYMBOL"),
        ({"tradable": False, "halted": False}, "NOT_TRADABLE"),
        (None, "NOT_TRADABLE_DATA_MISSING"),
        ({"tradable": True, "halted": False}, None),
    ],
)
async def test_what_the_broker_says_of_an_instrument_is_asked_before_it_is_bought(
    floor: TradingFloor, said: dict[str, bool] | None, reason: str | None
) -> None:
    broker = Listed(floor.broker)
    if said is not None:
        broker.said = Asset(ticker="AAPL", fractionable=False, shortable=False, known_at=ELEVEN, **said)
    floor.renew(broker)
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert decision["primary_reason"] == reason


async def test_what_trades_brought_is_known_once_they_are_booked(floor: TradingFloor) -> None:
    knowledge = Knowledge(some_ports(store=floor.store, broker=floor.broker))
    await floor.book(TODAY.opens_at)
    await floor.recommend(1, "JPM")
    await floor.instant(ELEVEN)

    async def results(at: datetime) -> tuple[int, float | None]:
        desk = await knowledge.desk(at, await knowledge.state(at), await knowledge.held(at), [])
        assert desk.book.results is not None
        return desk.book.results.trades, desk.book.results.payoff

    held = await results(ELEVEN)
    for day in range(1, 4):
        for at in (after(day).opens_at + 10 * MINUTE, after(day).closes_at):
            await floor.instant(at)

    assert [row["quantity"] for row in await floor.all("positions")] == [0]
    assert (held, await results(after(4).opens_at)) == ((0, None), (1, None))


async def test_a_decision_keeps_the_doubt_and_the_payoff_that_it_was_sized_by(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    identity = await floor.recommend(1)

    await floor.trade(ELEVEN)

    (decision,) = await floor.all("trading_decisions")
    assert identity == UUID(int=1)
    assert decision["sizing"]["probability"] == pytest.approx(0.55)
    assert decision["sizing"]["payoff"] == 1.0
