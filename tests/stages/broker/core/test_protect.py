from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stonks.model.order import Intent, OrderStatus as Status, OrderType, Side
from stonks.risk.facts import TradingState
from stonks.stages.broker.core.protect import EMERGENCY, PASSED, Failure, Plan, Sale, Scene, Stake, plan, stop_level

NOW = datetime(2025, 4, 10, 14, tzinfo=UTC)
ENTRY, DECISION = UUID(int=1), UUID(int=2)


def stake(**changes: Any) -> Stake:  # noqa: ANN401 - as the fields have it
    given: dict[str, Any] = {
        "ticker": "AAPL",
        "quantity": Decimal(40),
        "average_price": Decimal(100),
        "opened_at": NOW,
        "entry_id": ENTRY,
        "decision_id": DECISION,
        "stop_distance": 6.0,
        "raised": None,
        "leaving": None,
        "stops_made": 0,
        "exits_made": 0,
        "last_exit_at": None,
    }
    return Stake(**given | changes)


def scene(**changes: Any) -> Scene:  # noqa: ANN401 - as the fields have it
    given: dict[str, Any] = {
        "account": "paper",
        "now": NOW,
        "state": TradingState.ACTIVE,
        "open": True,
        "stop_share": 0.06,
    }
    return Scene(**given | changes)


def order(number: int, quantity: int, leg: str = "stop", **changes: Any) -> Sale:  # noqa: ANN401 - as the fields have it
    given: dict[str, Any] = {
        "id": UUID(int=number),
        "ticker": "AAPL",
        "leg": leg,
        "side": Side.SELL,
        "status": Status.ACCEPTED,
        "quantity": Decimal(quantity),
        "stop_price": Decimal(94) if leg == "stop" else None,
        "created_at": NOW + timedelta(seconds=number),
        "cancel_requested": None,
    }
    return Sale(**given | changes)


def only(planned: Plan) -> Intent:
    (intent,) = planned.intents
    return intent


def test_a_position_without_a_stop_gets_one_for_all_of_it_below_what_it_cost() -> None:
    stop = only(plan(stake(), [], None, scene()))

    assert (stop.type, stop.side, stop.time_in_force) == (OrderType.STOP, Side.SELL, "gtc")
    assert (stop.leg, stop.cause, stop.reduce_only) == ("stop", "protection", True)
    assert (int(stop.quantity), stop.stop_price, stop.decision_id) == (40, Decimal("94.00"), DECISION)


def test_a_further_fill_gets_a_further_stop_and_the_first_one_stays() -> None:
    planned = plan(stake(stops_made=1), [order(10, 25)], None, scene())

    assert (int(only(planned).quantity), only(planned).attempt, planned.recalled) == (15, 2, ())


def test_a_protected_position_needs_nothing() -> None:
    assert plan(stake(), [order(10, 25), order(11, 15)], None, scene()) == Plan(ticker="AAPL", entry_id=ENTRY)


def test_shares_that_a_stop_on_its_way_out_still_holds_are_not_promised_twice() -> None:
    leaving = order(10, 40, cancel_requested="protection")

    assert plan(stake(), [leaving], None, scene()).intents == ()


def test_stops_for_more_than_is_held_are_taken_back_the_newest_first() -> None:
    stops = [order(10, 25), order(11, 15), order(12, 10)]

    assert plan(stake(quantity=Decimal(30)), stops, None, scene()).recalled == (UUID(int=12), UUID(int=11))
    assert plan(stake(quantity=Decimal(0)), stops, None, scene()).recalled == tuple(stop.id for stop in stops)


def test_a_sale_at_work_needs_no_stop_for_its_shares() -> None:
    assert plan(stake(), [order(9, 40, "exit")], None, scene()).intents == ()
    assert only(plan(stake(), [order(9, 30, "exit")], None, scene())).quantity == 10


def test_a_raised_stop_takes_the_place_of_the_lower_one() -> None:
    planned = plan(stake(raised=101.239), [order(10, 40)], None, scene())

    assert (only(planned).stop_price, int(only(planned).quantity)) == (Decimal("101.23"), 40)
    assert only(planned).cause == "trailing"
    assert planned.recalled == ()
    assert plan(stake(raised=93.0), [order(10, 40)], None, scene()).intents == ()


def test_a_position_that_a_person_entered_has_the_policys_share_as_its_distance() -> None:
    assert stop_level(stake(stop_distance=None, decision_id=None), scene()) == Decimal("94.00")


@pytest.mark.parametrize(("price", "level"), [("10.005", "4.00"), ("6.509", "0.5090"), ("3", "0.0001")])
def test_a_stop_is_on_the_venues_tick_and_above_zero(price: str, level: str) -> None:
    assert stop_level(stake(average_price=Decimal(price)), scene()) == Decimal(level)


def test_one_refusal_is_tried_again_and_a_second_gives_the_position_up() -> None:
    once, twice = (Failure(ticker="AAPL", count=count, reason="no") for count in (1, 2))

    assert only(plan(stake(stops_made=1), [], once, scene())).attempt == 2
    assert plan(stake(stops_made=2), [], twice, scene()).give_up == EMERGENCY


