import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from stonks.model.decision import Check
from stonks.model.market import Price
from stonks.model.order import Side
from stonks.risk.facts import Facts, Resting
from stonks.risk.gates import market
from tests.fakes.facts import NOW, facts, price, sale


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.code for check in checks if not check.passed]


@pytest.mark.parametrize(
    ("clock", "entry", "exit_"),
    [
        ("13:30", False, False),
        ("13:34", False, False),
        ("13:35", True, True),
        ("19:50", True, True),
        ("19:51", False, True),
        ("20:00", False, True),
        ("20:01", False, False),
        ("04:00", False, False),
    ],
)
def test_entries_keep_off_the_edges_of_a_session_and_exits_may_go_until_the_close(
    clock: str, *, entry: bool, exit_: bool
) -> None:
    hour, minute = map(int, clock.split(":"))
    now = datetime(2025, 4, 16, hour, minute, tzinfo=UTC)
    assert market.window(facts(now=now)).checks[0].passed is entry
    assert market.window(sale(now=now)).checks[0].passed is exit_


def test_there_is_no_window_on_a_day_without_a_session() -> None:
    assert not market.window(facts(now=datetime(2025, 4, 19, 15, 0, tzinfo=UTC))).checks[0].passed


@pytest.mark.parametrize(
    ("quoted", "codes"),
    [
        (price(), []),
        (price(at=NOW - timedelta(seconds=16)), ["QUOTE_STALE"]),
        (price(spread=0.004), ["SPREAD_WIDE"]),
        (None, ["QUOTE_STALE_DATA_MISSING", "SPREAD_WIDE_DATA_MISSING"]),
    ],
)
def test_a_price_must_be_fresh_and_narrow(quoted: Price | None, codes: list[str]) -> None:
    assert failed(market.quote(facts(market={"price": quoted})).checks) == codes


def test_an_exit_takes_any_spread_but_no_stale_price() -> None:
    assert failed(market.quote(sale(market={"price": price(spread=0.05)})).checks) == []
    assert failed(market.quote(sale(market={"price": price(at=NOW - timedelta(days=1))})).checks) == ["QUOTE_STALE"]


def test_an_order_takes_a_share_of_what_trades_a_day() -> None:
    ruling = market.liquidity(facts(market={"adv": 2_000_000.0}))
    assert ruling.caps == {"ADV_CAP": pytest.approx(0.1)}
    assert failed(ruling.checks) == []


@pytest.mark.parametrize("adv", [None, math.nan, 0.0])
def test_unknown_liquidity_stops_an_entry_and_not_an_exit(adv: float | None) -> None:
    entry, leaving = market.liquidity(facts(market={"adv": adv})), market.liquidity(sale(market={"adv": adv}))
    assert failed(entry.checks) == ["ADV_CAP_DATA_MISSING"]
    assert [check.hard for check in leaving.checks] == [False]


def test_a_penny_stock_is_not_bought() -> None:
    assert failed(market.liquidity(facts(market={"price": price(2.99)})).checks) == ["PRICE_LOW"]
    assert failed(market.liquidity(facts(market={"price": None})).checks) == ["PRICE_LOW_DATA_MISSING"]


@pytest.mark.parametrize(
    ("reports", "passed"),
    [
        ((date(2025, 1, 30), date(2025, 5, 1)), True),
        ((date(2025, 4, 21),), True),
        ((date(2025, 4, 18),), False),
        ((date(2025, 4, 16),), False),
        ((date(2025, 4, 15),), False),
        ((date(2025, 4, 14),), True),
        ((date(2025, 1, 24),), False),
        ((date(2025, 2, 14),), True),
    ],
)
def test_no_entry_two_sessions_before_and_one_after_a_report_nor_while_one_is_due(
    reports: tuple[date, ...], *, passed: bool
) -> None:
    (check,) = market.earnings(facts(market={"earnings": reports})).checks
    assert check.passed is passed
    assert check.hard


def test_a_calendar_without_reports_is_named_and_stops_nothing() -> None:
    (check,) = market.earnings(facts(market={"earnings": ()})).checks
    assert (check.code, check.passed, check.hard) == ("EARNINGS_BLACKOUT_DATA_MISSING", False, False)


@pytest.mark.parametrize(("ex_date", "passed"), [(16, False), (17, False), (18, True), (15, True)])
def test_no_entry_on_the_day_of_a_split_nor_on_the_session_before(ex_date: int, *, passed: bool) -> None:
    (check,) = market.corporate_action(facts(market={"splits": (date(2025, 4, ex_date),)})).checks
    assert check.passed is passed


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (facts(), []),
        (facts(market={"sector": None}), ["NOT_TRADABLE"]),
        (sale(50), []),
        (sale(51), ["NOT_SHORTABLE"]),
        (sale(0), ["NOT_SHORTABLE"]),
        (sale(10, book={"holdings": ()}), ["NOT_SHORTABLE"]),
    ],
)
def test_only_tracked_companies_are_traded_and_only_what_is_held_is_sold(given: Facts, codes: list[str]) -> None:
    assert failed(market.tradability(given).checks) == codes


def test_shares_promised_to_a_working_sale_are_not_sold_twice() -> None:
    working = Resting(ticker="AAPL", sector="Information Technology", side=Side.SELL, quantity=Decimal(20), price=100.0)
    assert failed(market.tradability(sale(31, book={"resting": (working,)})).checks) == ["NOT_SHORTABLE"]
    assert failed(market.tradability(sale(30, book={"resting": (working,)})).checks) == []
