import math
from datetime import date, timedelta

import pytest

from stonks.model.market import Bar
from stonks.risk.measures import annual_volatility, average_dollar_volume, average_true_range
from tests.fakes.facts import bar


def flat(count: int) -> list[Bar]:
    return [bar(date(2025, 1, 1) + timedelta(days=n), (100, 101, 99, 100), volume=1000) for n in range(count)]


def test_figures_need_enough_bars() -> None:
    assert average_dollar_volume(flat(19)) is None
    assert average_true_range(flat(14)) is None
    assert annual_volatility(flat(20)) is None


def test_a_steady_price_gives_its_range_its_turnover_and_no_volatility() -> None:
    assert average_dollar_volume(flat(20)) == 100_000
    assert average_true_range(flat(15)) == 2
    assert annual_volatility(flat(21)) == 0


def test_a_gap_counts_into_the_true_range() -> None:
    gapped = [*flat(15), bar(date(2025, 2, 1), (120, 121, 119, 120))]
    assert average_true_range(gapped) == pytest.approx((13 * 2 + 21) / 14)


def test_volatility_is_the_daily_move_times_the_root_of_a_year() -> None:
    closes = [100 * (1.01 if n % 2 else 1) for n in range(41)]
    swinging = [bar(date(2025, 1, 1) + timedelta(days=n), (c, c, c, c)) for n, c in enumerate(closes)]
    assert annual_volatility(swinging) == pytest.approx(math.log(1.01) * math.sqrt(252))
