from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import msgspec
from hypothesis import given, strategies as st

from stonks.model.order import Fill, Position, Side
from stonks.risk.position import cash_flow, fold
from tests.fakes.facts import NOW


def fill(side: Side, quantity: int, price: str, fee: str = "0", ticker: str = "AAPL") -> Fill:
    return Fill(
        id=UUID(int=0),
        order_id=UUID(int=0),
        execution_id="x",
        ticker=ticker,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee),
        at=NOW,
    )


def test_buying_averages_and_selling_realizes() -> None:
    bought = [fill(Side.BUY, 10, "100"), fill(Side.BUY, 10, "110", "1")]
    position = fold([*bought, fill(Side.SELL, 5, "120", "0.5")])["AAPL"]
    assert position == Position(
        ticker="AAPL", quantity=Decimal(15), average_price=Decimal(105), realized=Decimal("73.5"), opened_at=NOW
    )


def test_a_closed_position_has_no_average_and_one_that_turns_starts_anew() -> None:
    flat = fold([fill(Side.BUY, 10, "100"), fill(Side.SELL, 10, "90")])["AAPL"]
    turned = fold([fill(Side.BUY, 10, "100"), fill(Side.SELL, 15, "90")])["AAPL"]
    loss = Decimal(-100)
    assert flat == Position(ticker="AAPL", quantity=Decimal(0), average_price=Decimal(0), realized=loss)
    assert turned == Position(
        ticker="AAPL", quantity=Decimal(-5), average_price=Decimal(90), realized=loss, opened_at=NOW
    )


def test_a_position_is_held_since_it_was_last_flat() -> None:
    def at(hours: int, side: Side, quantity: int) -> Fill:
        return msgspec.structs.replace(fill(side, quantity, "100"), at=NOW + timedelta(hours=hours))

    more = [at(1, Side.BUY, 5), at(2, Side.BUY, 5), at(3, Side.SELL, 2)]
    anew = [*more, at(4, Side.SELL, 8), at(5, Side.BUY, 1)]
    assert fold(more)["AAPL"].opened_at == NOW + timedelta(hours=1)
    assert fold(anew)["AAPL"].opened_at == NOW + timedelta(hours=5)


FILLS = st.lists(
    st.builds(
        fill,
        st.sampled_from(list(Side)),
        st.integers(1, 50),
        st.integers(1, 900).map(lambda cents: str(Decimal(cents) / 4)),
        st.integers(0, 20).map(lambda cents: str(Decimal(cents) / 100)),
        st.sampled_from(["AAPL", "MSFT"]),
    ),
    max_size=25,
)


@given(FILLS, st.integers(1, 300))
def test_the_fold_is_worth_what_its_fills_are_worth(fills: list[Fill], mark: int) -> None:
    """Realized gains and the open position at any price are the cash the fills brought and the shares at that price."""
    for ticker, position in fold(fills).items():
        own = [each for each in fills if each.ticker == ticker]
        shares = sum(each.quantity if each.side is Side.BUY else -each.quantity for each in own)
        naive = sum(Fraction(cash_flow(each)) for each in own) + Fraction(shares) * mark
        folded = Fraction(position.realized) + Fraction(position.quantity) * (mark - Fraction(position.average_price))
        assert position.quantity == shares
        assert abs(naive - folded) < Fraction(1, 10**15)
