from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import msgspec
from hypothesis import given, strategies as st

from stonks.model.adjustment import Adjustment, AdjustmentKind, start_of
from stonks.model.order import Fill, Position, Side
from stonks.risk.position import cash_flow, fold, in_lieu, split
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


# ------------------------------------------------------------------------------------------------ corporate actions

DAY = date(2025, 4, 10)
RATIOS = [Decimal(7), Decimal(2), Decimal("1.5"), Decimal("0.1"), Decimal(1) / Decimal(3)]


def action(kind: AdjustmentKind = AdjustmentKind.SPLIT, day: date = DAY, **changes: object) -> Adjustment:
    plain = Adjustment(
        ticker="AAPL",
        kind=kind,
        ex_date=day,
        quantity_before=Decimal(0),
        quantity_after=Decimal(0),
        known_at=NOW,
        source="test",
    )
    return msgspec.structs.replace(plain, **changes)


def on(day: date, side: Side, quantity: int, price: str) -> Fill:
    at = start_of(day) + timedelta(hours=10)
    return msgspec.structs.replace(fill(side, quantity, price), at=at, execution_id=f"{at}{side}{quantity}{price}")


def test_a_split_multiplies_shares_divides_the_average_and_realizes_nothing() -> None:
    eve, morrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    fills = [on(eve, Side.BUY, 10, "645.57"), on(morrow, Side.SELL, 70, "93.70")]

    held = fold(fills[:1], [action(ratio=Decimal(7))])["AAPL"]
    sold = fold(fills, [action(ratio=Decimal(7))])["AAPL"]

    assert (held.quantity, held.average_price.quantize(Decimal("0.0001"))) == (Decimal(70), Decimal("92.2243"))
    assert (held.realized, held.opened_at) == (Decimal(0), fills[0].at)
    assert sold.realized.quantize(Decimal("0.01")) == Decimal("103.30")  # 70 at 93.70 for what 10 at 645.57 cost


def test_a_fraction_that_a_reverse_split_leaves_is_sold_at_the_new_price() -> None:
    held = fold([on(DAY - timedelta(days=1), Side.BUY, 25, "2")], [action(ratio=Decimal("0.1"), price=Decimal(30))])

    position = held["AAPL"]

    assert (position.quantity, position.average_price) == (Decimal(2), Decimal(20))
    assert position.realized == Decimal(5)  # half a share at 30 that stood at 20
    assert in_lieu(Decimal("0.5"), Decimal(30)) == Decimal(15)


def test_a_third_of_thirty_shares_is_ten() -> None:
    assert split(Decimal(30), Decimal(1) / Decimal(3)) == (Decimal(10), Decimal(0))
    assert split(Decimal(-25), Decimal("0.1")) == (Decimal(-2), Decimal("-0.5"))


def test_a_dividend_changes_no_position_and_a_split_of_nothing_is_nothing() -> None:
    bought = on(DAY - timedelta(days=1), Side.BUY, 10, "100")

    assert fold([bought], [action(AdjustmentKind.DIVIDEND, cash=Decimal(5))]) == fold([bought])
    assert fold([], [action(ratio=Decimal(7))])["AAPL"].quantity == Decimal(0)


def test_a_correction_by_hand_adds_shares_at_what_they_cost_or_at_the_average() -> None:
    bought = on(DAY - timedelta(days=1), Side.BUY, 10, "100")
    given = action(AdjustmentKind.MANUAL, quantity_before=Decimal(10), quantity_after=Decimal(20))

    paid = fold([bought], [msgspec.structs.replace(given, cash=Decimal(-500))])["AAPL"]

    assert fold([bought], [given])["AAPL"].average_price == Decimal(100)
    assert (paid.quantity, paid.average_price, paid.realized) == (Decimal(20), Decimal(75), Decimal(0))


DATED = st.lists(
    st.builds(on, st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3)), st.sampled_from(list(Side)),
              st.integers(1, 60), st.integers(100, 90_000).map(lambda cents: str(Decimal(cents) / 100))),
    min_size=1, max_size=12,
)  # fmt: skip


@given(DATED, st.sampled_from(RATIOS), st.sampled_from([None, Decimal(30)]))
def test_a_split_at_any_point_conserves_value(fills: list[Fill], ratio: Decimal, price: Decimal | None) -> None:
    """The books are worth the same with a split as without one, where every price after it is divided by the ratio."""
    cut = [each for each in fills if each.at >= start_of(DAY)]
    whole = [each for each in fills if each.at < start_of(DAY)]
    before = fold(whole).get("AAPL")
    after = fold(whole, [action(ratio=ratio, price=price)])["AAPL"]
    shares, rest = split(before.quantity, ratio) if before else (Decimal(0), Decimal(0))

    assert after.quantity == (shares if price else shares + rest)
    paid = rest * price if price else Decimal(0)
    kept = after.quantity * after.average_price - after.realized
    cost = before.quantity * before.average_price - before.realized if before else Decimal(0)
    assert abs(kept + paid - cost) < Decimal("0.000001")
    later = fold([*whole, *cut], [action(ratio=ratio, price=price)])["AAPL"]
    assert later.quantity == after.quantity + sum(
        (each.quantity if each.side is Side.BUY else -each.quantity for each in cut), Decimal(0)
    )


@given(DATED, st.sampled_from(RATIOS), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_read_does_not_matter(fills: list[Fill], ratio: Decimal, chance: Random) -> None:
    facts: Sequence[Fill] = [*fills, on(DAY, Side.BUY, 3, "7"), on(DAY, Side.SELL, 4, "8")]
    actions = [action(ratio=ratio, price=Decimal(9)), action(AdjustmentKind.DIVIDEND, cash=Decimal(1))]
    mixed = chance.sample(facts, len(facts))

    assert fold(mixed, reversed(actions)) == fold(facts, actions)
