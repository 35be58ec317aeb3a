import math

import pytest
from hypothesis import given, strategies as st

from stonks.model.trend import Window
from stonks.model.weights import FEATURES, Platt, WindowModel
from stonks.stages.recommendation.core.forecast import cost, forecast, standard_error
from tests.fakes.situations import ZIGZAG, situation, trend


def test_the_figures_are_those_worked_out_by_hand() -> None:
    # logit p = 0.9 x 0.2 x 0.5 = 0.09; a swing of ln(1.02) a day; Phi(1) = .8413: the error is as large as the score;
    # half of it either way is 0.1 and 0.3.
    seen = forecast(situation(trend={"score": 0.2, "confidence": 0.5, "p_sign": 0.8413447}))
    swing = math.log(1.02)

    assert seen.probability == pytest.approx(0.5224848)
    assert (seen.low, seen.high) == pytest.approx((1 / (1 + math.exp(-0.045)), 1 / (1 + math.exp(-0.135))))
    assert seen.volatility == pytest.approx(swing)
    assert seen.expected_return == pytest.approx(0.0449696 * 0.8 * swing, rel=1e-4)
    assert seen.cost == pytest.approx(0.0005 + 0.1 * swing * math.sqrt(1e4 / 5e9))


def test_a_week_has_five_sessions_of_volatility() -> None:
    one, week = (forecast(situation(trend={"window": window})) for window in (Window.D1, Window.D7))

    assert one.volatility is not None
    assert week.volatility == pytest.approx(one.volatility * math.sqrt(5))


def test_too_few_prices_give_no_volatility_and_no_return() -> None:
    seen = forecast(situation(closes=ZIGZAG[:20], closed_at=situation().closed_at[:20]))

    assert (seen.volatility, seen.expected_return) == (None, 0.0)


def test_what_is_little_traded_costs_more() -> None:
    assert cost(5e9, 0.02) < cost(50e6, 0.02) < cost(5e6, 0.02)
    assert cost(None, None) == 0.0020


def test_a_trend_without_signals_knows_nothing_of_its_score() -> None:
    assert standard_error(trend(score=0.0, p_sign=0.5)) == 0.5


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0.5, 1))
def test_a_probability_lies_in_its_interval_and_both_in_the_bound(score: float, confidence: float, p: float) -> None:
    seen = forecast(situation(trend={"score": score, "confidence": confidence, "p_sign": p}))

    assert 0.42 <= seen.low <= seen.probability <= seen.high <= 0.58


@given(st.floats(-1, 1), st.floats(0, 1))
def test_the_opposite_score_has_the_opposite_probability(score: float, confidence: float) -> None:
    one, other = (forecast(situation(trend={"score": x, "confidence": confidence})) for x in (score, -score))

    assert other.probability == pytest.approx(1 - one.probability)
    assert (other.low, other.high) == pytest.approx((1 - one.high, 1 - one.low))


def test_a_model_in_force_takes_the_place_of_the_prior() -> None:
    # lean = 0.5 x 0.4 = 0.2; log-odds 3 x 0.2 x 2 = 1.2, with an error of sqrt(.01) = .1 times their raw .6.
    calibrator = Platt(slope=2.0, intercept=0.0, slope_variance=0.01, intercept_variance=0.0, covariance=0.0)
    coefficients = tuple(3.0 if name == "lean" else 0.0 for name in FEATURES)
    model = WindowModel(coefficients=coefficients, calibrator=calibrator, payoff=0.3, outcomes=900)

    seen = forecast(situation(trend={"score": 0.5, "confidence": 0.4}, model=model))

    expected = [1 / (1 + math.exp(-log_odds)) for log_odds in (1.14, 1.2, 1.26)]
    assert [seen.low, seen.probability, seen.high] == pytest.approx(expected)
    assert seen.volatility is not None
    assert seen.expected_return == pytest.approx((2 * expected[1] - 1) * 0.3 * seen.volatility)
