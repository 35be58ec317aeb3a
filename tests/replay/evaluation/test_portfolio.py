import numpy as np
import pytest

from stonks.replay.evaluation.portfolio import drawdown, spread, tercile_weights

SCORES = np.array([[0.9, 0.5, 0.1, -0.1, -0.4, -0.8]])
RETURNS = np.array([[0.02, 0.01, 0.00, 0.00, -0.01, -0.03]])


def test_a_dollar_is_long_the_highest_third_and_short_the_lowest() -> None:
    assert tercile_weights(SCORES, RETURNS).tolist() == [[0.5, 0.5, 0.0, 0.0, -0.5, -0.5]]


def test_companies_that_tie_at_the_cut_share_its_weight() -> None:
    tied = np.array([[0.9, 0.5, 0.5, 0.5, -0.4, -0.8]])

    weights = tercile_weights(tied, RETURNS)[0]

    assert weights[:4] == pytest.approx([0.5, 1 / 6, 1 / 6, 1 / 6])
    assert weights.sum() == pytest.approx(0.0)


def test_four_dollars_are_traded_a_session_and_pay_for_it() -> None:
    found, net = spread(tercile_weights(SCORES, RETURNS), RETURNS, cost=0.001)

    assert found is not None
    assert found.gross == pytest.approx(0.015 + 0.020)
    assert found.net == pytest.approx(0.035 - 4 * 0.001)
    assert found.turnover == pytest.approx(2.0)
    assert found.breakeven == pytest.approx(0.035 / 4)
    assert net.tolist() == pytest.approx([found.net])


def test_at_the_breakeven_cost_nothing_is_left() -> None:
    random = np.random.default_rng(4)
    scores, returns = random.normal(size=(30, 9)), random.normal(0.0, 0.01, size=(30, 9))
    weights = tercile_weights(scores, returns)

    first, _ = spread(weights, returns)
    assert first is not None
    again, _ = spread(weights, returns, first.breakeven)

    assert again is not None
    assert again.net == pytest.approx(0.0, abs=1e-12)


def test_a_session_with_five_companies_or_one_score_for_all_is_left_out() -> None:
    scores = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, np.nan], [1.0] * 6])

    assert spread(tercile_weights(scores, np.zeros((2, 6))), np.zeros((2, 6)))[0] is None


def test_the_deepest_fall_is_from_the_highest_point_before_it() -> None:
    assert drawdown(np.array([0.1, -0.05, 0.02, -0.2, 0.3])) == pytest.approx(0.23)
    assert drawdown(np.array([-0.1])) == pytest.approx(0.1)
    assert drawdown(np.array([0.1, 0.1])) == 0.0
