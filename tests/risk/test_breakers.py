import math
from datetime import timedelta

import pytest

from stonks.risk.breakers import Breaker, BreakerKind, BreakerState, Worth, measure, settle
from stonks.risk.policy import POLICIES
from tests.fakes.facts import NOW

LIMITS = POLICIES["moderate"].breakers
OPEN, CLOSED = BreakerState.OPEN, BreakerState.CLOSED


@pytest.mark.parametrize(
    ("equity", "daily", "drawdown"),
    [
        (100_000.0, CLOSED, CLOSED),
        (97_501.0, CLOSED, CLOSED),
        (97_500.0, OPEN, CLOSED),
        (94_499.0, OPEN, OPEN),
        (math.nan, OPEN, OPEN),
    ],
)
def test_a_fall_beyond_its_limit_trips_and_so_does_an_unknown_worth(
    equity: float, daily: BreakerState, drawdown: BreakerState
) -> None:
    measured = measure(Worth(equity=equity, day_start=100_000.0, high_water=105_000.0), LIMITS, NOW)
    assert [breaker.state for breaker in measured] == [daily, drawdown]


def test_a_reference_of_zero_is_unknown() -> None:
    assert all(b.state is OPEN for b in measure(Worth(equity=5.0, day_start=0.0, high_water=0.0), LIMITS, NOW))


def row(kind: BreakerKind, state: BreakerState, ago: timedelta = timedelta(hours=1)) -> Breaker:
    return Breaker(scope="global", kind=kind, state=state, observed=-0.03, limit=-0.025, opened_at=NOW - ago)


def test_an_open_breaker_keeps_what_opened_it() -> None:
    assert settle(row(BreakerKind.DAILY_LOSS, OPEN), row(BreakerKind.DAILY_LOSS, OPEN), NOW) is None


def test_daily_loss_closes_with_the_next_session_and_not_before() -> None:
    opened, measured = row(BreakerKind.DAILY_LOSS, OPEN), row(BreakerKind.DAILY_LOSS, CLOSED)
    same_day = settle(opened, measured, NOW - timedelta(hours=2))
    next_day = settle(opened, measured, NOW)
    assert same_day is None
    assert next_day == measured


@pytest.mark.parametrize("kind", [BreakerKind.DRAWDOWN, BreakerKind.RECON_MISMATCH])
def test_only_a_person_closes_a_drawdown_or_a_mismatch(kind: BreakerKind) -> None:
    assert settle(row(kind, OPEN), row(kind, CLOSED), NOW) is None


def test_a_first_trip_is_written_and_a_first_calm_is_not() -> None:
    tripped = row(BreakerKind.DRAWDOWN, OPEN)
    assert settle(None, tripped, NOW) == tripped
    assert settle(None, row(BreakerKind.DRAWDOWN, CLOSED), NOW) is None
