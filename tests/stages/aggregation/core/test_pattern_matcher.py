import math
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import Layer
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.pattern_matcher import (
    PastEvent,
    frequent_types,
    match_patterns,
    pattern_of,
    patterns_of,
)
from tests.fakes.signals import NOW, make_signal


def event(
    own_return: float, *, direction: float = 1.0, market_return: float = 0.0, volatility: float = 0.01
) -> PastEvent:
    return PastEvent(
        event_type="product",
        direction=direction,
        own_return=own_return,
        market_return=market_return,
        volatility=volatility,
    )


def test_the_effect_is_the_mean_move_shrunk_with_twenty_events_without_effect() -> None:
    # Ten moves of +2 standard deviations: 20 / (10 + 20), known to 1 / sqrt(30).
    pattern = pattern_of([event(0.03, market_return=0.01)] * 10)

    assert pattern is not None
    assert (pattern.mean, pattern.effect) == pytest.approx((2.0, 20 / 30))
    assert pattern.error == pytest.approx(1 / math.sqrt(30))
    assert pattern.hit_rate == 1.0


def test_one_extreme_move_does_not_make_a_pattern() -> None:
    calm = [event(0.0)] * 19

    pattern = pattern_of([*calm, event(0.9)])

    assert pattern is not None
    assert pattern.mean == pytest.approx(5 / 20)
    assert patterns_of([*calm, event(0.9)]) == {}


@pytest.mark.parametrize(("events", "found"), [(7, 0), (8, 1)])
def test_eight_events_are_needed(events: int, found: int) -> None:
    assert len(patterns_of([event(0.03)] * events)) == found


def test_moves_that_do_not_agree_are_no_pattern() -> None:
    assert patterns_of([event(0.03), event(-0.03)] * 10) == {}


def test_a_stock_that_falls_on_good_news_is_expected_to_fall_on_good_news() -> None:
    fell = [event(-0.03), event(0.03, direction=-1.0)] * 6

    (good,) = match_patterns([make_signal(1, direction=0.4)], fell, NOW)
    (bad,) = match_patterns([make_signal(1, direction=-0.4)], fell, NOW)

    assert good.signal.direction == -bad.signal.direction < 0
    assert good.signal.layer is Layer.COMPETITIVE
    assert good.record.pattern["events"] == 12


def test_a_days_stories_of_one_kind_count_once_from_the_first() -> None:
    past = [event(0.03)] * 12
    stories = [make_signal(n, known_at=NOW - timedelta(minutes=n)) for n in (1, 2, 3)]
    yesterday = make_signal(4, known_at=NOW - timedelta(days=1))

    (found,) = match_patterns([*stories, yesterday], past, NOW)

    assert found.record.origin_signal_id == stories[2].id


moves = st.builds(event, st.floats(-0.2, 0.2), direction=st.floats(-1.0, 1.0))


@given(st.lists(moves, max_size=30))
def test_what_is_emitted_is_in_range_and_surer_than_chance(past: list[PastEvent]) -> None:
    for found in match_patterns([make_signal(1)], past, NOW):
        assert 0.0 < found.signal.strength <= 1.0
        assert abs(found.signal.direction) == found.signal.strength
        assert 0.8 < found.signal.confidence <= 1.0


def test_a_type_is_frequent_by_the_days_it_is_in_the_companys_own_news() -> None:
    days = [make_signal(n, known_at=NOW - timedelta(days=n)) for n in range(1, 9)]
    same_day = [make_signal(20 + n, event_type="buyback") for n in range(9)]
    ages = [NOW - timedelta(days=n) for n in range(9)]
    others = [make_signal(40 + n, event_type="recall", layer=Layer.MACRO, known_at=at) for n, at in enumerate(ages)]
    unnamed = [make_signal(60 + n, event_type="other", known_at=at) for n, at in enumerate(ages)]

    assert frequent_types(columns_of([*days, *same_day, *others, *unnamed])) == {"product"}
    assert frequent_types(columns_of(days[1:])) == set()
