import math
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stonks.stages.aggregation.core.event_study import EventReturn, News, event_returns
from stonks.stages.aggregation.core.outcomes import SessionMove
from tests.fakes.facts import weekdays

SESSIONS = weekdays(date(2024, 6, 3), 120)
EVENT = 100
"""The session that the news falls before or into."""


def moves(own: dict[int, tuple[float, float]], *, market: float = 1.0, swing: float = 0.01) -> list[SessionMove]:
    """A calm stock that moves up and down by ``swing``, but in some sessions by (intraday, daily)."""
    found = []
    for number, session in enumerate(SESSIONS):
        calm = 1.0 + (swing if number % 2 else -swing)
        intraday, daily = own.get(number, (calm, calm))
        found.append(
            SessionMove(
                starts_at=session.opens_at,
                ends_at=session.closes_at,
                open=Decimal(100),
                close=Decimal(100),
                intraday=intraday,
                daily=daily,
                market_intraday=market if number >= EVENT else 1.0,
                market_daily=market if number >= EVENT else 1.0,
            )
        )
    return found


def news(number: int = 1, *, hours: float = -1.0, direction: float = 0.5, event_type: str = "product") -> News:
    known_at = SESSIONS[EVENT].opens_at + timedelta(hours=hours)
    return News(id=UUID(int=number), event_type=event_type, known_at=known_at, direction=direction)


def studied(*told: News, sessions: list[SessionMove], days: int = 119) -> list[EventReturn]:
    return list(event_returns("AAPL", told, sessions, SESSIONS[days].closes_at))


def test_news_of_the_night_is_entered_at_the_open_and_news_of_the_day_at_the_close() -> None:
    sessions = moves({EVENT: (1.03, 1.05), EVENT + 1: (1.0, 1.02)})

    night, _ = studied(news(), sessions=sessions)
    day, _ = studied(news(hours=2), sessions=sessions)

    assert (night.entered_at, night.exited_at) == (SESSIONS[EVENT].opens_at, SESSIONS[EVENT].closes_at)
    assert (day.entered_at, day.exited_at) == (SESSIONS[EVENT].closes_at, SESSIONS[EVENT + 1].closes_at)
    assert night.own_return == pytest.approx(0.03)
    assert day.own_return == pytest.approx(0.02)


def test_a_return_is_taken_beyond_the_beta_and_told_in_deviations_of_before() -> None:
    one, week = studied(news(), sessions=moves({EVENT: (1.03, 1.05)}, market=1.01))

    # The market stood still before the event, so nothing is known of the beta: it is 1.
    assert (one.beta, one.horizon, week.horizon) == (1.0, 1, 5)
    assert one.volatility == pytest.approx(0.01, rel=1e-3)
    assert one.z == pytest.approx((0.03 - 0.01) / one.volatility)
    swings = 1.01 * 0.99 * 1.01 * 0.99
    assert week.z == pytest.approx((1.03 * swings - 1.01**5) / (one.volatility * math.sqrt(5)))


def test_a_beta_is_that_of_the_year_before_pulled_a_third_of_the_way_to_one() -> None:
    sessions = [
        SessionMove(
            starts_at=move.starts_at,
            ends_at=move.ends_at,
            open=move.open,
            close=move.close,
            intraday=move.intraday,
            daily=move.daily,
            market_intraday=move.market_intraday,
            market_daily=1.0 + (move.daily - 1.0) / 2.0,
        )
        for move in moves({})
    ]

    assert studied(news(), sessions=sessions)[0].beta == pytest.approx(0.67 * 2.0 + 0.33)


def test_one_extreme_return_is_cut_off_at_five_deviations() -> None:
    up, _ = studied(news(), sessions=moves({EVENT: (1.9, 1.9)}))
    down, _ = studied(news(), sessions=moves({EVENT: (0.1, 0.1)}))

    assert (up.z, down.z) == (5.0, -5.0)
    assert (up.leant, down.leant) == (5.0, -5.0)


def test_how_far_a_stock_leant_is_the_way_the_text_pointed() -> None:
    fell, _ = studied(news(direction=-0.4), sessions=moves({EVENT: (0.98, 0.98)}))

    assert fell.z < 0 < fell.leant


def test_all_news_of_a_type_before_one_entry_is_one_event() -> None:
    told = (news(1, direction=0.5), news(2, direction=-0.2), news(3, event_type="recall"))

    product, _, recall, _ = studied(*told, sessions=moves({}))

    assert (product.event_type, product.direction, product.signal_ids) == ("product", 1.0, (UUID(int=1), UUID(int=2)))
    assert recall.signal_ids == (UUID(int=3),)


def test_a_stock_of_which_too_little_is_known_is_not_measured() -> None:
    few = moves({})[EVENT - 15 :]

    assert studied(news(), sessions=few) == []


def test_an_event_is_measured_when_its_span_is_over_and_not_before() -> None:
    counts = [
        len(studied(news(), sessions=moves({})[: days + 1], days=days))
        for days in (EVENT - 1, EVENT, EVENT + 3, EVENT + 4)
    ]

    assert counts == [0, 1, 1, 2]


@given(st.lists(st.tuples(st.integers(30, 118), st.floats(-8, 8), st.floats(-1, 1)), max_size=8), st.integers(31, 119))
def test_bars_that_are_known_later_change_nothing(events: list[tuple[int, float, float]], day: int) -> None:
    told = [
        News(
            id=UUID(int=number),
            event_type="product",
            known_at=SESSIONS[session].opens_at + timedelta(hours=hours),
            direction=direction,
        )
        for number, (session, hours, direction) in enumerate(events, 1)
    ]
    sessions = moves({day + 1: (1.3, 1.4)}, market=1.02)
    now = SESSIONS[day].closes_at

    then = list(event_returns("AAPL", told, sessions[: day + 1], now))

    assert list(event_returns("AAPL", told, sessions, now)) == then
    assert all(one.exited_at <= now and abs(one.z) <= 5.0 for one in then)
