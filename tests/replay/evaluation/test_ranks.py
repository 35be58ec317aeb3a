import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from stonks.replay.evaluation.ranks import (
    coefficient,
    daily_coefficients,
    newey_west_error,
    rank_correlation,
    ranks,
)

NUMBERS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=12)


@given(NUMBERS)
def test_ranks_are_those_that_counting_gives(pairs: list[tuple[int, int]]) -> None:
    values = [float(first) for first, _ in pairs]

    counted = [sum(v < one for v in values) + (sum(v == one for v in values) + 1) / 2 for one in values]

    assert ranks(np.array([values])).tolist() == [counted]


def test_what_is_missing_has_no_rank_and_takes_none() -> None:
    rows = np.array([[3.0, np.nan, 1.0, 1.0], [np.nan, 2.0, 2.0, np.nan]])

    assert np.array_equal(ranks(rows), [[3.0, np.nan, 1.5, 1.5], [np.nan, 1.5, 1.5, np.nan]], equal_nan=True)


@given(NUMBERS)
def test_without_ties_the_correlation_is_spearmans_formula(pairs: list[tuple[int, int]]) -> None:
    count = len(pairs)
    one = np.array([first + place / 100 for place, (first, _) in enumerate(pairs)])
    other = np.array([second - place / 100 for place, (_, second) in enumerate(pairs)])
    squares = sum((a - b) ** 2 for a, b in zip(ranks(one[None])[0], ranks(other[None])[0], strict=True))

    assert rank_correlation(one, other) == pytest.approx(1 - 6 * squares / (count * (count**2 - 1)))


def test_ties_share_their_rank() -> None:
    assert rank_correlation(np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0, 4.0])) == pytest.approx(
        0.9486832980505138  # 3 / sqrt(10), by hand
    )
    assert math.isnan(rank_correlation(np.ones(4), np.arange(4.0)))


def test_a_session_needs_six_companies() -> None:
    scores = np.vstack([np.arange(6.0), np.arange(6.0)])
    scores[1, 0] = np.nan

    daily = daily_coefficients(scores, np.vstack([np.arange(6.0)] * 2))

    assert daily[0] == pytest.approx(1.0)
    assert math.isnan(daily[1])


def test_the_error_of_a_mean_counts_what_neighbours_share() -> None:
    series = np.array([1.0, 2.0, 3.0, 4.0])

    assert newey_west_error(series, 0) == pytest.approx(series.std(ddof=1) / 2.0)
    # around the mean: -1.5 -.5 .5 1.5; squares 5, products one step apart 1.25: 5 + 2 (1/2) 1.25 = 6.25
    assert newey_west_error(series, 1) == pytest.approx(math.sqrt(6.25 / 12.0))


def test_skill_is_found_and_its_interval_covers_it() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(size=(80, 12))
    returns = 0.5 * scores + math.sqrt(0.75) * random.normal(size=scores.shape)

    found = coefficient(scores, returns)

    assert found.days == 80
    assert found.pairs == 960
    assert found.mean == pytest.approx(6 / math.pi * math.asin(0.25), abs=0.05)  # Spearman's of a normal pair
    assert found.interval is not None
    assert found.interval.low < 0.483 < found.interval.high
    assert found.t is not None
    assert found.ratio is not None
    assert found.t == pytest.approx(found.ratio * math.sqrt(80))


def test_nothing_is_said_of_one_session() -> None:
    assert coefficient(np.arange(6.0)[None], np.arange(6.0)[None]).mean is None
