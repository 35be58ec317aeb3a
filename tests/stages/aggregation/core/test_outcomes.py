import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stonks.stages.aggregation.core.outcomes import (
    HORIZONS,
    PendingSignal,
    SessionMove,
    SignalOutcome,
    outcomes_of,
)

OPEN = datetime(2025, 1, 6, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOURS = timedelta(hours=6.5)
SECOND = timedelta(seconds=1)


def move(number: int, intraday: float = 1.0, daily: float = 1.0, market: float = 1.0) -> SessionMove:
    return SessionMove(
        starts_at=OPEN + number * DAY,
        ends_at=OPEN + number * DAY + HOURS,
        open=Decimal(100),
        close=Decimal(101),
        intraday=intraday,
        daily=daily,
        market_intraday=market,
        market_daily=market,
    )


def signal(known_at: datetime, direction: float = 1.0, number: int = 1) -> PendingSignal:
    return PendingSignal(id=UUID(int=number), known_at=known_at, direction=direction)


def judged(told: PendingSignal, moves: Sequence[SessionMove], now: datetime) -> list[SignalOutcome]:
    return list(outcomes_of([told], moves, now))


@pytest.mark.parametrize(
    ("known_at", "entry"),
    [
        (OPEN + DAY - 60 * SECOND, 1),
        (OPEN + DAY - 59 * SECOND, 2),
        (OPEN + DAY + HOURS - SECOND, 2),
        (OPEN + DAY + HOURS + SECOND, 2),
    ],
    ids=["a minute before the open", "too late for the open", "before the close", "after the close"],
)
def test_the_entry_is_the_first_open_a_minute_after_the_signal_is_known(known_at: datetime, entry: int) -> None:
    moves = [move(number) for number in range(9)]

    assert judged(signal(known_at), moves, moves[-1].ends_at)[0].entry_at == moves[entry].starts_at


def test_the_first_session_counts_from_its_open_the_others_from_close_to_close() -> None:
    moves = [move(0), move(1, intraday=1.02, daily=9.0), *(move(n, intraday=9.0, daily=1.01) for n in range(2, 6))]

    one, five = judged(signal(OPEN), moves, moves[-1].ends_at)

    assert (one.horizon, five.horizon) == (DAY, 5 * DAY)
    assert one.gain == pytest.approx(0.02)
    assert five.gain == pytest.approx(1.02 * 1.01**4 - 1)
    assert five.exit_at == moves[5].ends_at


def test_a_stock_that_rises_less_than_all_is_a_miss_for_good_news_and_a_hit_for_bad() -> None:
    moves = [move(0), move(1, intraday=1.01, market=1.03)]

    good, bad, mute = (judged(signal(OPEN, lean), moves, moves[-1].ends_at)[0] for lean in (0.5, -0.5, 0.0))

    assert good.abnormal == pytest.approx(-0.02)
    assert (good.hit, bad.hit, mute.hit) == (False, True, None)


def test_a_horizon_that_has_not_closed_has_no_outcome() -> None:
    moves = [move(number) for number in range(30)]

    assert judged(signal(OPEN), moves, moves[1].ends_at - SECOND) == []
    assert [one.horizon.days for one in judged(signal(OPEN), moves, moves[1].ends_at)] == [1]
    assert [one.horizon.days for one in judged(signal(OPEN), moves, moves[21].ends_at)] == list(HORIZONS)


def test_z_is_in_standard_deviations_of_the_horizon_before_the_entry() -> None:
    calm = [move(number, daily=1.01 if number % 2 else 1 / 1.01) for number in range(41)]
    after = [move(41 + number, intraday=1.02, daily=1.2) for number in range(5)]

    one, five = judged(signal(calm[-1].starts_at), [*calm, *after], after[-1].ends_at)
    early = judged(signal(OPEN), calm, calm[-1].ends_at)

    assert one.z == pytest.approx(0.02 / math.log(1.01))
    assert five.z == 5.0  # cut off
    assert early[0].z is None  # no bars before the entry


@given(st.lists(st.floats(0.9, 1.1), min_size=3, max_size=40), st.integers(0, 39), st.integers(0, 39))
def test_bars_that_come_later_change_no_outcome(moved: list[float], seen: int, told: int) -> None:
    moves = [move(number, intraday=each, daily=each) for number, each in enumerate(moved)]
    known = moves[: seen + 1]
    news = signal(OPEN + told * DAY - DAY / 2)

    early = judged(news, known, known[-1].ends_at)
    late = judged(news, moves, known[-1].ends_at)

    assert early == late


def test_the_order_of_the_signals_changes_no_outcome() -> None:
    moves = [move(number, intraday=1 + number / 100) for number in range(30)]
    told = [signal(OPEN + number * DAY, (-1) ** number, number) for number in range(20)]
    key = [(one.signal_id, one.horizon) for one in outcomes_of(told, moves, moves[-1].ends_at)]

    forward = {(one.signal_id, one.horizon): one for one in outcomes_of(told, moves, moves[-1].ends_at)}
    backward = {(one.signal_id, one.horizon): one for one in outcomes_of(told[::-1], moves, moves[-1].ends_at)}

    assert forward == backward
    assert len(key) == len(forward)
