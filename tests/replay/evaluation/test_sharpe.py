import math
from statistics import NormalDist

import numpy as np
import pytest

from stonks.replay.evaluation.sharpe import expected_best, ratio_error, sharpe_ratio, spread_of


def test_the_deflated_ratio_is_that_of_the_paper() -> None:
    # Bailey and Lopez de Prado 2014: 2.5 a year over 1,250 days, skewness -3, kurtosis 10, 100 trials of variance 1/2
    ratio = 2.5 / math.sqrt(250)
    best = expected_best(math.sqrt(0.5 / 250), 100)

    assert best == pytest.approx(0.1132, abs=1e-4)
    deflated = NormalDist().cdf((ratio - best) / ratio_error(ratio, -3.0, 10.0, 1250))
    assert deflated == pytest.approx(0.9004, abs=5e-4)


def test_of_normal_returns_the_error_is_the_textbooks() -> None:
    assert ratio_error(0.1, 0.0, 3.0, 101) == pytest.approx(math.sqrt((1 + 0.5 * 0.01) / 100))


def test_the_kurtosis_of_a_normal_sample_is_three() -> None:
    returns = np.random.default_rng(1).normal(0.01, 1.0, size=20_000)

    found = sharpe_ratio(returns, [0.01])

    assert found is not None
    assert found.kurtosis == pytest.approx(3.0, abs=0.1)
    assert found.skewness == pytest.approx(0.0, abs=0.1)
    assert found.ratio == pytest.approx(returns.mean() / returns.std(ddof=1))


def test_each_trial_lowers_the_ratio_that_is_left() -> None:
    returns = np.random.default_rng(2).normal(0.1, 1.0, size=100)
    ratio = float(returns.mean() / returns.std(ddof=1))

    left = [sharpe_ratio(returns, [ratio] * trials) for trials in (1, 2, 10, 100)]

    deflated = [one.deflated for one in left if one is not None]
    assert deflated == sorted(deflated, reverse=True)
    assert left[0] is not None
    assert left[0].expected_best == 0.0
    assert left[0].deflated == left[0].above_zero


def test_trials_that_do_not_differ_are_as_far_apart_as_luck_would_have_them() -> None:
    assert spread_of([0.1, 0.1, 0.1], 101) == pytest.approx(0.1)
    assert spread_of([0.1, 0.3], 101) == pytest.approx(math.sqrt(0.02))


@pytest.mark.parametrize("returns", [[], [0.1, 0.2], [0.1, 0.1, 0.1]])
def test_too_few_returns_or_returns_that_do_not_vary_have_no_ratio(returns: list[float]) -> None:
    assert sharpe_ratio(np.array(returns), [0.1]) is None
