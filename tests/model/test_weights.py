from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.trend import Window
from stonks.model.weights import (
    FEATURES,
    PRIOR_WEIGHTS,
    Calibrator,
    LearnedWeights,
    Platt,
    VennAbers,
    WindowModel,
    features_of,
    sigmoid,
)
from tests.fakes.situations import trend as make_trend

PLATT = Platt(slope=1.0, intercept=0.0, slope_variance=0.04, intercept_variance=0.01, covariance=0.0)
VENN = VennAbers(at=(-1.0, 0.0, 1.0), if_fall=(0.2, 0.4, 0.6), if_rise=(0.4, 0.6, 0.8))


@pytest.mark.parametrize("calibrator", [PLATT, VENN], ids=["platt", "venn_abers"])
@given(raw=st.floats(-5, 5), more=st.floats(0, 5))
def test_a_probability_lies_within_its_interval_and_rises_with_the_evidence(
    calibrator: Calibrator, raw: float, more: float
) -> None:
    chance = calibrator.chance(raw)

    assert 0.0 <= chance.low <= chance.probability <= chance.high <= 1.0
    assert calibrator.chance(raw + more).probability >= chance.probability - 1e-12


def test_venn_abers_stands_between_its_two_fits_by_their_odds() -> None:
    assert VENN.chance(0.5).low == pytest.approx(0.5)
    assert VENN.chance(0.5).high == pytest.approx(0.7)
    assert VENN.chance(0.5).probability == pytest.approx(0.7 / 1.2)
    assert VENN.chance(9.0) == VENN.chance(1.0)


def test_a_source_is_trusted_as_its_event_says_else_as_itself_else_as_its_kind() -> None:
    learned = LearnedWeights(version="v", trust={"wire": {"*": 1.2, "recall": 0.4}})

    assert learned.factor("wire", "recall") == 0.4
    assert learned.factor("wire", "product") == 1.2
    assert learned.factor("blog", "recall") == 1.0
    assert PRIOR_WEIGHTS.factor("wire", "recall") == 1.0


def test_a_trend_turned_round_has_the_opposite_features() -> None:
    trend = make_trend(score=0.4, momentum=0.1, layer_scores={"company": 0.5, "macro": -0.1, "competitive": 0.0})
    turned = msgspec.structs.replace(
        trend, score=-0.4, momentum=-0.1, layer_scores={"company": -0.5, "macro": 0.1, "competitive": 0.0}
    )

    assert features_of(turned) == tuple(-feature for feature in features_of(trend))
    assert len(features_of(trend)) == len(FEATURES)


def test_a_version_survives_being_written_down() -> None:
    model = WindowModel(coefficients=(1.0,) * 6, calibrator=VENN, payoff=0.8, outcomes=600)
    learned = LearnedWeights(version="v", fitted_at=datetime(2025, 5, 2, tzinfo=UTC), models={Window.D1: model})

    assert msgspec.json.decode(msgspec.json.encode(learned), type=LearnedWeights) == learned


def test_the_probability_of_a_model_is_that_of_its_summed_features() -> None:
    model = WindowModel(coefficients=(0.0, 2.0, 0.0, 0.0, 0.0, 0.0), calibrator=PLATT, payoff=0.8, outcomes=600)

    assert model.chance(make_trend(score=0.5)).probability == pytest.approx(sigmoid(1.0))
