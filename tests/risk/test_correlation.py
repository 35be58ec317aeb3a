import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from stonks.model.market import Bar
from stonks.risk import correlation as measure
from stonks.risk.correlation import UNKNOWN, returns_by_day
from tests.fakes.facts import bar


def walk(returns: list[float]) -> list[Bar]:
    price, bars = 100.0, [bar(date(2025, 1, 1), (100, 100, 100, 100))]
    for offset, change in enumerate(returns, start=1):
        price = round(price * math.exp(change), 6)
        bars.append(bar(date(2025, 1, 1) + timedelta(days=offset), (price, price, price, price)))
    return bars


def correlation(first: list[Bar], second: list[Bar]) -> float:
    return measure.correlation(returns_by_day(first), returns_by_day(second))


def noise(seed: int, count: int = 60) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(0, 0.01) for _ in range(count)]


def test_the_same_movement_is_alike_and_its_mirror_image_is_the_opposite() -> None:
    same = noise(1)
    assert correlation(walk(same), walk(same)) > 0.9
    assert correlation(walk(same), walk([-change for change in same])) < -0.9


def test_a_weak_likeness_is_shrunk_and_a_common_factor_is_seen() -> None:
    factor = noise(1)
    one = [2 * f + e for f, e in zip(factor, noise(2), strict=True)]
    other = [2 * f + e for f, e in zip(factor, noise(3), strict=True)]
    assert 0.6 < correlation(walk(one), walk(other)) < 0.9
    assert abs(correlation(walk(noise(4)), walk(noise(5)))) < 0.2


def test_too_few_common_days_count_as_a_common_sector() -> None:
    assert correlation(walk(noise(1, 39)), walk(noise(2, 60))) == UNKNOWN
    assert correlation(walk(noise(1)), walk([0.0] * 60)) == UNKNOWN


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_correlation_is_symmetric_and_within_bounds(seed: int, other: int) -> None:
    one, two = walk(noise(seed)), walk(noise(other))
    assert -1 <= correlation(one, two) <= 1
    assert correlation(one, two) == pytest.approx(correlation(two, one))
