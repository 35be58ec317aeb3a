import math
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import HalfLife, Layer
from stonks.stages.aggregation.core.event_study import EventReturn
from stonks.stages.aggregation.core.pattern_matcher import (
    ENOUGH_GROUPS,
    Group,
    Pattern,
    discovered,
    estimates,
    match_patterns,
    patterns_of,
)
from tests.fakes.signals import NOW, make_signal


def group(events: int = 12, mean: float = 2.0, spread: float = 1.0, **fields: Any) -> Group:  # noqa: ANN401
    """Events of the same age, half of them above the mean and half below."""
    plain: dict[str, Any] = {"event_type": "product", "horizon": 1, "ticker": "AAPL", "sector": "IT"}
    return Group(
        **(plain | fields),
        events=events,
        weight=float(events),
        square=float(events),
        total=events * mean,
        squares=events * (mean * mean + spread * spread),
        right=float(events) if mean > spread else events / 2 if mean > -spread else 0.0,
    )


def pattern(**fields: Any) -> Pattern:  # noqa: ANN401
    plain: dict[str, Any] = {"event_type": "product", "horizon": 1, "events": 12, "mean": 1.0, "of_all": 0.1}
    plain |= {"of_sector": 0.2, "effect": 0.5, "error": 0.2, "hit_rate": 0.7, "borrowed": 20.0}
    return Pattern(**(plain | fields))


def past(days: int, **fields: Any) -> EventReturn:  # noqa: ANN401
    plain: dict[str, Any] = {
        "ticker": "AAPL",
        "event_type": "product",
        "entered_at": NOW - timedelta(days=days),
        "horizon": 1,
        "direction": 1.0,
        "own_return": 0.03,
        "market_return": 0.01,
        "beta": 1.0,
        "volatility": 0.01,
        "z": 2.0,
        "exited_at": NOW - timedelta(days=days - 1),
        "signal_ids": (UUID(int=days),),
        "known_at": NOW - timedelta(days=days - 1),
    }
    return EventReturn(**(plain | fields))


def test_an_effect_is_shrunk_from_stock_to_sector_to_all_to_none() -> None:
    own, peer, far = group(10, 2.0), group(30, 1.0, ticker="DELL"), group(60, 0.0, ticker="UNH", sector="Health Care")

    (found,) = estimates("AAPL", [own, peer, far])

    of_all = 100 * 0.5 / (100 + 100)
    of_sector = (40 * 1.25 + 50 * of_all) / (40 + 50)
    assert found.of_all == pytest.approx(of_all)
    assert found.of_sector == pytest.approx(of_sector)
    assert found.effect == pytest.approx((10 * 2.0 + 20 * of_sector) / (10 + 20))


def test_what_is_borrowed_is_only_as_sure_as_whom_it_is_borrowed_from() -> None:
    (alone,) = estimates("AAPL", [group(10, 0.0)])
    (among_many,) = estimates("AAPL", [group(10, 0.0), group(5000, 0.0, ticker="DELL")])

    of_all = 1 / 110
    of_sector = 1 / 60 + (50 / 60) ** 2 * of_all
    assert alone.error == pytest.approx(math.sqrt(1 / 30 + (20 / 30) ** 2 * of_sector))
    assert 1 / math.sqrt(30) < among_many.error < alone.error


def test_an_event_of_long_ago_counts_less() -> None:
    old = msgspec.structs.replace(group(10), weight=5.0, square=2.5, total=10.0, squares=21.25)

    assert old.size == 10.0
    assert old.mean == 2.0
    assert msgspec.structs.replace(old, square=4.0).size == pytest.approx(6.25)


@pytest.mark.parametrize(("events", "holds"), [(7, 0), (8, 1)])
def test_eight_events_of_its_own_are_needed(events: int, holds: int) -> None:
    others = [group(200, 3.0, ticker=f"T{n}") for n in range(9)]

    assert len(patterns_of("AAPL", [group(events, 3.0), *others])) == holds


def test_moves_that_do_not_agree_are_no_pattern() -> None:
    assert patterns_of("AAPL", [group(40, 0.1, 2.0)]) == ()


def test_of_many_types_that_mean_nothing_one_that_looks_well_is_chance() -> None:
    lucky = group(10, 1.1, event_type="lucky")
    nothing = [group(10, 0.0, event_type=f"type {n}") for n in range(30)]

    assert [one.event_type for one in patterns_of("AAPL", [lucky])] == ["lucky"]
    assert patterns_of("AAPL", [lucky, *nothing]) == ()


