import math
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from stonks.stages.aggregation.core.momentum import FLOOR, Norm, Past, compared
from tests.fakes.signals import NOW

DAY = timedelta(days=1)
values = st.floats(-2.0, 2.0)
spans = st.floats(0.001, 90.0).map(lambda days: days * DAY)


def test_the_past_weighs_what_stood_by_how_long_and_how_long_ago() -> None:
    # .4 for sixty days, then 0 for sixty: a quarter and a half of the memory, so the mean is a third of .4.
    norm = Norm().after(0.4, 60 * DAY).after(0.0, 60 * DAY)
    mean, spread = 0.4 / 3, math.sqrt(0.16 / 3 - (0.4 / 3) ** 2)

    assert norm.mass == pytest.approx(0.75)
    assert norm.deviations(0.4) == pytest.approx((0.4 - mean) / spread)


@pytest.mark.parametrize(("days", "known"), [(4.9, False), (5.1, True)])
def test_nothing_is_compared_with_less_than_five_days(days: float, *, known: bool) -> None:
    assert (Norm().after(0.1, days * DAY).deviations(0.2) is not None) == known


def test_a_past_that_never_moved_is_taken_to_have_moved_a_little() -> None:
    assert Norm().after(0.1, 90 * DAY).deviations(0.2) == pytest.approx(0.1 / FLOOR)


@given(st.lists(st.tuples(values, spans), min_size=1, max_size=12))
def test_how_often_a_value_is_looked_at_while_it_stands_changes_nothing(past: list[tuple[float, timedelta]]) -> None:
    once = often = Norm()
    for value, stood in past:
        once = once.after(value, stood)
        often = often.after(value, stood / 4).after(value, stood * 0.75)

    assert (once.mass, once.first, once.second) == pytest.approx((often.mass, often.first, often.second), abs=1e-9)


def test_a_first_version_has_nothing_to_be_compared_with() -> None:
    first = compared("AAPL", NOW, 0.3, 0.1, Past())

    assert (first.momentum_z, first.acceleration_z, first.momentum_norm.mass) == (None, None, 0.0)


def test_the_version_before_counts_until_this_one_and_this_one_not_yet() -> None:
    before = Past(as_of=NOW - 10 * DAY, momentum=0.2, acceleration=-0.2, momentum_norm=Norm(), acceleration_norm=Norm())

    now = compared("AAPL", NOW, 0.3, 0.1, before)

    assert (now.momentum_z, now.acceleration_z) == pytest.approx((0.1 / FLOOR, 0.3 / FLOOR))
