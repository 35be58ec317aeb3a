from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from stonks.model.errors import Refused
from stonks.model.order import Position, Side
from stonks.model.reconciliation import Discrepancy
from stonks.stages.broker.core.correction import correction

NOW = datetime(2025, 4, 9, 15, tzinfo=UTC)
RUN = UUID(int=1)


def found(ours: int, theirs: int) -> Discrepancy:
    return Discrepancy(
        kind="position", subject="AAPL", ticker="AAPL", ours=Decimal(ours), theirs=Decimal(theirs), action="wait"
    )


def held(shares: int, average: int) -> Position:
    return Position(ticker="AAPL", quantity=Decimal(shares), average_price=Decimal(average), realized=Decimal(0))


@pytest.mark.parametrize(
    ("ours", "theirs", "average", "side", "quantity", "price"),
    [
        (4, 10, 106, Side.BUY, 6, 110),
        (0, 10, 106, Side.BUY, 10, 106),
        (10, 4, 106, Side.SELL, 6, 100),
        (10, 0, None, Side.SELL, 10, 100),
        (-4, -10, 106, Side.SELL, 6, 110),
        (4, 8, 50, Side.BUY, 4, 50),
    ],
)
def test_a_correction_is_priced_so_that_averages_agree_where_they_can(
    ours: int, theirs: int, average: int | None, side: Side, quantity: int, price: int
) -> None:
    theirs_paid = None if average is None else Decimal(average)

    trade = correction(RUN, found(ours, theirs), held(ours, 100) if ours else None, theirs_paid, NOW)

    assert (trade.side, int(trade.quantity), int(trade.price)) == (side, quantity, price)


def test_shares_that_nobody_has_a_price_for_are_not_booked() -> None:
    with pytest.raises(Refused, match="cost"):
        correction(RUN, found(0, 10), None, None, NOW)
