from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, strategies as st

from stonks.risk.evaluate import Evaluation, evaluate
from stonks.risk.facts import Facts
from stonks.risk.policy import MODERATE
from tests.fakes.facts import facts, holding

ASKED = {"manual": True, "probability_low": None, "confidence": None, "contradiction": None, "sources": None}


def asked(quantity: int, limit: str | None = None, **changes: Any) -> Facts:  # noqa: ANN401 - parts of facts
    """AAPL at 100 dollars, asked for by a person, on an account of 100,000 of which a name may take a twentieth."""
    wanted = {"quantity": Decimal(quantity), "limit": None if limit is None else Decimal(limit)}
    return facts(proposal=ASKED | wanted, **changes)


def gates(evaluation: Evaluation) -> list[str]:
    return list(dict.fromkeys(check.gate for check in evaluation.checks))


def test_a_person_gets_the_size_asked_for_where_no_gate_minds() -> None:
    evaluation = evaluate(asked(40))

    assert (evaluation.primary_reason, int(evaluation.quantity), len(evaluation.clamps)) == (None, 40, 0)
    assert evaluation.sizing["stop_distance"] == 6.0006


def test_every_gate_is_asked_and_those_about_recommendations_pass_nothing() -> None:
    asked_by_engine, asked_by_hand = evaluate(facts()), evaluate(asked(40))

    idle = [check for check in asked_by_hand.checks if check.code == "NO_RECOMMENDATION"]
    assert gates(asked_by_hand) == gates(asked_by_engine)
    assert [(check.gate, check.passed, check.hard) for check in idle] == [
        ("age", False, False),
        ("confidence", False, False),
    ]


def test_a_cap_holds_the_size_down_and_is_recorded() -> None:
    evaluation = evaluate(asked(400))

    assert evaluation.quantity == 49  # a twentieth of 100,000 at an ask of 100.01
    assert [clamp.code for clamp in evaluation.clamps] == ["NAME_CAP"]


def test_a_limit_is_what_a_share_may_cost() -> None:
    assert evaluate(asked(400, limit="95")).quantity == 52


def test_what_is_left_after_the_caps_may_be_too_little() -> None:
    full = holding("AAPL", 50, sector="Information Technology")
    evaluation = evaluate(asked(10, book={"holdings": (full,)}))

    assert (int(evaluation.quantity), evaluation.primary_reason) == (0, "NAME_CAP")


def test_without_a_price_nothing_is_bought() -> None:
    evaluation = evaluate(asked(10, market={"price": None}))

    assert evaluation.quantity == 0
    assert "SIZE_DATA_MISSING" in {check.code for check in evaluation.checks if not check.passed}


def test_an_engines_entry_gets_no_more_than_it_asks_for() -> None:
    whole, part = evaluate(facts()), evaluate(facts(proposal={"quantity": Decimal(3)}))

    assert whole.quantity > 3
    assert part.quantity == 3
    assert part.clamps[-1].code == "ASKED"


def test_the_size_is_kept_where_a_persons_yes_is_all_that_is_missing() -> None:
    limits = msgspec.structs.replace(MODERATE.limits, approval_share={"paper": 0.01})
    strict = msgspec.structs.replace(MODERATE, limits=limits)

    waiting = evaluate(asked(40, policy=strict))
    hopeless = evaluate(asked(40, policy=strict, market={"price": None}))

    assert (waiting.needs_approval, int(waiting.quantity), waiting.primary_reason) == (True, 40, "NEEDS_APPROVAL")
    assert (hopeless.needs_approval, int(hopeless.quantity)) == (False, 0)


@given(st.integers(1, 2_000), st.integers(0, 45), st.decimals("1", "500", places=2))
def test_no_request_gets_more_than_it_asked_for_nor_more_than_its_name_may_take(
    quantity: int, held: int, limit: Decimal
) -> None:
    book = {"holdings": (holding("AAPL", held, sector="Information Technology"),) if held else ()}
    evaluation = evaluate(asked(quantity, limit=str(limit), book=book))

    assert evaluation.quantity <= quantity
    assert float(evaluation.quantity) * float(limit) + held * 100 <= 5_000 + 1e-6
