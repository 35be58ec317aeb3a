from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from stonks.model.approval import Approval, ApprovalKind
from stonks.model.decision import Decision, Verdict
from stonks.model.recommendation import Mode
from stonks.stages.trading.core.approval import allowed, same_person, still_holds
from stonks.stages.trading.core.decide import decide
from stonks.stages.trading.core.desk import Desk
from tests.stages.trading.core.test_decide import candidate, desk


def strict(mode: str = "live") -> Desk:
    """A desk whose policy has a person asked about every entry in one mode."""
    limits = msgspec.structs.replace(desk().policy.limits, approval_share={mode: 0.0})
    return msgspec.structs.replace(desk(), policy=msgspec.structs.replace(desk().policy, limits=limits))


def decided(mode: Mode) -> Decision:
    wanted = msgspec.structs.replace(candidate(1, "AAPL"), mode=mode)
    return decide(strict(mode.value), wanted)


def asked(mode: Mode = Mode.LIVE) -> Approval:
    approval = decided(mode).approval
    assert approval is not None
    return approval


@pytest.mark.parametrize(("mode", "minutes"), [(Mode.LIVE, 15), (Mode.PAPER, 60)])
def test_a_person_has_a_quarter_of_an_hour_for_real_money_and_an_hour_on_paper(mode: Mode, minutes: int) -> None:
    decision, approval = decided(mode), asked(mode)

    assert (decision.verdict, decision.intent) == (Verdict.NEEDS_APPROVAL, None)
    assert approval.expires_at - approval.requested_at == timedelta(minutes=minutes)
    assert approval.needs_other_eyes is (mode is Mode.LIVE)


def test_the_terms_are_the_decisions_size_within_what_the_price_may_drift() -> None:
    decision, approval = decided(Mode.LIVE), asked()

    assert (approval.kind, approval.quantity) == (ApprovalKind.DECISION, decision.quantity)
    assert approval.price_low < Decimal(100) < approval.price_high
    assert float(approval.price_high / approval.price_low) == pytest.approx(1.01 / 0.99, abs=1e-4)
    assert approval.why == f"{decision.sizing['weight']:.1%} of equity; a person is asked above 0.0%"


def test_any_other_terms_are_another_question() -> None:
    terms = asked().terms("moderate-1")
    others = [
        msgspec.structs.replace(terms, quantity=terms.quantity + 1),
        msgspec.structs.replace(terms, ticker="MSFT"),
        msgspec.structs.replace(terms, price_high=terms.price_high + 1),
        msgspec.structs.replace(terms, price_low=terms.price_low - 1),
        msgspec.structs.replace(terms, policy_version="moderate-2"),
    ]

    assert len({each.hash for each in (terms, *others)}) == 6
    assert msgspec.structs.replace(terms, quantity=Decimal(f"{terms.quantity}.00")).hash == terms.hash


def test_what_was_allowed_goes_while_its_terms_hold_and_its_gates_pass() -> None:
    approval, now = asked(), strict()
    poor = msgspec.structs.replace(now, book=msgspec.structs.replace(now.book, cash=0.0))
    priceless = msgspec.structs.replace(now, markets={"AAPL": msgspec.structs.replace(now.markets["AAPL"], price=None)})

    assert still_holds(now, approval)
    assert allowed(now, approval) == approval.quantity
    assert allowed(poor, approval) == allowed(priceless, approval) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ann", "ann", True),
        ("ann", "bob", False),
        ("local", "local", True),
        ("local", "cli:ann", True),
        ("cli:ann", "cli:bob", False),
        ("cli:ann", "ann", False),
        ("engine", "local", False),
    ],
)
def test_who_may_be_one_person(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert same_person(one, other) is same
    assert same_person(other, one) is same


def test_an_approval_is_of_its_subject_and_terms() -> None:
    assert asked().id == asked().id != UUID(int=0)
    assert asked(Mode.PAPER).order_body == asked().order_body
