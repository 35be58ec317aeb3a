"""What an account's report says, held against its rows counted by hand."""

from decimal import Decimal

import pytest

from stonks.cli.account_text import as_text
from stonks.model.order import OrderType, Side
from stonks.ports.store import Store
from stonks.replay.evaluation.trading import Slip, account_of, slippage, worst_fall
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after, three_stocks
from tests.fakes.rows import open_database


def slip(side: Side, price: float, wanted: float | None, quantity: float = 1.0) -> Slip:
    return Slip(side=side, leg="entry", type=OrderType.MARKET, quantity=quantity, price=price, wanted=wanted)


async def test_a_report_counts_what_was_decided_ordered_traded_and_earned(store: Store, database_url: str) -> None:
    async with open_database(database_url) as database:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        await floor.book(TODAY.opens_at)
        await floor.recommend(1, "AAPL")
        await floor.recommend(2, "JPM", confidence=0.1)
        for at in (ELEVEN, after(1).opens_at, after(1).closes_at, after(2).opens_at, after(2).closes_at):
            await floor.instant(at)
        account = await account_of(store, "paper")
        fills = await floor.all("fills")
        decisions = {row["ticker"]: row for row in await floor.all("trading_decisions")}
        worths = await floor.all("portfolio_snapshots", "as_of")

    assert account.verdicts == {"act": 1, "skip": 1}
    low = next(gate for gate in account.gates if gate.code == "CONFIDENCE_LOW")
    assert (low.asked, low.failed, low.decided) == (2, 1, 1)
    assert account.gates[0].gate == "state"
    assert {clamp.code for clamp in account.clamps} == {clamp["code"] for clamp in decisions["AAPL"]["clamps"]}
    assert account.traded.fills == len(fills) > 0
    assert account.traded.dollars == pytest.approx(float(sum(fill["quantity"] * fill["price"] for fill in fills)))
    entry = next(each for each in account.slippage if each.kind == "entry, market")
    bought = next(fill for fill in fills if fill["side"] == "buy")
    expected = (bought["price"] / Decimal(decisions["AAPL"]["sizing"]["price"]) - 1) * 10_000
    assert entry.median == pytest.approx(float(expected))
    assert account.equity is not None
    assert account.equity.end == float(worths[-1]["equity"])
    assert account.equity.benchmark.companies == 3
    text = as_text(account)
    assert "CONFIDENCE_LOW" in text
    assert max(map(len, text.splitlines())) <= 120


async def test_an_account_that_did_nothing_says_so(store: Store) -> None:
    account = await account_of(store, "paper")

    assert (account.verdicts, account.traded.fills, account.equity) == ({}, 0, None)
    assert "decisions none" in as_text(account)


def test_slippage_is_against_the_trader_on_either_side_and_unknown_where_no_price_was_wanted() -> None:
    (found,) = slippage([slip(Side.BUY, 101, 100), slip(Side.SELL, 99, 100, 3.0), slip(Side.SELL, 50, None)])

    assert (found.orders, found.known) == (3, 2)
    assert found.median == pytest.approx(100)
    assert found.mean == pytest.approx(100)


def test_better_than_wanted_is_below_zero() -> None:
    (found,) = slippage([slip(Side.BUY, 99, 100)])

    assert found.worst == pytest.approx(-100)


@pytest.mark.parametrize(
    ("values", "fall"), [([], 0.0), ([1, 2, 3], 0.0), ([4, 2, 8, 6], -0.5), ([10, 9, 12, 9], -0.25)]
)
def test_the_worst_fall_is_from_a_best_to_what_came_after_it(values: list[float], fall: float) -> None:
    assert worst_fall(values) == pytest.approx(fall)
