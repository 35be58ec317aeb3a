from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st

from stonks.risk.hours import days_between, last_closed, opened_since, session_at, tradable_time
from stonks.risk.policy import MODERATE
from tests.fakes.facts import weekdays

SESSIONS = weekdays(date(2025, 4, 14), 10)
MONDAY_NOON = datetime(2025, 4, 14, 16, 0, tzinfo=UTC)


def test_a_session_runs_from_its_open_to_its_close() -> None:
    first = SESSIONS[0]
    assert session_at(SESSIONS, first.opens_at) == first
    assert session_at(SESSIONS, first.closes_at) == first
    assert session_at(SESSIONS, first.closes_at + timedelta(seconds=1)) is None


def test_a_session_is_over_after_its_close() -> None:
    first, second = SESSIONS[:2]
    assert last_closed(SESSIONS, first.closes_at) is None
    assert last_closed(SESSIONS, second.opens_at) == first


def test_nights_and_weekends_are_no_time_to_trade_in() -> None:
    friday_noon = MONDAY_NOON + timedelta(days=4)
    after_weekend = MONDAY_NOON + timedelta(days=7)
    day = timedelta(hours=6, minutes=15)
    assert tradable_time(SESSIONS, MODERATE.limits, friday_noon, after_weekend) == day
    assert tradable_time(SESSIONS, MODERATE.limits, MONDAY_NOON, MONDAY_NOON + timedelta(hours=1)) == timedelta(hours=1)


def test_sessions_are_counted_by_their_opens_and_their_days() -> None:
    assert opened_since(SESSIONS, MONDAY_NOON, MONDAY_NOON + timedelta(days=2)) == 2
    assert days_between(SESSIONS, date(2025, 4, 18), date(2025, 4, 22)) == 2


@given(st.integers(0, 14 * 24 * 60), st.integers(0, 5000), st.integers(0, 5000))
def test_time_to_trade_adds_up(start: int, one: int, two: int) -> None:
    a = datetime(2025, 4, 14, tzinfo=UTC) + timedelta(minutes=start)
    b, c = a + timedelta(minutes=one), a + timedelta(minutes=one + two)
    whole = tradable_time(SESSIONS, MODERATE.limits, a, c)
    parts = tradable_time(SESSIONS, MODERATE.limits, a, b) + tradable_time(SESSIONS, MODERATE.limits, b, c)
    assert whole == parts
