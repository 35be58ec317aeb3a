from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from stonks.model.order import Position, Snapshot
from stonks.ports.broker import Account
from stonks.stages.broker.core.worth import DayStart, Due, Watch, count, day_start, is_due
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


# ------------------------------------------------------------------------------------------------ transfers


def marked(snapshot: Snapshot, start: DayStart) -> Watch:
    """What the next count knows of this one."""
    return watch(
        day=start.day,
        day_start_equity=start.equity,
        high_water_mark=snapshot.high_water_mark,
        counted_at=NOON,
        equity=snapshot.equity,
        units=snapshot.units,
        transferred=snapshot.transferred,
    )


def counted(cash: Decimal, before: Watch, transferred: Decimal | None) -> tuple[Snapshot, DayStart]:
    snapshot = count(Account(name="paper", cash=cash, positions={}), [], {}, before, NOON, transferred)
    assert snapshot is not None
    return snapshot, day_start(before, SESSIONS, snapshot, NOON)


STEPS = st.lists(st.tuples(st.integers(-40, 60), st.integers(-30, 40)), min_size=1, max_size=8)


@given(STEPS)
def test_falls_are_those_of_the_same_account_without_its_transfers(steps: list[tuple[int, int]]) -> None:
    cash, alone, put_in = Decimal(100_000), Decimal(1), Decimal(0)
    snapshot, start = counted(cash, watch(), put_in)
    best = alone
    for moved, gained in steps:
        change = 1 + Decimal(gained) / 100
        transfer = cash * change * Decimal(moved) / 100
        cash, alone, put_in = cash * change + transfer, alone * change, put_in + transfer
        best = max(best, alone)
        snapshot, start = counted(cash, marked(snapshot, start), put_in)

    assert float(snapshot.equity / start.equity) == pytest.approx(float(alone), rel=1e-4)
    assert float(snapshot.equity / snapshot.high_water_mark) == pytest.approx(float(alone / best), rel=1e-4)
    assert float(snapshot.equity / snapshot.units) == pytest.approx(float(100_000 * alone), rel=1e-4)


@pytest.mark.parametrize(("before", "now"), [(None, Decimal(50)), (Decimal(50), None), (None, None)])
def test_where_nobody_tells_of_transfers_marks_stay(before: Decimal | None, now: Decimal | None) -> None:
    last = watch(equity=Decimal(1000), high_water_mark=Decimal(2000), units=Decimal(1), transferred=before)

    snapshot, start = counted(Decimal(500), last, now)

    assert (snapshot.high_water_mark, start.equity, snapshot.units) == (Decimal(2000), Decimal(1000), Decimal(1))
    assert snapshot.transferred == (before if now is None else now)


@pytest.mark.parametrize(("worth", "put_in"), [(Decimal(0), Decimal(-1000)), (Decimal(500), Decimal(500))])
def test_an_emptied_account_and_one_that_is_filled_from_nothing_keep_their_marks(
    worth: Decimal, put_in: Decimal
) -> None:
    last = watch(equity=Decimal(1000), high_water_mark=Decimal(2000), units=Decimal(1), transferred=Decimal(0))

    snapshot, start = counted(worth, last, put_in)

    assert (snapshot.high_water_mark, start.equity, snapshot.units) == (Decimal(2000), Decimal(1000), Decimal(1))
