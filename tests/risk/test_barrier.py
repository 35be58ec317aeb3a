from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from stonks.model.market import Bar
from stonks.risk.barrier import Hit, around, on_tick, reached, trailed, unstopped
from stonks.risk.policy import MODERATE
from tests.fakes.facts import bar

BARRIER = around(100.0, 5.0, MODERATE.sizes)
DAY = date(2025, 4, 14)


def days(*prices: tuple[float, float, float, float]) -> list[Bar]:
    return [bar(DAY + timedelta(days=offset), each) for offset, each in enumerate(prices)]


QUIET = (100, 101, 99, 100)


def test_the_barriers_lie_around_the_entry() -> None:
    assert (BARRIER.stop, BARRIER.target, BARRIER.trails_from, BARRIER.sessions) == (95, 110, 105, 20)


@pytest.mark.parametrize(
    ("prices", "hit", "level"),
    [
        ([QUIET, (99, 100, 95, 96)], Hit.STOP, 95),
        ([QUIET, (109, 110, 108, 110)], Hit.TARGET, 110),
        ([(100, 111, 94, 100)], Hit.STOP, 95),
        ([(100, 107, 100, 106), (106, 106, 101, 102)], Hit.TRAILING, 102),
        ([QUIET] * 20, Hit.TIME_LIMIT, 100),
    ],
)
def test_the_first_barrier_reached_ends_a_position(
    prices: list[tuple[float, float, float, float]], hit: Hit, level: float
) -> None:
    found = reached(BARRIER, days(*prices))
    assert found is not None
    assert (found.hit, found.level, found.at) == (hit, level, days(*prices)[-1].ends_at)


def test_a_position_between_its_barriers_is_kept() -> None:
    assert reached(BARRIER, []) is None
    assert reached(BARRIER, days(*[QUIET] * 19)) is None


def test_a_high_does_not_trail_the_stop_within_its_own_bar() -> None:
    assert reached(BARRIER, days((100, 109, 99, 108))) is None


def test_a_stop_trails_the_highest_price_once_it_has_come_far_enough_and_only_upward() -> None:
    assert trailed(BARRIER, []) is None
    assert trailed(BARRIER, days((100, 104.99, 99, 104))) is None
    assert trailed(BARRIER, days((100, 107, 99, 104), (104, 106, 103, 105))) == 102


def test_without_its_stops_a_barrier_is_a_target_and_a_time_limit() -> None:
    rest = unstopped(BARRIER)

    assert reached(rest, days((100, 109, 80, 90))) is None
    hit = reached(rest, days((100, 111, 80, 90)))
    assert hit is not None
    assert hit.hit is Hit.TARGET


@given(st.floats(0.0001, 1e6))
def test_a_stops_price_is_on_the_tick_and_not_above_what_was_meant(level: float) -> None:
    price = on_tick(level)

    tick = Decimal("0.01") if price >= 1 else Decimal("0.0001")
    assert 0 < price <= Decimal(repr(level))
    assert price % tick == 0


@given(st.lists(st.tuples(st.integers(80, 120), st.integers(0, 15), st.integers(0, 15)), max_size=25))
def test_an_answer_once_given_does_not_change_with_later_bars(moves: list[tuple[int, int, int]]) -> None:
    prices = [(middle, middle + up, middle - down, middle) for middle, up, down in moves]
    bars = days(*prices)
    answers = [reached(BARRIER, bars[:count]) for count in range(len(bars) + 1)]
    first = next((answer for answer in answers if answer is not None), None)
    assert all(answer == first for answer in answers if answer is not None)
