from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from stonks.adapters.broker.fees import fee
from stonks.model.order import Side


@pytest.mark.parametrize(
    ("quantity", "price", "day", "dollars"),
    [
        (100, "200", date(2025, 4, 16), "0.58"),
        (100, "200", date(2025, 5, 13), "0.58"),
        (100, "200", date(2025, 5, 14), "0.02"),
        (100, "200", date(2014, 6, 9), "0.47"),
        (1_000_000, "1", date(2025, 4, 16), "36.10"),
        (100, "200", date(1999, 1, 4), "0"),
    ],
)
def test_a_sale_pays_the_fees_of_its_day(quantity: int, price: str, day: date, dollars: str) -> None:
    assert fee(Side.SELL, Decimal(quantity), Decimal(price), day) == Decimal(dollars)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_buying_is_free_and_a_sale_never_costs_more_than_it_brings_by_far(quantity: int, cents: int, day: date) -> None:
    price = Decimal(cents) / 100
    assert fee(Side.BUY, Decimal(quantity), price, day) == 0
    assert 0 <= fee(Side.SELL, Decimal(quantity), price, day) <= quantity * price / 10_000 + 10
