import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.recommendation import Advice, Mode, Recommendation, SuppressionCode
from stonks.model.trend import Direction, Window
from stonks.stages.recommendation.core.checks import RULES, Kind
from stonks.stages.recommendation.core.decide import Advised, recommend
from stonks.stages.recommendation.core.situation import Flaw, Situation
from tests.fakes.signals import NOW
from tests.fakes.situations import DAY, HOUR, ZIGZAG, driver, mirrored, situation, voice

MOVED = {"closes": (*ZIGZAG[:-1], 108.0), "voices": (voice(1, known_at=NOW - 30 * HOUR),)}


def advise(ceiling: Mode = Mode.PAPER, **changes: Any) -> Advised:  # noqa: ANN401 - as situation takes them
    return recommend(situation(**changes), NOW, ceiling)


def codes(advised: Advised) -> list[str]:
    return [each.code for each in advised.recommendation.suppressions]


# ------------------------------------------------------------------------------------------------ actions


def test_a_strong_unanimous_trend_of_many_sources_is_bought_on_paper() -> None:
    advised = advise()

    assert advised.recommendation.action is Advice.BUY
    assert advised.recommendation.mode is Mode.PAPER
    assert advised.verdict == "eligible"
    assert codes(advised) == []


def test_selling_mirrors_buying() -> None:
    bought, sold = advise().recommendation, advise(trend=mirrored({})).recommendation

    assert (sold.action, sold.mode) == (Advice.SELL, Mode.PAPER)
    assert sold.probability == pytest.approx(1 - bought.probability)
    assert sold.expected_return == pytest.approx(-bought.expected_return)


def test_a_clear_trend_with_little_to_gain_is_watched() -> None:
    advised = advise(trend={"score": 0.16, "confidence": 0.3})

    assert advised.recommendation.action is Advice.WATCH
    assert codes(advised) == ["low_probability", "thin_edge", "low_confidence"]
    assert advised.recommendation.mode is Mode.INFORMATIONAL


def test_a_faint_trend_is_left_alone_without_a_reason_to_hold_it_back() -> None:
    advised = advise(trend={"score": 0.05, "direction": Direction.NEUTRAL})

    assert advised.recommendation.action is Advice.HOLD
    assert advised.verdict == "no_action"
    assert codes(advised) == []


def test_the_mode_never_rises_over_the_ceiling() -> None:
    assert advise(Mode.INFORMATIONAL).recommendation.mode is Mode.INFORMATIONAL


# ------------------------------------------------------------------------------------------------ suppressions


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("contradictory", {"trend": {"suppressions": ("contradictory",), "contradiction": 0.7}}),
        ("thin", {"trend": {"n_eff": 1.4}}),
        ("stale", {"trend": {"newest_known_at": NOW - 25 * HOUR}}),
        ("stale", {"trend": {"newest_known_at": None}}),
        ("single_source", {"trend": {"source_share": 0.71}}),
        ("layer_conflict", {"trend": {"suppressions": ("layer_conflict",)}}),
        ("low_quality", {"voices": (voice(1, quality=0.3), voice(2, quality=0.35))}),
        ("unverified", {"voices": (voice(1, verified_ratio=0.4), voice(2, verified_ratio=None))}),
        ("data_gap", {"closed_at": tuple(at - 6 * DAY for at in situation().closed_at)}),
        ("price_already_moved", MOVED),
        ("earnings_blackout", {"earnings_in_days": 2}),
        ("illiquid", {"dollar_volume": 4.9e6, "trend": {"window": Window.D7}}),
        ("duplicate", {"acted_at": NOW - HOUR}),
        ("cooldown", {"sold_at": NOW - 23 * HOUR}),
        ("model_unreliable", {"model_flaw": Flaw(observed=0.4, limit=0.2)}),
    ],
)
def test_a_reason_not_to_act_leaves_the_action_and_takes_its_mode(code: str, changes: dict[str, Any]) -> None:
    wide = changes.get("trend", {})
    advised = advise(**(changes | {"trend": {"score": 0.9, "p_sign": 0.9999, "confidence": 0.9} | wide}))

    assert codes(advised) == [code]
    assert advised.recommendation.action is Advice.BUY
    assert advised.recommendation.mode is Mode.INFORMATIONAL
    assert advised.verdict == "suppressed"


def test_without_prices_nothing_is_entered() -> None:
    advised = advise(closes=(), closed_at=(), price=None, dollar_volume=None)

    assert {"thin_edge", "data_gap", "illiquid"} <= set(codes(advised))
    assert advised.recommendation.action is Advice.WATCH


@pytest.mark.parametrize(
    "changes",
    [
        {"earnings_in_days": 3},
        {"sold_at": NOW - 24 * HOUR},
        {"bought_at": NOW - HOUR},
        {"acted_at": NOW - 2 * HOUR},
        {"voices": (voice(1, verified_ratio=None, quality=0.35),)},
        {"closes": (*ZIGZAG[:-1], 80.0), "voices": (voice(1, known_at=NOW - 30 * HOUR),)},
    ],
)
def test_what_is_within_its_limit_holds_nothing_back(changes: dict[str, Any]) -> None:
    assert codes(advise(**changes)) == []


