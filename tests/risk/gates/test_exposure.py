import math
from collections.abc import Callable
from decimal import Decimal

import pytest

from stonks.model.order import Side
from stonks.risk.facts import Facts, Resting
from stonks.risk.gates import exposure
from stonks.risk.gates.ruling import Ruling
from tests.fakes.facts import facts, holding


def working(ticker: str, quantity: int, sector: str, side: Side = Side.BUY) -> Resting:
    return Resting(ticker=ticker, sector=sector, side=side, quantity=Decimal(quantity), price=100.0)


TECH = "Information Technology"


@pytest.mark.parametrize(
    ("gate", "code", "room"),
    [
        (exposure.name, "NAME_CAP", 0.02),
        (exposure.sector, "SECTOR_CAP", 0.21),
        (exposure.gross_and_net, "GROSS_CAP", 0.66),
        (exposure.gross_and_net, "NET_CAP", 0.46),
    ],
)
def test_a_cap_leaves_what_holdings_and_working_buys_have_not_taken(
    gate: Callable[[Facts], Ruling], code: str, room: float
) -> None:
    book = {
        "holdings": (holding("AAPL", 20, sector=TECH), holding("JPM", 100)),
        "resting": (working("AAPL", 10, TECH), working("MSFT", 10, TECH), working("JPM", 50, "Financials", Side.SELL)),
    }
    assert gate(facts(book=book)).caps[code] == pytest.approx(room)


def test_a_cap_that_is_used_up_fails() -> None:
    (check,) = exposure.name(facts(book={"holdings": (holding("AAPL", 50, sector=TECH),)})).checks
    assert (check.passed, check.observed, check.limit) == (False, 0.05, 0.05)


@pytest.mark.parametrize("equity", [None, math.nan, 0.0, -5.0])
@pytest.mark.parametrize(
    "gate", [exposure.name, exposure.sector, exposure.gross_and_net, exposure.correlation, exposure.power]
)
def test_an_unknown_equity_fails_every_cap(gate: Callable[[Facts], Ruling], equity: float | None) -> None:
    ruling = gate(facts(book={"equity": equity}))
    assert all(check.code.endswith("_DATA_MISSING") and not check.passed for check in ruling.checks)


def test_a_holding_without_a_price_fails_the_caps() -> None:
    (check,) = exposure.name(facts(book={"holdings": (holding("JPM", 10, math.nan),)})).checks
    assert check.code == "NAME_CAP_DATA_MISSING"


def test_likeness_to_the_book_shrinks_the_room() -> None:
    book = {"holdings": (holding("JPM", 30), holding("GS", 10))}
    little = exposure.correlation(facts(book=book, market={"correlations": {"JPM": 0.6, "GS": 0.8}}))
    much = exposure.correlation(facts(book=book, market={"correlations": {"JPM": 0.9, "GS": 0.6}}))
    assert little.caps == {}
    assert much.caps == {"CORR_HIGH": pytest.approx(0.05 * (1 - 0.825) / 0.35)}
    assert all(check.passed for check in (*little.checks, *much.checks))


def test_there_is_no_room_beside_a_heavy_twin() -> None:
    book = {"holdings": (holding("JPM", 51), holding("GS", 400))}
    (check,) = exposure.correlation(facts(book=book, market={"correlations": {"JPM": 0.93, "GS": 0.1}})).checks
    assert (check.passed, check.observed) == (False, "0.93 with JPM")


def test_an_unknown_likeness_counts_as_that_of_a_sector() -> None:
    ruling = exposure.correlation(facts(book={"holdings": (holding("JPM", 30),)}))
    assert ruling.checks[0].observed == pytest.approx(0.7)


def test_working_buys_hold_back_cash_with_a_margin() -> None:
    ruling = exposure.power(facts(book={"cash": 10_300.0, "resting": (working("JPM", 50, "Financials"),)}))
    assert ruling.caps["INSUFFICIENT_BP"] == pytest.approx((10_300 - 5_150) / 1.03 / 100_000)


def test_no_free_cash_fails_and_unknown_cash_is_missing() -> None:
    broke = exposure.power(facts(book={"cash": 5_150.0, "resting": (working("JPM", 50, "Financials"),)}))
    unknown = exposure.power(facts(book={"cash": None}))
    assert broke.checks[0].code == "INSUFFICIENT_BP"
    assert not broke.checks[0].passed
    assert unknown.checks[0].code == "INSUFFICIENT_BP_DATA_MISSING"
