"""Orders live through any sequence of events; a model made from the plan's table alone says what has to come of it."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from stonks.model.order import OrderEvent, OrderEventKind as Kind, OrderStatus as Status
from stonks.risk.order_machine import TRANSITIONS, apply
from tests.fakes.facts import NOW
from tests.risk.test_order_machine import order

PLAN = """
initialized       denied>denied claimed>submitting accepted canceled expired rejected
submitting        submitted rejected
submitted         accepted rejected canceled pending_cancel pending_update
accepted          triggered pending_update pending_cancel canceled expired rejected replaced
triggered         canceled expired rejected pending_update pending_cancel
pending_update    canceled expired rejected pending_cancel
pending_cancel    canceled expired
partially_filled  canceled expired pending_update pending_cancel
"""
"""The table of trading.md 3.4; an event without a target leads to the state of its name."""
MORE = """
submitting        accepted
submitted         expired
pending_update    replaced
partially_filled  replaced
"""
"""What brokers do besides."""

WANTED = 10
REQUESTS = [Kind.PENDING_UPDATE, Kind.PENDING_CANCEL, Kind.UPDATED, Kind.UPDATE_REJECTED, Kind.CANCEL_REJECTED]
TOLD = [kind for kind in Kind if kind is not Kind.FILL]


def table(*texts: str) -> dict[str, dict[str, str]]:
    moves: dict[str, dict[str, str]] = {}
    for state, *events in (line.split() for text in texts for line in text.strip().splitlines()):
        moves.setdefault(state, {}).update({event.split(">")[0]: event.split(">")[-1] for event in events})
    return moves


MOVES = table(PLAN, MORE)
WAITING = {"pending_update", "pending_cancel"}
ANSWERS = {"updated": "pending_update", "update_rejected": "pending_update", "cancel_rejected": "pending_cancel"}
ENDED = {"denied", "rejected", "filled", "canceled", "expired", "replaced"}
NOT_YET = {"initialized", "denied", "rejected"}


class Model(NamedTuple):
    """An order as the plan has it: its state, the state behind a request, and the shares and dollars it traded."""

    state: str = "initialized"
    behind: str | None = None
    shares: int = 0
    dollars: int = 0

    def told(self, kind: str) -> "tuple[Model, bool]":
        """What an event other than a fill leads to, and whether it was to be expected."""
        if kind in ANSWERS:
            if self.state != ANSWERS[kind] or self.behind is None:
                return self, False
            return self._replace(state=self.behind, behind=None), True
        target = MOVES.get(self.state, {}).get(kind)
        if target is None:
            return self, kind in {"submitted", "accepted"} and self.state not in NOT_YET
        if target not in WAITING:
            return self._replace(state=target, behind=None), True
        return self._replace(state=target, behind=self.behind if self.state in WAITING else self.state), True

    def traded(self, shares: int, price: int) -> "tuple[Model, bool]":
        """What a fill leads to, and whether it could be."""
        got = self._replace(shares=self.shares + shares, dollars=self.dollars + shares * price)
        if got.shares > WANTED or self.state in {"denied", "rejected"}:
            return got._replace(state="unknown", behind=None), False
        if self.state == "unknown":
            return got, True
        if got.shares == WANTED:
            return got._replace(state="filled", behind=None), True
        if self.state in WAITING:
            return got._replace(behind="partially_filled"), True
        return got._replace(state=self.state if self.state in ENDED else "partially_filled", behind=None), True


def event(kind: Kind, key: str, shares: int = 0, price: int = 0) -> OrderEvent:
    detail: dict[str, object] = {"quantity": str(shares), "price": str(price)} if kind is Kind.FILL else {}
    return OrderEvent(kind=kind, at=NOW, dedupe_key=key, source="test", detail=detail)


class Lives(RuleBasedStateMachine):
    """Tells one order anything, in any order and as often as one likes; each key counts once, as in the stage."""

    happened: Bundle[OrderEvent] = Bundle("happened")

    def __init__(self) -> None:
        super().__init__()
        self.order = order()
        self.model = Model()
        self.known: set[str] = set()
        self.fills: dict[str, int] = {}
        self.most = Decimal(0)

    @rule(target=happened, kind=st.sampled_from(TOLD), number=st.integers(0, 99), at_once=st.booleans())
    def something_happens(self, kind: Kind, number: int, *, at_once: bool) -> OrderEvent:
        return self._happened(event(kind, f"{kind}-{number}"), at_once=at_once)

    @rule(target=happened, shares=st.integers(1, 7), price=st.integers(1, 500), number=st.integers(0, 99))
    def shares_are_traded(self, shares: int, price: int, number: int) -> OrderEvent:
        return self._happened(event(Kind.FILL, f"{number}-{shares}-{price}", shares, price), at_once=number % 2 == 0)

    @rule(kind=st.sampled_from(REQUESTS), number=st.integers(100, 199))
    def a_change_is_asked_for_or_answered(self, kind: Kind, number: int) -> None:
        self.is_told(event(kind, f"{kind}-{number}"))

    def _happened(self, what: OrderEvent, *, at_once: bool) -> OrderEvent:
        if at_once:
            self.is_told(what)
        return what

    @rule()
    def the_usual_way_is_taken(self) -> None:
        for kind in (Kind.CLAIMED, Kind.SUBMITTED, Kind.ACCEPTED):
            self.is_told(event(kind, kind.value))

    @rule(told=happened)
    def is_told(self, told: OrderEvent) -> None:
        """Late, again or out of order, as it comes."""
        if told.dedupe_key in self.known:
            return
        self.known.add(told.dedupe_key)
        before, model = self.order, self.model
        if told.kind is Kind.FILL:
            shares, price = int(str(told.detail["quantity"])), int(str(told.detail["price"]))
            self.fills[told.dedupe_key] = shares
            self.model, expected = model.traded(shares, price)
        else:
            self.model, expected = model.told(told.kind.value)
        moved = apply(before, told)
        self.order = moved.order
        assert (moved.problem is None) == expected
        if self.model == model:
            assert self.order == before
        else:
            assert self.order.version == before.version + 1
        if before.status.terminal and self.order.status is not before.status:
            assert told.kind is Kind.FILL

    @invariant()
    def it_is_where_the_plan_has_it(self) -> None:
        behind = None if self.order.previous_status is None else self.order.previous_status.value
        assert (self.order.status.value, behind) == (self.model.state, self.model.behind)

    @invariant()
    def it_has_traded_the_sum_of_its_fills_and_never_less_than_before(self) -> None:
        assert self.order.filled_quantity == sum(self.fills.values()) >= self.most
        self.most = self.order.filled_quantity
        if self.fills:
            paid = (self.order.average_price or 0) * self.order.filled_quantity
            assert abs(paid - self.model.dollars) < Decimal("1e-15")

    @invariant()
    def more_than_was_ordered_is_a_persons_matter(self) -> None:
        if self.order.filled_quantity > WANTED:
            assert self.order.status is Status.UNKNOWN
        if self.order.status is Status.FILLED:
            assert self.order.filled_quantity == WANTED


Lives.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestLives = Lives.TestCase


@pytest.mark.parametrize("status", list(Status))
def test_the_table_is_the_plans(status: Status) -> None:
    moves = {kind.value: target.value for kind, target in TRANSITIONS.get(status, {}).items()}
    assert moves == table(PLAN, MORE).get(status.value, {})


@pytest.mark.parametrize("status", [status for status in Status if status.value not in ENDED])
def test_an_order_that_works_is_filled_by_its_last_share(status: Status) -> None:
    filled = apply(order(status, filled=4, previous=Status.ACCEPTED), event(Kind.FILL, "last", 6, 100)).order
    assert filled.status is (Status.UNKNOWN if status is Status.UNKNOWN else Status.FILLED)
