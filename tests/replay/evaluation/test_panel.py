from datetime import timedelta

import numpy as np
import pytest

from stonks.replay.evaluation.panel import (
    PRIOR_WEIGHT,
    DailyReturn,
    Grid,
    abnormal,
    day_scores,
    night_scores,
    returns_of,
)
from tests.replay.evaluation.conftest import make_said, sessions

MINUTE = timedelta(minutes=1)
GRID = Grid(tuple(sessions(3)), ("A", "B"))
FIRST, SECOND, THIRD = GRID.sessions
ALONE = 1.0 / (1.0 + PRIOR_WEIGHT)


def test_news_after_the_close_belongs_to_the_next_session() -> None:
    scores = day_scores(GRID, [make_said(1, "A", FIRST.closes_at + MINUTE), make_said(2, "B", SECOND.closes_at)])

    assert scores[1] == pytest.approx([ALONE, ALONE])
    assert np.isnan(scores[2]).all()


def test_what_is_known_less_than_a_minute_before_the_open_cannot_be_traded_at_it() -> None:
    late = night_scores(GRID, [make_said(1, "A", SECOND.opens_at - timedelta(seconds=59))])
    early = night_scores(GRID, [make_said(1, "A", SECOND.opens_at - MINUTE)])

    assert np.isnan(late).all()
    assert early[1, 0] == pytest.approx(ALONE)


def test_news_of_a_session_says_nothing_of_the_night_after() -> None:
    assert np.isnan(night_scores(GRID, [make_said(1, "A", SECOND.opens_at + MINUTE)])).all()


def test_a_story_told_twice_counts_once_with_its_loudest_report() -> None:
    told = [make_said(1, "A", SECOND.opens_at), make_said(1, "A", SECOND.opens_at + MINUTE, weight=0.5, direction=-1.0)]

    # weight 1, direction (1 - .5) / 1.5
    assert day_scores(GRID, told)[1, 0] == pytest.approx((1 / 3) / (1.0 + PRIOR_WEIGHT))


def test_the_order_of_news_changes_nothing() -> None:
    told = [make_said(n % 4, "AB"[n % 2], SECOND.opens_at + n * MINUTE, direction=(-1) ** n * n / 9) for n in range(9)]

    assert np.array_equal(day_scores(GRID, told), day_scores(GRID, told[::-1]), equal_nan=True)


def test_returns_are_against_the_mean_of_those_that_have_a_bar() -> None:
    rows = [
        DailyReturn(ticker="A", starts_at=SECOND.opens_at, intraday=0.03, daily=None),
        DailyReturn(ticker="B", starts_at=SECOND.opens_at, intraday=0.01, daily=0.02),
        DailyReturn(ticker="C", starts_at=SECOND.opens_at, intraday=0.50, daily=0.02),
    ]

    found = returns_of(GRID, rows)

    assert found.intraday[1] == pytest.approx([0.01, -0.01])
    assert np.isnan(found.daily[1, 0])
    assert found.daily[1, 1] == pytest.approx(0.0)
    assert np.isnan(abnormal(found.intraday)[0]).all()
