import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from stonks.model.decision import Check
from stonks.model.recommendation import Mode
from stonks.risk.evaluate import GATES, evaluate, recheck
from stonks.risk.facts import Facts, TradingState
from stonks.risk.policy import CONSERVATIVE
from tests.fakes.facts import facts, holding, price, sale

ORDER = [*(gate.name for gate in GATES), "approval", "size"]


def asked(checks: Sequence[Check]) -> list[str]:
    """Gate names in the order of their first check."""
    return list(dict.fromkeys(check.gate for check in checks))


def test_all_nineteen_gates_answer_in_order_and_then_the_size() -> None:
    evaluation = evaluate(facts())
    assert asked(evaluation.checks) == ORDER
    assert len(ORDER) == 20
    assert (evaluation.primary_reason, evaluation.quantity) == (None, Decimal(26))


def test_a_failing_gate_does_not_keep_the_later_ones_from_answering() -> None:
    evaluation = evaluate(
        facts(proposal={"confidence": 0.1}, book={"state": TradingState.HALTED}, market={"adv": None})
    )
    failed = [check.code for check in evaluation.checks if not check.passed]
    assert asked(evaluation.checks) == ORDER
    assert failed == ["TRADING_HALTED", "CONFIDENCE_LOW", "ADV_CAP_DATA_MISSING"]
    assert (evaluation.primary_reason, evaluation.quantity) == ("TRADING_HALTED", Decimal(0))


def test_a_soft_failure_is_recorded_and_does_not_stop_the_order() -> None:
    evaluation = evaluate(facts(market={"earnings": ()}))
    assert [check.code for check in evaluation.checks if not check.passed] == ["EARNINGS_BLACKOUT_DATA_MISSING"]
    assert evaluation.quantity == Decimal(26)


def test_an_exit_is_asked_only_what_concerns_exits() -> None:
    evaluation = evaluate(sale(50, proposal={"confidence": 0.0, "sources": 0}))
    skipped = [check.gate for check in evaluation.checks if check.code == "NOT_ASKED_OF_EXITS"]
    assert skipped == [*(gate.name for gate in GATES if not gate.of_exits), "approval"]
    assert (evaluation.primary_reason, evaluation.quantity) == (None, Decimal(50))


def test_an_exit_is_made_smaller_where_too_little_trades() -> None:
    evaluation = evaluate(sale(50, market={"adv": 400_000.0, "price": price(100, spread=0)}))
    assert evaluation.quantity == Decimal(20)
    assert [clamp.code for clamp in evaluation.clamps] == ["ADV_CAP"]


def test_an_exit_sells_a_share_at_least_however_little_trades() -> None:
    evaluation = evaluate(sale(50, market={"adv": 10_000.0}))
    assert (evaluation.primary_reason, evaluation.quantity) == (None, Decimal(1))


def test_a_large_entry_of_a_cautious_tier_waits_for_a_person() -> None:
    sure = {"probability": 0.9, "probability_low": 0.9, "contradiction": 0.0}
    evaluation = evaluate(facts(policy=CONSERVATIVE, proposal=sure))
    assert evaluation.primary_reason == "NEEDS_APPROVAL"


NUMBER = st.sampled_from([None, math.nan, -1.0, 0.0, 0.5, 1.0, 100.0, 1e9])


@given(
    st.fixed_dictionaries({"probability_low": NUMBER, "confidence": NUMBER, "contradiction": NUMBER}),
    st.fixed_dictionaries({"adv": NUMBER, "atr": NUMBER, "volatility": NUMBER}),
    st.fixed_dictionaries({"equity": NUMBER, "cash": NUMBER}),
)
def test_no_input_makes_an_evaluation_fail_or_pass_on_unknown_numbers(
    proposal: dict[str, Any], market: dict[str, Any], book: dict[str, Any]
) -> None:
    evaluation = evaluate(facts(proposal=proposal, market=market, book=book))
    numbers = [*proposal.values(), *market.values(), *book.values()]
    if any(number is None or math.isnan(number) for number in numbers):
        assert evaluation.primary_reason is not None
    if evaluation.primary_reason is not None:
        assert evaluation.quantity == 0


@given(st.integers(0, 60), st.integers(0, 200), st.floats(1_000, 100_000), st.sampled_from(list(Mode)))
def test_no_sequence_of_holdings_lets_an_entry_exceed_its_caps(held: int, other: int, cash: float, mode: Mode) -> None:
    holdings = (holding("AAPL", held, sector="Information Technology"), holding("JPM", other))
    given = facts(proposal={"mode": mode}, book={"holdings": holdings, "cash": cash})
    spent = float(evaluate(given).quantity) * 100.01
    assert spent <= cash
    assert held * 100 + spent <= max(held * 100, 0.05 * 100_000 + 100.01)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (facts(proposal={"quantity": Decimal(10)}), None),
        (facts(proposal={"quantity": Decimal(10)}, book={"state": TradingState.REDUCING}), "REDUCE_ONLY"),
        (facts(proposal={"quantity": Decimal(1000)}), "INSUFFICIENT_BP"),
        (facts(proposal={"quantity": Decimal(10)}, market={"price": price(101.1)}), "PRICE_DRIFT"),
        (facts(proposal={"quantity": Decimal(10)}, market={"price": None}), "QUOTE_STALE_DATA_MISSING"),
        (sale(50, book={"state": TradingState.REDUCING}), None),
        (sale(50, market={"price": price(120)}), None),
        (sale(50, book={"holdings": ()}), "NOT_SHORTABLE"),
    ],
)
def test_what_may_have_changed_since_the_decision_is_asked_again(given: Facts, reason: str | None) -> None:
    evaluation = recheck(given, 100.0)
    assert evaluation.primary_reason == reason
    assert evaluation.quantity == (given.proposal.quantity if reason is None else 0)


def test_an_entry_without_a_price_at_its_decision_is_denied() -> None:
    assert recheck(facts(proposal={"quantity": Decimal(10)}), None).primary_reason == "PRICE_DRIFT_DATA_MISSING"


def test_a_sale_keeps_the_bid_it_was_decided_at() -> None:
    facts = sale()

    assert facts.market.price is not None
    assert evaluate(facts).sizing["price"] == float(facts.market.price.bid)
