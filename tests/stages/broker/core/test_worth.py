from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from stonks.model.order import Position
from stonks.ports.broker import Account
from stonks.stages.broker.core.worth import Due, Watch, count, day_start, is_due
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


QUIET = Due(uncounted=False, refused=False, waiting=False)
WAITING = Due(uncounted=False, refused=False, waiting=True)
MINUTE = timedelta(minutes=1)


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
    assert is_due(watch(counted_at=counted), QUIET, SESSIONS, NOON, moving=False) is due


@pytest.mark.parametrize(
    "due", [Due(uncounted=True, refused=False, waiting=False), Due(uncounted=False, refused=True, waiting=False)]
)
def test_what_was_executed_or_refused_and_not_counted_is_due_at_the_next_poll(due: Due) -> None:
    assert is_due(watch(counted_at=NOON), due, SESSIONS, NOON + timedelta(seconds=1), moving=False)


@pytest.mark.parametrize(
    ("due", "now", "moving", "expected"),
    [
        (QUIET, NOON + MINUTE, True, True),
        (QUIET, NOON + timedelta(seconds=59), True, False),
        (QUIET, NOON + MINUTE, False, False),
        (WAITING, NOON + MINUTE, False, True),
        (WAITING, NOON + timedelta(seconds=59), False, False),
    ],
)
def test_in_a_session_it_is_every_minute_where_prices_move_or_a_breaker_may_close(
    due: Due, now: datetime, *, moving: bool, expected: bool
) -> None:
    assert is_due(watch(counted_at=NOON), due, SESSIONS, now, moving=moving) is expected


def test_between_sessions_no_minute_is_due() -> None:
    counted = MONDAY.closes_at
    assert not is_due(watch(counted_at=counted), WAITING, SESSIONS, counted + timedelta(hours=1), moving=True)


def test_without_sessions_only_the_first_count_is_due() -> None:
    assert is_due(watch(), QUIET, [], NOON, moving=True)
    assert not is_due(watch(counted_at=NOON), QUIET, [], NOON + timedelta(days=1), moving=True)


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
