from datetime import timedelta
from decimal import Decimal

import pytest

from stonks.risk.payoff import results_of
from stonks.risk.trades import ClosedTrade
from tests.fakes.facts import NOW


def trades(*profits: str) -> list[ClosedTrade]:
    return [
        ClosedTrade(ticker="AAPL", closed_at=NOW + timedelta(minutes=number), profit=Decimal(profit))
        for number, profit in enumerate(profits)
    ]


@pytest.mark.parametrize(
    ("profits", "count", "payoff"),
    [
        ((), 0, None),
        (("30", "10"), 2, None),
        (("-5",), 1, None),
        (("30", "10", "-40"), 3, 0.5),
        (("30", "-10", "-20", "0"), 3, 2.0),
    ],
)
def test_a_payoff_is_the_mean_gain_over_the_mean_loss_where_there_are_both(
    profits: tuple[str, ...], count: int, payoff: float | None
) -> None:
    results = results_of(trades(*profits))
    assert (results.trades, results.payoff) == (count, payoff)
