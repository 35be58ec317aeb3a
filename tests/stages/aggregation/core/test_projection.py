from datetime import timedelta

import pytest

from stonks.model.trend import Projection, Window
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.projection import (
    NORMAL_80,
    NOTHING_KNOWN,
    Hindsight,
    ProjectionError,
    deviation,
    third_of,
)
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.aggregation.core.weights import PRIOR
from tests.fakes.signals import NOW, make_signal

DAY = timedelta(days=1)


def projected(hindsight: Hindsight = NOTHING_KNOWN, *, horizon: timedelta = DAY) -> Projection:
    """The 7d window of two equal stories of direction .1, known now: a score of .08, so leaning."""
    signals = columns_of([make_signal(1, direction=0.1), make_signal(2, direction=0.1)])
    outlook = recompute("AAPL", signals, NOW, {}, PRIOR, hindsight)
    trend = next(trend for trend in outlook.trends if trend.window is Window.D7)
    return next(p for p in outlook.projections if (p.trend_id, p.horizon) == (trend.id, horizon))


def error(radius: float | None, third: int = 1) -> ProjectionError:
    return ProjectionError(window=Window.D7, horizon=DAY, third=third, radius=radius, coverage=0.75)


def test_a_score_fades_by_the_half_lives_of_its_signals_and_the_windows() -> None:
    # Half of each source's weight is over its cap: .8 each of 1. A day on: half, and 2^(-1/3) of that.
    left = 1.6 * 0.5 * 2 ** (-1 / 3)

    assert projected().value == pytest.approx(0.1 * left / (left + PRIOR.prior_weight))


def test_without_outcomes_an_interval_is_the_assumed_one() -> None:
    made = projected()

    assert made.high - made.value == pytest.approx(NORMAL_80 * deviation(DAY))
    assert (made.coverage, made.method) == (None, "decay, cold-start 80 % interval")


def test_with_outcomes_of_its_kind_it_is_theirs() -> None:
    made = projected(Hindsight.of([error(0.03), error(0.5, third=2)], None))

    assert (made.value - made.low, made.high - made.value) == pytest.approx((0.03, 0.03))
    assert (made.coverage, made.method) == (0.75, "decay, split-conformal 80 % interval")


def test_too_few_outcomes_say_how_they_were_covered_and_no_more() -> None:
    made = projected(Hindsight.of([error(None)], None))

    assert made.high - made.value == pytest.approx(NORMAL_80 * deviation(DAY))
    assert made.coverage == 0.75


@pytest.mark.parametrize(("days", "factor"), [(None, 1.0), (3, 1.5), (4, 1.0)])
def test_results_that_are_due_within_the_horizon_widen_the_interval(days: int | None, factor: float) -> None:
    made = projected(Hindsight.of([], days), horizon=3 * DAY)

    assert made.high - made.value == pytest.approx(factor * NORMAL_80 * deviation(3 * DAY))


@pytest.mark.parametrize(("score", "third"), [(0.0, 0), (-0.049, 0), (0.05, 1), (-0.149, 1), (-0.15, 2), (1.0, 2)])
def test_a_score_is_faint_leaning_or_clear(score: float, third: int) -> None:
    assert third_of(score) == third
