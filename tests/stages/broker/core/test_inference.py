from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from stonks.model.order import Fill, Side
from stonks.stages.broker.core.inference import inferred, replaced
from tests.stages.broker.core.test_difference import REPORT, TALLY

NOW = datetime(2025, 4, 9, 15, tzinfo=UTC)
shares = st.integers(1, 500).map(Decimal)
dollars = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


def real(quantity: Decimal, price: Decimal) -> Fill:
    return Fill(
        id=UUID(int=7),
        order_id=TALLY.id,
        execution_id="real",
        ticker="AAPL",
        side=Side.BUY,
        quantity=quantity,
        price=price,
        fee=Decimal(0),
        at=NOW,
    )


def test_what_an_order_traded_beyond_its_fills_is_one_fill_at_the_price_that_makes_the_average_right() -> None:
    report = msgspec.structs.replace(REPORT, filled_quantity=Decimal(10), average_price=Decimal("100.6"))

    fill = inferred("paper", TALLY, report)

    assert fill is not None
    assert (fill.quantity, fill.price) == (Decimal(6), Decimal(101))
    assert inferred("paper", TALLY, report) == fill


def test_of_nothing_traded_beyond_and_of_no_price_nothing_is_inferred() -> None:
    ahead = msgspec.structs.replace(REPORT, filled_quantity=Decimal(10))

    assert inferred("paper", TALLY, REPORT) is None
    assert inferred("paper", TALLY, msgspec.structs.replace(ahead, average_price=None)) is None
    assert inferred("paper", TALLY, msgspec.structs.replace(ahead, average_price=Decimal(1))) is None


def test_the_same_shares_written_otherwise_are_the_same_fill() -> None:
    reports = [msgspec.structs.replace(REPORT, filled_quantity=Decimal(text)) for text in ("10", "10.0", "1e1")]

    assert len({fill.id for each in reports if (fill := inferred("paper", TALLY, each))}) == 1


@given(total=shares, average=dollars, quantity=shares, price=dollars)
def test_a_real_fill_takes_the_place_of_inferred_ones_and_adds_only_what_they_did_not_stand_for(
    total: Decimal, average: Decimal, quantity: Decimal, price: Decimal
) -> None:
    empty = msgspec.structs.replace(TALLY, shares=Decimal(0), dollars=Decimal(0))
    report = msgspec.structs.replace(REPORT, filled_quantity=total, average_price=average)
    stood = inferred("paper", empty, report)
    assert stood is not None

    change = replaced([stood], real(quantity, price))

    left = change.less.quantity if change.less else Decimal(0)
    assert left + quantity == max(total, quantity)
    assert change.new == max(quantity - total, Decimal(0))
    assert change.gone == ((stood.id,) if quantity >= total else ())
    assert change.less is None or change.less.price > 0