def test_every_check_is_answered_every_time_and_each_can_fail() -> None:
    assert [check.code for check in advise().checks] == [rule.code for rule in RULES]
    assert {rule.kind for rule in RULES} == set(Kind)
    assert sorted(rule.code for rule in RULES) == sorted(SuppressionCode)


def test_what_nothing_is_known_of_holds_nothing_back_and_says_so() -> None:
    unknown = {check.code: check for check in advise().checks if not check.passed}

    assert unknown.keys() == {"halted", "calibration_degraded"}
    assert all(isinstance(check.observed, str) and not check.hard for check in unknown.values())


# ------------------------------------------------------------------------------------------------ exits


def test_a_position_that_the_trend_turned_against_is_left_at_a_tenth() -> None:
    faint = mirrored({"score": 0.10, "confidence": 0.2, "direction": Direction.NEUTRAL})

    flaw = Flaw(observed=0.4, limit=0.2)
    held = advise(trend=faint, held=Decimal(10), earnings_in_days=0, bought_at=NOW - HOUR, model_flaw=flaw)
    less = advise(trend=faint | {"score": -0.09}, held=Decimal(10))

    assert (held.recommendation.action, held.recommendation.mode) == (Advice.SELL, Mode.PAPER)
    assert less.recommendation.action is Advice.HOLD


def test_an_exit_is_held_back_by_doubt_about_the_evidence() -> None:
    advised = advise(trend=mirrored({"n_eff": 1.0}), held=Decimal(10))

    assert (advised.recommendation.action, advised.recommendation.mode) == (Advice.SELL, Mode.INFORMATIONAL)
    assert codes(advised) == ["thin"]


# ------------------------------------------------------------------------------------------------ identity, evidence


def test_the_same_situation_has_the_same_recommendation_and_another_position_another() -> None:
    assert advise().recommendation == advise().recommendation
    assert advise().recommendation.id != advise(held=Decimal(1)).recommendation.id


def test_evidence_stands_for_or_against_the_side_that_is_proposed() -> None:
    bought, sold = advise().evidence, advise(trend=mirrored({})).evidence

    assert [reason.side for reason in bought] == ["for", "for", "against"]
    assert [reason.side for reason in sold] == ["for", "for", "against"]
    assert [reason.weight_share for reason in bought] == [0.3, 0.2, 0.1]


# ------------------------------------------------------------------------------------------------ thesis


def test_the_thesis_says_what_why_and_what_speaks_against_it() -> None:
    thesis = advise().recommendation.thesis_template

    assert thesis.startswith("Buy Apple Inc. (AAPL) for the next session. The score is +0.45")
    assert "For it: earnings beat (B Times, 2025-04-10 11:40 UTC, 30% of the weight);" in thesis
    assert "Against it: antitrust (D Times," in thesis


def figures(text: str) -> set[str]:
    """Every number of a text, without those of dates."""
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", text)))


def allowed(advised: Advised, given: Situation) -> set[str]:
    """Every number of the recommendation and its trend, as it may be written."""
    numbers: list[float] = [-1.0, 1.0]
    numbers += [value for value in vars_of(advised.recommendation) if isinstance(value, float)]
    numbers += [value for value in vars_of(given.trend) if isinstance(value, float)]
    numbers += [driver.weight_share for driver in given.trend.drivers]
    for each in advised.recommendation.suppressions:
        numbers += [value for value in (each.observed, each.limit) if value is not None]
    return {f"{abs(n) * scale:.{digits}f}" for n in numbers for scale in (1, 100) for digits in range(4)}


def vars_of(struct: Recommendation | msgspec.Struct) -> list[object]:
    return [getattr(struct, name) for name in struct.__struct_fields__]


@given(
    score=st.floats(-1, 1),
    confidence=st.floats(0, 1),
    p_sign=st.floats(0.5, 1),
    n_eff=st.floats(0, 30),
    share=st.floats(0, 1),
    age=st.floats(0, 48),
    window=st.sampled_from([Window.D1, Window.D7]),
)
def test_every_figure_of_a_thesis_is_one_that_was_computed(age: float, share: float, **changes: Any) -> None:  # noqa: ANN401
    made = situation(
        trend=changes | {"source_share": share, "newest_known_at": NOW - timedelta(hours=age)}, sold_at=NOW - HOUR
    )

    advised = recommend(made, NOW, Mode.PAPER)

    assert figures(advised.recommendation.thesis_template) <= allowed(advised, made)


def test_a_thesis_without_a_known_voice_still_gives_its_share() -> None:
    advised = advise(voices=(), trend={"drivers": (driver(1, 0.4, 0.3),)})

    assert "For it: 30% of the weight. Nothing of weight speaks against it." in advised.recommendation.thesis_template
