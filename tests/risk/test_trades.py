from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from stonks.model.adjustment import Adjustment, AdjustmentKind
from stonks.model.order import Fill, Side
from stonks.risk.trades import closed_trades
from tests.fakes.facts import NOW


def fill(number: int, quantity: int, price: int, ticker: str = "AAPL", fee: str = "1") -> Fill:
    """A trade of signed shares, a minute after the one before it."""
    return Fill(
        id=UUID(int=number),
        order_id=UUID(int=1),
        execution_id=str(number),
        ticker=ticker,
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=Decimal(abs(quantity)),
        price=Decimal(price),
        fee=Decimal(fee),
        at=NOW + timedelta(minutes=number),
    )


def test_a_trade_is_closed_when_nothing_is_held_and_its_profit_is_after_all_fees() -> None:
    fills = [fill(1, 10, 100), fill(2, 10, 110), fill(3, -5, 120), fill(4, -15, 90)]
    (trade,) = closed_trades(fills)
    assert (trade.ticker, trade.closed_at, trade.profit) == ("AAPL", NOW + timedelta(minutes=4), Decimal(-154))


def test_each_way_to_flat_is_a_trade_of_its_own() -> None:
    fills = [fill(1, 1, 10), fill(2, 1, 10, "JPM"), fill(3, -1, 20), fill(4, 1, 20), fill(5, -1, 5), fill(6, 1, 5)]
    assert [(trade.ticker, trade.profit) for trade in closed_trades(fills)] == [
        ("AAPL", Decimal(8)),
        ("AAPL", Decimal(-17)),
    ]


def test_what_is_still_held_is_no_trade() -> None:
    assert closed_trades([fill(1, 5, 10), fill(2, -4, 20)]) == ()


def test_a_split_on_the_way_changes_neither_when_a_trade_is_closed_nor_what_it_brought() -> None:
    day = (NOW + timedelta(days=1)).date()
    split = Adjustment(
        ticker="AAPL",
        kind=AdjustmentKind.SPLIT,
        ex_date=day,
        ratio=Decimal(7),
        quantity_before=Decimal(1),
        quantity_after=Decimal(7),
        known_at=NOW,
        source="test",
    )
    two_days = 2 * 24 * 60
    (trade,) = closed_trades([fill(1, 1, 700), fill(two_days, -7, 101)], [split])
    assert trade.profit == Decimal(5)
