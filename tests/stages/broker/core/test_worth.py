from datetime import date, timedelta
from decimal import Decimal

import pytest

from stonks.model.order import Position
from stonks.ports.broker import Account
from stonks.risk.breakers import Breaker, BreakerKind, BreakerState
from stonks.risk.policy import MODERATE
from stonks.stages.broker.core.worth import (
    Watch,
    breakers_after,
    count,
    day_start,
    is_due,
    mismatch_breakers,
)
from tests.fakes.facts import price, weekdays

SESSIONS = weekdays(date(2025, 4, 14), 3)
MONDAY, TUESDAY = SESSIONS[0], SESSIONS[1]
NOON = MONDAY.opens_at + timedelta(hours=3)


def watch(**changes: object) -> Watch:
    plain: dict[str, object] = {
        "execution_cursor": None,
        "day": None,
        "day_start_equity": None,
        "high_water_mark": None,
        "counted_at": None,
        "equity": None,
        "working": 0,
    }
    return Watch(**(plain | changes))  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize(
    ("counted", "due"),
    [
        (None, True),
        (MONDAY.opens_at - timedelta(days=1), True),
        (MONDAY.opens_at, False),
        (MONDAY.opens_at + timedelta(hours=1), False),
    ],
)
def test_the_account_is_due_to_be_counted_once_an_edge(counted: object, *, due: bool) -> None:
    assert is_due(watch(counted_at=counted), SESSIONS, NOON) is due


def test_without_sessions_only_the_first_count_is_due() -> None:
    assert is_due(watch(), [], NOON)
    assert not is_due(watch(counted_at=NOON), [], NOON + timedelta(days=1))


def position(ticker: str, quantity: int) -> Position:
    return Position(ticker=ticker, quantity=Decimal(quantity), average_price=Decimal(90), realized=Decimal(0))


def test_worth_is_cash_and_positions_at_the_middle_price() -> None:
    account = Account(name="paper", cash=Decimal(1000), positions={})
    held = [position("AAPL", 5), position("JPM", 2)]

    snapshot = count(account, held, {"AAPL": price(100), "JPM": price(50)}, watch(high_water_mark=Decimal(5000)), NOON)
    unknown = count(account, held, {"AAPL": price(100), "JPM": None}, watch(), NOON)

    assert snapshot is not None
    assert (snapshot.gross, snapshot.equity, snapshot.high_water_mark) == (Decimal(600), Decimal(1600), Decimal(5000))
    assert unknown is None


def test_a_day_starts_at_what_was_counted_before_it_and_keeps_that() -> None:
    last = watch(equity=Decimal(900), day=MONDAY.day, day_start_equity=Decimal(1000))

    same = day_start(last, SESSIONS, None, NOON)
    next_day = day_start(last, SESSIONS, None, TUESDAY.opens_at)

    assert (same.day, same.equity, same.began) == (MONDAY.day, Decimal(1000), MONDAY.opens_at)
    assert (next_day.day, next_day.equity, next_day.began) == (TUESDAY.day, Decimal(900), TUESDAY.opens_at)


def test_an_unknown_worth_opens_both_breakers() -> None:
    start = day_start(watch(), SESSIONS, None, NOON)
    changed = breakers_after([], None, start, MODERATE.breakers, NOON)
    assert [(breaker.kind, breaker.observed) for breaker in changed] == [
        (BreakerKind.DAILY_LOSS, None),
        (BreakerKind.DRAWDOWN, None),
    ]


def test_a_mismatch_is_named_once() -> None:
    found = [("AAPL", Decimal(5), Decimal(6)), ("JPM", Decimal(0), Decimal(1))]
    stored = Breaker(
        scope="ticker:AAPL",
        kind=BreakerKind.RECON_MISMATCH,
        state=BreakerState.OPEN,
        observed=1.0,
        limit=2.0,
        opened_at=NOON,
    )
    (breaker,) = mismatch_breakers([stored], found, NOON)
    assert breaker.scope == "ticker:JPM"
    assert breaker.reason == "our fills of JPM add up to 0 shares, the broker says 1"
