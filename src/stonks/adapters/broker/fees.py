"""What a sale costs by law, by the day it is made: the SEC's section 31 fee and FINRA's trading activity fee."""

from bisect import bisect_right
from datetime import date
from decimal import ROUND_UP, Decimal

from stonks.model.order import Side

_CENT = Decimal("0.01")
_MILLION = Decimal(1_000_000)

SECTION_31 = (
    (date(2013, 5, 25), Decimal("17.40")),
    (date(2014, 3, 18), Decimal("22.10")),
    (date(2015, 2, 14), Decimal("18.40")),
    (date(2016, 2, 16), Decimal("21.80")),
    (date(2017, 7, 4), Decimal("23.10")),
    (date(2018, 5, 22), Decimal("13.00")),
    (date(2019, 4, 16), Decimal("20.70")),
    (date(2020, 2, 18), Decimal("22.10")),
    (date(2021, 2, 25), Decimal("5.10")),
    (date(2022, 5, 14), Decimal("22.90")),
    (date(2023, 2, 27), Decimal("8.00")),
    (date(2024, 5, 22), Decimal("27.80")),
    (date(2025, 5, 14), Decimal("0.00")),
    (date(2026, 4, 4), Decimal("20.60")),
)
"""First day, and dollars a million dollars sold."""

TRADING_ACTIVITY = (
    (date(2012, 7, 1), Decimal("0.000119"), Decimal("5.95")),
    (date(2022, 1, 1), Decimal("0.000130"), Decimal("6.49")),
    (date(2023, 1, 1), Decimal("0.000145"), Decimal("7.27")),
    (date(2024, 1, 1), Decimal("0.000166"), Decimal("8.30")),
    (date(2026, 1, 1), Decimal("0.000195"), Decimal("9.79")),
)
"""First day, dollars a share sold, and the most a trade pays."""


def fee(side: Side, quantity: Decimal, price: Decimal, day: date) -> Decimal:
    """Return the dollars a trade costs, each part rounded up to the cent; buying is free."""
    if side is Side.BUY:
        return Decimal(0)
    at = bisect_right([row[0] for row in SECTION_31], day)
    rate = SECTION_31[at - 1][1] if at else Decimal(0)
    section_31 = (quantity * price * rate / _MILLION).quantize(_CENT, ROUND_UP)
    return section_31 + _trading_activity(quantity, day)


def _trading_activity(quantity: Decimal, day: date) -> Decimal:
    at = bisect_right([row[0] for row in TRADING_ACTIVITY], day)
    if not at:
        return Decimal(0)
    _, rate, most = TRADING_ACTIVITY[at - 1]
    return min(most, (quantity * rate).quantize(_CENT, ROUND_UP))
