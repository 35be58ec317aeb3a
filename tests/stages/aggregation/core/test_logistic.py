import math

import numpy as np
import pytest

from stonks.stages.aggregation.core.logistic import INVERSE_PENALTY, coefficients, platt


def test_the_coefficients_are_where_the_penalised_loss_is_level() -> None:
    random = np.random.default_rng(21)
    features = random.normal(size=(400, 3)) * [1.0, 10.0, 0.1]
    happened = (random.uniform(size=400) < 1 / (1 + np.exp(-features[:, 0]))).astype(float)

    found = coefficients(features, happened)

    scale = np.sqrt((features**2).mean(axis=0))
    chance = 1 / (1 + np.exp(-(features @ found)))
    slope = (features / scale).T @ (chance - happened) + found * scale / INVERSE_PENALTY
    assert slope == pytest.approx(np.zeros(3), abs=1e-8)
    assert found[0] == pytest.approx(1.0, abs=0.3)


def test_turning_all_evidence_and_outcomes_round_changes_no_coefficient() -> None:
    random = np.random.default_rng(22)
    features = random.normal(size=(200, 2))
    happened = (random.uniform(size=200) < 0.6).astype(float)

    assert coefficients(-features, 1.0 - happened) == pytest.approx(coefficients(features, happened))


def test_a_feature_that_is_always_zero_has_no_coefficient() -> None:
    features = np.column_stack((np.linspace(-1, 1, 50), np.zeros(50)))

    assert coefficients(features, (features[:, 0] > 0).astype(float))[1] == 0.0


def test_platts_line_undoes_what_was_done_to_the_log_odds() -> None:
    random = np.random.default_rng(23)
    true = random.normal(size=4000)
    happened = (random.uniform(size=4000) < 1 / (1 + np.exp(-true))).astype(float)

    found = platt((true - 0.3) * 4.0, happened)

    assert found.slope == pytest.approx(0.25, abs=0.03)
    assert found.intercept == pytest.approx(0.3, abs=0.1)


def test_without_a_slope_the_line_is_the_log_odds_of_platts_targets_and_their_error() -> None:
    happened = np.array([1.0] * 60 + [0.0] * 40)

    found = platt(np.tile([1.0, -1.0], 50), happened)

    share = (60 * 61 / 62 + 40 / 42) / 100
    assert found.slope == pytest.approx(0.0, abs=1e-6)
    assert found.intercept == pytest.approx(math.log(share / (1 - share)), abs=1e-6)
    assert found.intercept_variance == pytest.approx(1 / (100 * share * (1 - share)), rel=1e-3)


def test_a_score_that_pointed_the_wrong_way_teaches_nothing() -> None:
    raw = np.linspace(-1, 1, 100)

    found = platt(raw, (raw < 0).astype(float))

    assert found.slope == 0.0
    assert found.chance(5.0).probability == pytest.approx(0.5)