def test_a_stop_that_the_market_has_passed_is_a_stop_reached() -> None:
    passed = Failure(ticker="AAPL", count=1, reason=PASSED)

    assert plan(stake(stops_made=1), [], passed, scene()).give_up == "stop"


def test_a_stop_that_does_not_become_live_gives_the_position_up() -> None:
    under_way = order(10, 40, status=Status.SUBMITTING)

    assert plan(stake(), [under_way], None, scene()) == Plan(ticker="AAPL", entry_id=ENTRY)
    assert plan(stake(), [under_way], None, scene(late=frozenset({under_way.id}))).give_up == EMERGENCY


def test_a_halted_account_keeps_its_stops_and_makes_no_orders() -> None:
    halted = scene(state=TradingState.HALTED)
    refused = Failure(ticker="AAPL", count=5, reason="no")

    assert plan(stake(), [order(10, 40)], refused, halted) == Plan(ticker="AAPL", entry_id=ENTRY)
    assert plan(stake(), [], None, halted) == Plan(ticker="AAPL", entry_id=ENTRY, bare=True)
    assert plan(stake(leaving="flatten"), [order(10, 40)], None, halted) == Plan(ticker="AAPL", entry_id=ENTRY)


def test_what_nobody_here_entered_is_not_ours_to_protect() -> None:
    assert plan(stake(entry_id=None, decision_id=None), [], None, scene()).intents == ()


def test_before_a_split_stops_are_taken_back_and_none_is_made() -> None:
    planned = plan(stake(), [order(10, 40)], None, scene(paused=frozenset({"AAPL"})))

    assert (planned.recalled, planned.intents) == ((UUID(int=10),), ())


class TestLeaving:
    def test_a_position_is_sold_whole_at_the_market_once(self) -> None:
        planned = plan(stake(leaving="target"), [order(10, 40)], None, scene())

        sale = only(planned)
        assert (sale.type, int(sale.quantity), sale.leg, sale.cause) == (OrderType.MARKET, 40, "exit", "target")
        assert (sale.reduce_only, sale.decision_id) == (True, DECISION)
        assert planned.recalled == ()
        assert plan(stake(leaving="target"), [order(10, 40), order(11, 40, "exit")], None, scene()).intents == ()

    def test_a_sale_that_was_not_sent_in_five_minutes_is_taken_back(self) -> None:
        unsent = order(10, 40, "exit", status=Status.INITIALIZED, created_at=NOW - timedelta(minutes=5, seconds=1))
        fresh = order(11, 40, "exit", status=Status.INITIALIZED)

        assert plan(stake(leaving="target"), [unsent], None, scene()).recalled == (unsent.id,)
        assert plan(stake(leaving="target"), [fresh], None, scene()).recalled == ()

    def test_purchases_at_work_are_taken_back(self) -> None:
        buying = order(10, 5, "entry", side=Side.BUY)

        assert plan(stake(leaving="flatten"), [buying], None, scene()).recalled == (buying.id,)

    def test_what_came_to_nothing_is_tried_again_a_little_later(self) -> None:
        tried = stake(leaving="flatten", exits_made=1, last_exit_at=NOW - timedelta(seconds=29))

        assert plan(tried, [], None, scene()).intents == ()
        assert only(plan(tried, [], None, scene(now=NOW + timedelta(seconds=1)))).attempt == 2

    def test_while_the_market_is_closed_its_stops_stay(self) -> None:
        closed = scene(open=False)

        assert plan(stake(leaving="flatten"), [order(10, 40)], None, closed) == Plan(ticker="AAPL", entry_id=ENTRY)
        assert only(plan(stake(leaving="flatten"), [], None, closed)).leg == "stop"

    def test_why_a_person_wants_it_is_not_the_orders_cause(self) -> None:
        assert only(plan(stake(leaving="I said so"), [], None, scene())).cause == "given_up"
        assert only(plan(stake(leaving=EMERGENCY), [], None, scene())).cause == EMERGENCY


LIVE = st.sampled_from([Status.ACCEPTED, Status.PARTIALLY_FILLED, Status.PENDING_CANCEL, Status.SUBMITTED])
ORDERS = st.lists(
    st.builds(
        order,
        st.integers(10, 10_000),
        st.integers(1, 60),
        st.sampled_from(["stop", "exit"]),
        status=LIVE,
        cancel_requested=st.sampled_from([None, "protection"]),
    ),
    max_size=5,
    unique_by=lambda each: each.id,
)


@given(
    held=st.integers(0, 100),
    orders=ORDERS,
    leaving=st.sampled_from([None, "flatten"]),
    at=st.builds(scene, open=st.booleans()),
)
def test_no_stop_is_made_for_shares_that_another_order_holds(
    held: int, orders: list[Sale], leaving: str | None, at: Scene
) -> None:
    planned = plan(stake(quantity=Decimal(held), leaving=leaving), orders, None, at)

    promised = sum(each.quantity for each in orders)
    for intent in planned.intents:
        assert intent.quantity <= held
        if intent.leg == "stop":
            assert intent.quantity + promised <= held
        else:
            assert all(each.leg == "stop" for each in orders)
