from datetime import timedelta
from decimal import Decimal

import pytest

from stonks.model.order import Side
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState
from stonks.risk.facts import Facts, LastExit, Resting, TradingState
from stonks.risk.gates import account
from stonks.risk.policy import AGGRESSIVE, CONSERVATIVE
from tests.fakes.facts import NOW, facts, holding, sale


def breaker(scope: str, state: BreakerState = BreakerState.OPEN) -> Breaker:
    return Breaker(scope=scope, kind=BreakerKind.DAILY_LOSS, state=state, observed=-0.03, limit=-0.025, opened_at=NOW)


def resting(side: Side, ticker: str = "AAPL") -> Resting:
    return Resting(ticker=ticker, sector="Information Technology", side=side, quantity=Decimal(5), price=100.0)


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (facts(), True),
        (facts(book={"state": TradingState.REDUCING}), False),
        (sale(book={"state": TradingState.REDUCING}), True),
        (facts(book={"state": TradingState.HALTED}), False),
        (sale(book={"state": TradingState.HALTED}), False),
    ],
)
def test_a_halted_account_does_nothing_and_a_reducing_one_only_reduces(given: Facts, *, passed: bool) -> None:
    (check,) = account.state(given).checks
    assert check.passed is passed


@pytest.mark.parametrize(
    ("scope", "passed"),
    [
        ("global", False),
        ("ticker:AAPL", False),
        ("sector:Information Technology", False),
        ("ticker:MSFT", True),
        ("sector:Energy", True),
    ],
)
def test_an_open_breaker_stops_what_it_covers(scope: str, *, passed: bool) -> None:
    (check,) = account.breaker(facts(book={"breakers": (breaker(scope),)})).checks
    assert check.passed is passed


def test_a_closed_breaker_stops_nothing() -> None:
    (check,) = account.breaker(facts(book={"breakers": (breaker("global", BreakerState.CLOSED),)})).checks
    assert check.passed


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (facts(), True),
        (facts(proposal={"decided": True}), False),
        (facts(book={"resting": (resting(Side.BUY),)}), False),
        (facts(book={"resting": (resting(Side.SELL),)}), True),
        (facts(book={"resting": (resting(Side.BUY, "MSFT"),)}), True),
    ],
)
def test_one_order_a_ticker_and_side_works_at_a_time(given: Facts, *, passed: bool) -> None:
    (check,) = account.duplicate(given).checks
    assert check.passed is passed


@pytest.mark.parametrize(
    ("ago", "stopped", "passed"),
    [
        (timedelta(hours=1), False, False),
        (timedelta(hours=20), False, True),
        (timedelta(hours=20), True, False),
        (timedelta(days=2), True, True),
    ],
)
def test_a_sold_ticker_rests_one_session_and_two_after_a_stop(ago: timedelta, *, stopped: bool, passed: bool) -> None:
    exits = (LastExit(ticker="AAPL", at=NOW - ago, stopped=stopped),)
    (check,) = account.cooldown(facts(book={"exits": exits})).checks
    assert check.passed is passed


def test_the_aggressive_tier_rests_two_hours_and_another_tickers_exit_does_not_count() -> None:
    exits = (LastExit(ticker="AAPL", at=NOW - timedelta(minutes=90), stopped=False),)
    (soon,) = account.cooldown(facts(policy=AGGRESSIVE, book={"exits": exits})).checks
    (later,) = account.cooldown(facts(policy=AGGRESSIVE, now=NOW + timedelta(minutes=30), book={"exits": exits})).checks
    (other,) = account.cooldown(facts(proposal={"ticker": "MSFT"}, book={"exits": exits})).checks
    assert [soon.passed, later.passed, other.passed] == [False, True, True]


def test_names_held_and_entries_of_the_day_are_counted_with_the_new_one() -> None:
    full = tuple(holding(f"T{number}", 1) for number in range(25))
    names, new = account.counts(facts(book={"holdings": full, "entries_today": 6})).checks
    assert (names.passed, names.observed, names.limit) == (False, 26, 25)
    assert (new.passed, new.observed, new.limit) == (False, 7, 6)
    held, _ = account.counts(facts(proposal={"ticker": "T3"}, book={"holdings": full})).checks
    assert held.passed


def test_large_entries_wait_for_a_person_where_the_tier_says_so() -> None:
    assert account.approval(facts(), 0.05).checks[0].passed
    assert not account.approval(facts(policy=CONSERVATIVE), 0.021).checks[0].passed
    assert account.approval(facts(policy=CONSERVATIVE), 0.02).checks[0].passed
