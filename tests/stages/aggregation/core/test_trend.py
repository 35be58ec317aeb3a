import math
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from stonks.model.signal import HalfLife, Layer, WeightedSignal
from stonks.model.trend import Direction, Trend, Window
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.table import layer_conflict
from stonks.stages.aggregation.core.trend import Outlook, direction_of, recompute
from stonks.stages.aggregation.core.weights import LAYERS, WINDOWS
from tests.fakes.signals import NOW, make_signal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def outlook(*signals: WeightedSignal, **given: object) -> Outlook:
    return recompute("AAPL", columns_of(signals), NOW, given.get("previous", {}))  # type: ignore[arg-type]


def trend(window: Window, *signals: WeightedSignal) -> Trend:
    return outlook(*signals).trends[WINDOWS.index(window)]


unit = st.floats(0.05, 1.0)
signals = st.builds(
    make_signal,
    st.integers(1, 10**9),
    layer=st.sampled_from(Layer),
    source=st.sampled_from(["Reuters", "Wire", "Blog", "Herald"]),
    cluster_id=st.integers(1, 6).map(lambda number: UUID(int=number)),
    event_type=st.sampled_from(["product", "earnings_beat"]),
    direction=st.floats(-1.0, 1.0),
    strength=unit,
    confidence=unit,
    credibility=st.floats(0.1, 1.5),
    novelty=st.floats(0.0, 1.0),
    half_life=st.sampled_from(HalfLife),
    known_at=st.floats(0.0, 80.0).map(lambda days: NOW - days * DAY),
)
many = st.lists(signals, max_size=25, unique_by=lambda signal: signal.id)


# ------------------------------------------------------------------------------------------------ figures by hand


def test_two_opposed_stories_give_the_figures_worked_out_by_hand() -> None:
    # Each source has half of the weight, 0.1 over its cap, so weights are 0.4 x 2 = 0.8 each.
    both = trend(Window.D1, make_signal(1, direction=0.8), make_signal(2, direction=-0.4))

    assert both.weight == pytest.approx(1.6)
    assert both.score == pytest.approx((0.8 * 0.8 - 0.8 * 0.4) / (1.6 + 0.2))
    assert both.n_eff == pytest.approx(2.0)
    assert both.contradiction == pytest.approx(2 * 0.32 / 0.96)
    assert both.contradiction_entropy == pytest.approx(0.9183, abs=1e-4)
    assert both.p_sign == pytest.approx(0.6992, abs=1e-4)
    assert both.confidence == pytest.approx((2 * 0.6992 - 1) * (1 - math.exp(-2 / 3)) * math.sqrt(1 / 3), abs=1e-4)
    assert both.source_share == pytest.approx(0.5)


def test_a_signal_fades_by_its_own_half_life_and_by_the_windows() -> None:
    # A day old: half by its own half-life; half again by each 12 hours of the 1d window; one in the 7d's 3 days.
    old = [make_signal(n, known_at=NOW - DAY, half_life=HalfLife.B1) for n in (1, 2, 3)]

    assert trend(Window.D1, *old).weight == pytest.approx(3 / 2 / 4)
    assert trend(Window.D7, *old).weight == pytest.approx(3 / 2 * 2 ** (-1 / 3))


def test_a_signal_leaves_a_window_at_its_length() -> None:
    inside, outside = (make_signal(1, known_at=NOW - 2 * DAY), make_signal(1, known_at=NOW - 2 * DAY - HOUR / 3600))

    assert trend(Window.D1, inside).weight > 0
    assert trend(Window.D1, outside).weight == 0


def test_a_macro_signal_counts_half_and_a_mere_repetition_a_quarter() -> None:
    # One source alone has all the weight and keeps 40 % of it.
    assert trend(Window.D1, make_signal(1, layer=Layer.MACRO)).weight == pytest.approx(0.5 * 0.4)
    assert trend(Window.D1, make_signal(1, novelty=0.0)).weight == pytest.approx(0.25 * 0.4)


def test_without_signals_a_trend_is_neutral_and_says_why() -> None:
    nothing = trend(Window.D1)

    assert (nothing.score, nothing.confidence, nothing.direction) == (0.0, 0.0, Direction.NEUTRAL)
    assert nothing.suppressions == ("thin", "stale")


# ------------------------------------------------------------------------------------------------ stories


def test_a_syndicated_story_counts_at_most_half_as_much_again() -> None:
    cluster = UUID(int=7)
    once = trend(Window.D1, make_signal(1, cluster_id=cluster))
    copies = [make_signal(n, cluster_id=cluster) for n in range(1, 60)]

    told_by_many = trend(Window.D1, *copies)

    assert told_by_many.weight == pytest.approx(1.5)
    assert told_by_many.n_eff == pytest.approx(1.0)
    assert once.weight == pytest.approx(0.4)


