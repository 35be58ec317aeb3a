import math

import numpy as np
import pytest

from stonks.replay.evaluation.calibration import calibration, reliability
from stonks.risk.scores import brier, log_loss


def test_scores_are_those_of_a_hand_count() -> None:
    said, happened = np.array([0.8, 0.6, 0.3]), np.array([1.0, 0.0, 0.0])

    assert brier(said, happened) == pytest.approx((0.04 + 0.36 + 0.09) / 3)
    assert log_loss(said, happened) == pytest.approx(-(math.log(0.8) + math.log(0.4) + math.log(0.7)) / 3)
    assert log_loss(np.full(3, 0.5), happened) == pytest.approx(math.log(2))


def test_a_certainty_that_failed_costs_much_and_not_everything() -> None:
    assert log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(27.63, abs=0.01)


def test_skill_is_measured_on_the_base_rate_of_the_sample() -> None:
    happened = np.array([1.0, 1.0, 1.0, 0.0])

    always = calibration(np.full(4, 0.75), happened)
    right = calibration(happened, happened)

    assert always is not None
    assert right is not None
    assert always.skill == pytest.approx(0.0)
    assert always.base_log_loss == pytest.approx(always.log_loss)
    assert right.skill == pytest.approx(1.0)
    assert calibration(np.empty(0), np.empty(0)) is None


def test_the_calibration_error_is_the_mean_distance_over_ten_bins_of_equal_mass() -> None:
    said = np.repeat([0.2, 0.7], 50)
    happened = np.concatenate([np.tile([1, 0, 0, 0, 0], 10), np.tile([1, 0], 25)]).astype(float)

    bins = reliability(said, happened)
    found = calibration(said, happened)

    assert [one.count for one in bins] == [10] * 10
    assert found is not None
    assert found.error >= abs(0.2 - 0.2) / 2 + abs(0.7 - 0.5) / 2 - 1e-12


def test_the_order_of_cases_changes_nothing() -> None:
    random = np.random.default_rng(5)
    said = np.round(random.uniform(size=97), 1)
    happened = (random.uniform(size=97) < said).astype(float)
    order = random.permutation(97)

    assert reliability(said[order], happened[order]) == reliability(said, happened)
