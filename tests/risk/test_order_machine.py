from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stonks.model.order import (
    Intent,
    Order,
    OrderEvent,
    OrderEventKind as Kind,
    OrderStatus as Status,
    OrderType,
    Side,
)
from stonks.risk.order_machine import apply
from tests.fakes.facts import NOW


def order(status: Status = Status.INITIALIZED, filled: int = 0, previous: Status | None = None) -> Order:
    intent = Intent(
        id=UUID(int=1),
        decision_id=None,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id="so-1",
        ticker="AAPL",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(10),
    )
    return Order(
        intent=intent,
        status=status,
        previous_status=previous,
        broker_order_id=None,
        filled_quantity=Decimal(filled),
        average_price=Decimal(100) if filled else None,
        version=0,
    )


def event(kind: Kind, quantity: object = "5", price: object = "100") -> OrderEvent:
    detail = {"quantity": quantity, "price": price} if kind is Kind.FILL else {}
    return OrderEvent(kind=kind, at=NOW, dedupe_key="k", source="test", detail=detail)


def run(start: Order, *kinds: Kind) -> Order:
    for kind in kinds:
        moved = apply(start, event(kind))
        assert moved.problem is None
        start = moved.order
    return start


def test_an_order_goes_from_intent_to_filled() -> None:
    done = run(order(), Kind.CLAIMED, Kind.SUBMITTED, Kind.ACCEPTED, Kind.FILL, Kind.FILL)
    assert (done.status, done.filled_quantity, done.average_price) == (Status.FILLED, Decimal(10), Decimal(100))
    assert done.version == 5


@pytest.mark.parametrize(
    ("status", "kind", "target"),
    [
        (Status.INITIALIZED, Kind.DENIED, Status.DENIED),
        (Status.SUBMITTING, Kind.REJECTED, Status.REJECTED),
        (Status.SUBMITTING, Kind.ACCEPTED, Status.ACCEPTED),
        (Status.INITIALIZED, Kind.ACCEPTED, Status.ACCEPTED),
        (Status.INITIALIZED, Kind.EXPIRED, Status.EXPIRED),
        (Status.SUBMITTED, Kind.CANCELED, Status.CANCELED),
        (Status.ACCEPTED, Kind.TRIGGERED, Status.TRIGGERED),
        (Status.ACCEPTED, Kind.EXPIRED, Status.EXPIRED),
        (Status.ACCEPTED, Kind.REPLACED, Status.REPLACED),
        (Status.TRIGGERED, Kind.REJECTED, Status.REJECTED),
        (Status.PARTIALLY_FILLED, Kind.CANCELED, Status.CANCELED),
        (Status.PARTIALLY_FILLED, Kind.ACCEPTED, Status.PARTIALLY_FILLED),
        (Status.FILLED, Kind.SUBMITTED, Status.FILLED),
        (Status.CANCELED, Kind.FILL, Status.CANCELED),
        (Status.PENDING_CANCEL, Kind.FILL, Status.PENDING_CANCEL),
        (Status.SUBMITTING, Kind.FILL, Status.PARTIALLY_FILLED),
    ],
)
def test_an_expected_event_moves_an_order(status: Status, kind: Kind, target: Status) -> None:
    assert run(order(status), kind).status is target


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.INITIALIZED, Kind.SUBMITTED),
        (Status.DENIED, Kind.CLAIMED),
        (Status.FILLED, Kind.CANCELED),
        (Status.CANCELED, Kind.REJECTED),
        (Status.REJECTED, Kind.ACCEPTED),
        (Status.ACCEPTED, Kind.UPDATED),
        (Status.ACCEPTED, Kind.CANCEL_REJECTED),
    ],
)
def test_an_unexpected_event_changes_nothing_and_is_named(status: Status, kind: Kind) -> None:
    moved = apply(order(status), event(kind))
    assert moved.order == order(status)
    assert moved.problem == f"{kind} does not follow {status}"


def test_a_refused_cancel_leads_back_to_where_the_order_was() -> None:
    pending = run(order(Status.ACCEPTED), Kind.PENDING_UPDATE, Kind.PENDING_CANCEL)
    assert run(pending, Kind.CANCEL_REJECTED).status is Status.ACCEPTED
    assert run(pending, Kind.FILL, Kind.CANCEL_REJECTED).status is Status.PARTIALLY_FILLED


def test_a_fill_after_a_cancel_is_never_dropped() -> None:
    late = run(order(Status.CANCELED, filled=5), Kind.FILL)
    assert (late.status, late.filled_quantity) == (Status.FILLED, Decimal(10))


@pytest.mark.parametrize("status", [Status.FILLED, Status.REJECTED, Status.DENIED])
def test_a_fill_that_cannot_be_makes_an_order_unknown(status: Status) -> None:
    moved = apply(order(status, filled=10 if status is Status.FILLED else 0), event(Kind.FILL))
    assert moved.order.status is Status.UNKNOWN
    assert moved.problem is not None


@pytest.mark.parametrize(
    ("quantity", "price"),
    [
        ("0", "1"),
        ("-1", "1"),
        ("1", "0"),
        (None, "1"),
        (1.5, "1"),
        ("NaN", "1"),
        ("1", "Infinity"),
        ("ten", "1"),
        (True, "1"),
    ],
)
def test_a_fill_without_sound_numbers_changes_nothing(quantity: object, price: object) -> None:
    moved = apply(order(Status.ACCEPTED), event(Kind.FILL, quantity, price))
    assert moved.order == order(Status.ACCEPTED)
    assert moved.problem is not None


EVENTS = st.builds(
    event,
    st.sampled_from(list(Kind)),
    st.integers(1, 6).map(str),
    st.integers(1, 100).map(str),
)


@given(st.lists(EVENTS, max_size=30))
def test_filled_never_falls_and_only_late_fills_move_what_has_ended(events: list[OrderEvent]) -> None:
    now = order()
    for each in events:
        before, now = now, apply(now, each).order
        assert now.filled_quantity >= before.filled_quantity
        assert now.version >= before.version
        if before.status.terminal and now.status is not before.status:
            assert each.kind is Kind.FILL
            assert now.status in {Status.FILLED, Status.UNKNOWN}
        if now.status is Status.FILLED:
            assert now.filled_quantity == now.intent.quantity
        if now.filled_quantity > now.intent.quantity:
            assert now.status is Status.UNKNOWN


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 500)), min_size=1, max_size=3))
def test_the_average_price_is_what_was_paid_over_what_was_got(fills: list[tuple[int, int]]) -> None:
    now = order(Status.ACCEPTED)
    for quantity, price in fills:
        now = apply(now, event(Kind.FILL, str(quantity), str(price))).order
    shares = sum(quantity for quantity, _ in fills)
    spent = sum(quantity * price for quantity, price in fills)
    assert now.average_price is not None
    assert abs(now.average_price * shares - spent) < Decimal("1e-20")