def test_no_source_keeps_more_than_its_share() -> None:
    flood = [make_signal(n, source="Blog", direction=-1.0) for n in range(1, 100)]
    flooded = trend(Window.D1, *flood)

    assert flooded.weight == pytest.approx(0.4 * 99)
    assert flooded.source_share == 1.0
    assert "single_source" in flooded.suppressions


def test_drivers_are_the_strongest_stories_of_each_side() -> None:
    good = [make_signal(n, strength=n / 10) for n in range(1, 9)]
    bad = [make_signal(n, direction=-1.0, strength=(n - 10) / 10) for n in range(11, 14)]

    drivers = trend(Window.D1, *good, *bad).drivers

    assert [driver.signal_id.int for driver in drivers] == [8, 7, 6, 5, 4, 13, 12, 11]
    assert drivers[0].contribution > 0 > drivers[-1].contribution


def test_a_story_is_driven_by_the_report_that_says_it_loudest() -> None:
    story = {"cluster_id": UUID(int=7)}
    drivers = trend(Window.D1, make_signal(1, direction=0.2, **story), make_signal(2, direction=0.9, **story)).drivers

    assert [driver.signal_id.int for driver in drivers] == [2]


# ------------------------------------------------------------------------------------------------ flags


def test_balanced_evidence_is_called_contradictory_once_there_is_enough_of_it() -> None:
    opposed = [make_signal(n, direction=(-1.0) ** n) for n in range(1, 5)]

    assert "contradictory" in trend(Window.D1, *opposed).suppressions
    assert "contradictory" not in trend(Window.D1, *opposed[:2]).suppressions


def test_a_trend_is_stale_when_nothing_came_in_half_its_window() -> None:
    def stale(age: timedelta) -> bool:
        return "stale" in trend(Window.D1, make_signal(1, known_at=NOW - age)).suppressions

    assert not stale(24 * HOUR)
    assert stale(25 * HOUR)


@pytest.mark.parametrize(
    ("own", "macro", "answer"), [(0.3, -0.3, "yes"), (0.3, 0.3, "no"), (0.3, -0.1, "no"), (0.1, -0.3, "no")]
)
def test_layers_are_in_conflict_when_both_are_clear_and_opposed(own: float, macro: float, answer: str) -> None:
    scores = {Layer.COMPANY: own, Layer.MACRO: macro}

    assert layer_conflict(np.array([scores.get(layer, 0.0) for layer in LAYERS])) == (answer == "yes")


@pytest.mark.parametrize(
    ("score", "before", "after"),
    [
        (0.15, Direction.NEUTRAL, Direction.BULLISH),
        (0.14, Direction.NEUTRAL, Direction.NEUTRAL),
        (0.12, Direction.BULLISH, Direction.BULLISH),
        (0.09, Direction.BULLISH, Direction.NEUTRAL),
        (0.12, Direction.BEARISH, Direction.NEUTRAL),
        (-0.12, Direction.BEARISH, Direction.BEARISH),
        (-0.15, Direction.BULLISH, Direction.BEARISH),
    ],
)
def test_a_direction_is_left_later_than_it_is_entered(score: float, before: Direction, after: Direction) -> None:
    assert direction_of(score, before) is after


def test_equal_signals_have_equal_hashes_and_a_new_one_changes_the_windows_it_is_in() -> None:
    old, older = make_signal(1), make_signal(2, known_at=NOW - 20 * DAY)
    before = [trend.input_hash for trend in outlook(old).trends]
    after = [trend.input_hash for trend in outlook(old, older).trends]

    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, True, False, False]


# ------------------------------------------------------------------------------------------------ laws


@given(many)
def test_all_that_is_said_of_a_trend_stays_in_its_range(some: list[WeightedSignal]) -> None:
    for each in outlook(*some).trends:
        assert -1.0 <= each.score <= 1.0
        shares = (each.strength, each.confidence, each.contradiction, each.contradiction_entropy, each.source_share)
        assert all(0.0 <= share <= 1.0 + 1e-12 for share in shares)
        assert 0.5 <= each.p_sign <= 1.0
        assert sum(driver.weight_share for driver in each.drivers) <= 1.0 + 1e-9


@given(many)
def test_what_is_projected_fades_to_nothing(some: list[WeightedSignal]) -> None:
    assume(some)
    made = outlook(*some)
    longest = [projection for projection in made.projections if projection.horizon == 7 * DAY]
    intraday = longest[0]

    assert abs(intraday.value) < 1e-9
    assert all(projection.low <= projection.value <= projection.high for projection in made.projections)


def weights_of(trends: Sequence[Trend]) -> list[float]:
    return [each.weight for each in trends]


@given(many)
def test_a_longer_window_never_weighs_its_signals_less(some: list[WeightedSignal]) -> None:
    told_once = [make_signal(n, known_at=s.known_at, source=s.source) for n, s in enumerate(some, 1)]

    assert weights_of(outlook(*told_once).trends) == sorted(weights_of(outlook(*told_once).trends))
