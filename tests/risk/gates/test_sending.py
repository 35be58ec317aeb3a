import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stonks.risk.evaluate import recheck
from stonks.risk.facts import Facts, Habits
from stonks.risk.gates import sending
from tests.fakes.facts import NOW, facts, price, sale

USUAL = Habits(median=3_000.0, orders=20, last_minute=0, last_day=3)


def going_out(quantity: int = 30, limit: str | None = None, **habits: Any) -> Facts:  # noqa: ANN401 - fields
    """A purchase of AAPL at 100.01 dollars on its way, by an account with these habits."""
    wanted = {"quantity": Decimal(quantity), "limit": None if limit is None else Decimal(limit)}
    return facts(proposal=wanted, book={"habits": msgspec.structs.replace(USUAL, **habits)})


def failed(given: Facts) -> list[str]:
    return [check.code for check in recheck(given, 100.0).checks if check.hard and not check.passed]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (going_out(), []),
        (going_out(59), []),
        (going_out(60), ["SIZE_SANITY"]),
        (going_out(500, orders=9), []),
        (going_out(500, orders=10), ["SIZE_SANITY"]),
        (going_out(30, median=None, orders=0), []),
        (going_out(30, median=None), ["SIZE_SANITY_DATA_MISSING"]),
        (going_out(30, median=math.nan), ["SIZE_SANITY_DATA_MISSING"]),
        (going_out(limit="91"), []),
        (going_out(limit="90"), ["SIZE_SANITY"]),
        (going_out(limit="112"), ["SIZE_SANITY"]),
        (going_out(last_minute=9), []),
        (going_out(last_minute=10), ["TURNOVER"]),
        (going_out(last_day=59), []),
        (going_out(last_day=60), ["TURNOVER"]),
        (
            facts(proposal={"quantity": Decimal(30)}, book={"habits": None}),
            ["SIZE_SANITY_DATA_MISSING", "TURNOVER_DATA_MISSING", "TURNOVER_DATA_MISSING"],
        ),
        (facts(proposal={"quantity": Decimal(30)}, book={"cash": 3_000.0}), ["INSUFFICIENT_BP"]),
        (facts(proposal={"quantity": Decimal(30)}, book={"cash": math.nan}), ["INSUFFICIENT_BP_DATA_MISSING"]),
        (facts(proposal={"quantity": Decimal(30)}, market={"price": price(101.2)}), ["PRICE_DRIFT"]),
        (facts(proposal={"quantity": Decimal(30)}, market={"asset": None}), ["NOT_TRADABLE_DATA_MISSING"]),
        (
            facts(proposal={"quantity": Decimal(30)}, market={"price": price(at=NOW - timedelta(minutes=1))}),
            ["QUOTE_STALE"],
        ),
    ],
)
def test_an_order_out_of_the_ordinary_does_not_go_out(given: Facts, codes: list[str]) -> None:
    assert failed(given) == codes


def test_an_exit_goes_out_whatever_the_account_did_before() -> None:
    busy = Habits(median=1.0, orders=50, last_minute=1_000, last_day=1_000)
    for habits in (busy, None):
        assert failed(sale(50, book={"habits": habits}, market={"asset": None, "price": price(150)})) == []


def test_what_was_measured_and_what_is_allowed_stand_with_each_check() -> None:
    ordinary, off = sending.size_sanity(going_out(45), 100.0)
    minute, day = sending.turnover(going_out())
    assert (ordinary.observed, ordinary.limit, ordinary.data_as_of) == (4500.45, 6_000.0, NOW)
    assert (off.observed, off.limit, off.data_as_of) == (0.0, 0.1, NOW)
    assert [(check.observed, check.limit) for check in (minute, day)] == [(1, 10), (4, 60)]