def test_with_thirty_groups_the_data_say_how_much_is_borrowed() -> None:
    alike = [group(50, 1.0 + 0.01 * (n % 3), 1.0, ticker=f"T{n:02}") for n in range(ENOUGH_GROUPS)]
    unlike = [group(50, 3.0 if n % 2 else -3.0, 1.0, ticker=f"T{n:02}") for n in range(ENOUGH_GROUPS)]

    (usual,) = estimates("T00", alike[:-1])
    (much,) = estimates("T00", alike)
    (little,) = estimates("T00", unlike)

    assert (usual.borrowed, much.borrowed, little.borrowed) == (20.0, 500.0, 5.0)


p_values = st.lists(st.floats(0.0, 1.0), max_size=20)


@given(p_values, st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_a_higher_rate_of_false_discoveries_never_finds_less(tests: list[float], one: float, other: float) -> None:
    low, high = discovered(tests, min(one, other)), discovered(tests, max(one, other))

    assert all(later or not earlier for earlier, later in zip(low, high, strict=True))


@given(p_values)
def test_what_is_less_likely_chance_is_discovered_first(tests: list[float]) -> None:
    holds = discovered(tests)

    limit = max((p for p, held in zip(tests, holds, strict=True) if held), default=-1.0)
    assert holds == [p <= limit for p in tests]
    assert sum(holds) * 0.1 >= limit * len(tests) - 1e-9 or not any(holds)


@given(p_values, st.integers(0, 19), st.floats(0.0, 1.0))
def test_a_test_that_gets_surer_takes_no_discovery_away(tests: list[float], place: int, share: float) -> None:
    surer = [p * share if number == place else p for number, p in enumerate(tests)]

    assert sum(discovered(surer)) >= sum(discovered(tests))


groups = st.lists(
    st.builds(
        group,
        st.integers(1, 40),
        st.floats(-4, 4),
        st.floats(0, 2),
        event_type=st.sampled_from(["product", "recall"]),
        horizon=st.sampled_from([1, 5]),
        ticker=st.sampled_from(["AAPL", "DELL", "UNH"]),
    ),
    max_size=12,
    unique_by=lambda one: (one.event_type, one.horizon, one.ticker),
)


@given(groups)
def test_a_world_turned_round_has_the_opposite_effects(told: list[Group]) -> None:
    turned = [msgspec.structs.replace(one, total=-one.total) for one in told]

    there, here = estimates("AAPL", turned), estimates("AAPL", told)

    assert [one.effect for one in there] == [pytest.approx(-one.effect) for one in here]
    assert [one.error for one in there] == [pytest.approx(one.error) for one in here]


@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_the_groups_does_not_matter(told: list[Group], random: Any) -> None:  # noqa: ANN401
    assert estimates("AAPL", random.sample(told, len(told))) == estimates("AAPL", told)


@given(groups)
def test_what_is_emitted_is_in_range_and_surer_than_chance(told: list[Group]) -> None:
    for found in match_patterns([make_signal(1)], patterns_of("AAPL", told), [], NOW):
        assert 0.0 < found.signal.strength <= 1.0
        assert abs(found.signal.direction) == found.signal.strength
        assert 0.8 < found.signal.confidence <= 1.0


def test_a_stock_that_falls_on_good_news_is_expected_to_fall_on_good_news() -> None:
    fell = [pattern(effect=-0.5)]

    (good,) = match_patterns([make_signal(1, direction=0.4)], fell, [], NOW)
    (bad,) = match_patterns([make_signal(1, direction=-0.4)], fell, [], NOW)

    assert good.signal.direction == -bad.signal.direction < 0
    assert good.signal.layer is Layer.COMPETITIVE


def test_a_record_names_the_events_behind_it_the_newest_first() -> None:
    behind = [past(9), past(30), past(20, horizon=5), past(12, event_type="recall")]

    (found,) = match_patterns([make_signal(1)], [pattern()], behind, NOW)

    shown = found.record.pattern["past"]
    assert [one["signal_ids"] for one in shown] == [[str(UUID(int=9))], [str(UUID(int=30))]]
    assert shown[0]["abnormal"] == pytest.approx(0.02)
    assert found.record.pattern["events"] == 12


def test_of_two_spans_the_surer_one_counts() -> None:
    (found,) = match_patterns([make_signal(1)], [pattern(), pattern(horizon=5, error=0.1)], [], NOW)

    assert (found.record.lag_expected_days, found.signal.half_life) == (5.0, HalfLife.B2)


def test_a_days_stories_of_one_kind_count_once_from_the_first() -> None:
    stories = [make_signal(n, known_at=NOW - timedelta(minutes=n)) for n in (1, 2, 3)]
    yesterday = make_signal(4, known_at=NOW - timedelta(days=1))

    (found,) = match_patterns([*stories, yesterday], [pattern()], [], NOW)

    assert found.record.origin_signal_id == stories[2].id
