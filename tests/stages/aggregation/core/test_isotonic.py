import numpy as np
import pytest
from hypothesis import given, strategies as st

from stonks.stages.aggregation.core.isotonic import isotonic, venn_abers


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_the_fit_is_the_rising_sequence_of_the_min_max_formula(values: list[float]) -> None:
    count = len(values)
    plain = [
        max(min(np.mean(values[start : end + 1]) for end in range(place, count)) for start in range(place + 1))
        for place in range(count)
    ]

    assert isotonic(np.array(values)) == pytest.approx(plain)


def test_a_rising_sequence_is_its_own_fit() -> None:
    assert isotonic(np.array([0.1, 0.2, 0.9])).tolist() == [0.1, 0.2, 0.9]


def test_the_two_fits_hold_the_frequency_between_them_and_close_in_on_it() -> None:
    random = np.random.default_rng(11)
    raw = random.normal(size=2000)
    happened = (random.uniform(size=2000) < 1 / (1 + np.exp(-raw))).astype(float)

    few, many = venn_abers(raw[:100], happened[:100]), venn_abers(raw, happened)

    for point in (-1.0, 0.0, 1.0):
        chance = many.chance(point)
        assert chance.low <= chance.probability <= chance.high
        assert chance.probability == pytest.approx(1 / (1 + np.exp(-point)), abs=0.08)
        assert chance.high - chance.low < few.chance(point).high - few.chance(point).low


def test_the_two_fits_rise_and_do_not_depend_on_the_order() -> None:
    random = np.random.default_rng(12)
    raw = np.round(random.normal(size=200), 1)  # with ties
    happened = (random.uniform(size=200) < 0.5).astype(float)
    order = random.permutation(200)

    found = venn_abers(raw, happened)

    assert list(found.if_fall) == sorted(found.if_fall)
    assert list(found.if_rise) == sorted(found.if_rise)
    assert all(low <= high for low, high in zip(found.if_fall, found.if_rise, strict=True))
    assert venn_abers(raw[order], happened[order]) == found


def test_of_one_score_both_fits_are_the_frequency_with_one_more() -> None:
    found = venn_abers(np.zeros(9), np.array([1.0] * 6 + [0.0] * 3))

    assert found.if_fall == pytest.approx([6 / 10])
    assert found.if_rise == pytest.approx([7 / 10])
