from datetime import date, timedelta
from decimal import Decimal

import pytest

from stonks.adapters.broker.quotes import quote, spread
from tests.fakes.facts import bar

MONDAY, TUESDAY = bar(date(2025, 4, 14), (100, 110, 95, 105)), bar(date(2025, 4, 15), (106, 107, 101, 102))


def test_while_a_session_runs_the_price_is_its_open_and_then_its_close() -> None:
    running = quote([MONDAY, TUESDAY], TUESDAY.starts_at + timedelta(hours=1))
    night = quote([MONDAY, TUESDAY], TUESDAY.ends_at + timedelta(hours=1))
    assert running is not None
    assert night is not None
    assert (running.mid, running.at) == (Decimal(106), TUESDAY.starts_at + timedelta(hours=1))
    assert (night.mid, night.at) == (Decimal(102), TUESDAY.ends_at)


def test_at_the_close_the_price_is_the_close() -> None:
    price = quote([MONDAY], MONDAY.ends_at)
    assert price is not None
    assert price.mid == Decimal(105)


def test_before_the_first_bar_there_is_no_price() -> None:
    assert quote([], MONDAY.starts_at) is None


@pytest.mark.parametrize(("volume", "width"), [(1_000_000, "0.0002"), (200_000, "0.0005"), (1000, "0.0015")])
def test_what_trades_more_quotes_tighter(volume: int, width: str) -> None:
    assert spread([bar(date(2025, 4, 14), (100, 100, 100, 100), volume=volume)]) == Decimal(width)
    assert spread([]) == Decimal("0.0015")
