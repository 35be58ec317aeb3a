import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from stonks.risk.breaker_findings import Answers, Known, Sent, Stop, Worth, by_place, measure, stream_dead
from stonks.risk.breaker_limits import BREAKER_LIMITS
from stonks.risk.breakers import Breaker, BreakerKind as Kind, BreakerState, Finding
from stonks.risk.trades import ClosedTrade
from tests.fakes.facts import weekdays

LIMITS = BREAKER_LIMITS["moderate"]
SESSIONS = weekdays(date(2025, 4, 7), 5)
NOW = SESSIONS[2].opens_at + timedelta(hours=2)
WELL = Worth(equity=100.0, day_start=100.0, high_water=100.0, week_start=100.0, at=NOW)


def found(*rows: Breaker, tier: str = "moderate", **known: object) -> dict[tuple[str, Kind], Finding]:
    values: dict[str, Any] = {"worth": WELL, "sessions": SESSIONS} | known
    given = Known(**values)
    return {(each.scope, each.kind): each for each in measure(given, by_place(rows), BREAKER_LIMITS[tier])}


def tripped(*rows: Breaker, **known: Any) -> set[str]:  # noqa: ANN401 - fields of Known by name
    return {f"{kind}@{scope}" for (scope, kind), each in found(*rows, **known).items() if each.tripped}


def closed(scope: str, kind: Kind, since: datetime) -> Breaker:
    return Breaker(
        scope=scope,
        kind=kind,
        state=BreakerState.CLOSED,
        observed=1.0,
        limit=1.0,
        opened_at=since,
        since=since,
    )


def test_with_nothing_to_judge_by_nothing_trips() -> None:
    assert tripped(mismatches={}) == set()


# ------------------------------------------------------------------------------------------------ worth


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"equity": 97.51}, set()),
        ({"equity": 97.5}, {"DAILY_LOSS@global"}),
        ({"equity": 95.0}, {"DAILY_LOSS@global", "DAILY_FLATTEN@global", "WEEKLY_LOSS@global"}),
        ({"day_start": 103.0}, {"DAILY_LOSS@global"}),
        ({"high_water": 112.0}, {"DRAWDOWN@global"}),
        ({"week_start": 106.0}, {"WEEKLY_LOSS@global"}),
        ({"day_start": 0.0}, {"DAILY_LOSS@global", "DAILY_FLATTEN@global"}),
        (
            {"equity": math.nan},
            {"DAILY_LOSS@global", "DAILY_FLATTEN@global", "DRAWDOWN@global", "WEEKLY_LOSS@global"},
        ),
    ],
)
def test_a_fall_to_its_limit_trips_and_so_does_a_worth_that_is_not_a_number(
    changes: dict[str, float], expected: set[str]
) -> None:
    worth = Worth(**({"equity": 100.0, "day_start": 100.0, "high_water": 100.0, "week_start": 100.0} | changes), at=NOW)
    assert tripped(worth=worth) == expected


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    finding = found(worth=Worth(equity=math.nan, day_start=1.0, high_water=1.0, week_start=1.0, at=NOW))
    assert finding["global", Kind.DRAWDOWN].observed is None
    assert "unknown" in finding["global", Kind.DRAWDOWN].words


@pytest.mark.parametrize(("tier", "limit"), [("conservative", -0.015), ("moderate", -0.025), ("aggressive", -0.04)])
def test_each_tier_has_its_own_limits(tier: str, limit: float) -> None:
    assert found(tier=tier)["global", Kind.DAILY_LOSS].limit == limit


# ------------------------------------------------------------------------------------------------ trades and stops


def trades(*profits: int, ticker: str | None = None) -> list[ClosedTrade]:
    """Closed trades an hour apart, the last an hour ago, each in a ticker of its own unless told otherwise."""
    return [
        ClosedTrade(
            ticker=ticker or f"T{number}",
            closed_at=NOW - timedelta(hours=len(profits) - number),
            profit=Decimal(profit),
        )
        for number, profit in enumerate(profits)
    ]


@pytest.mark.parametrize(
    ("profits", "streak", "trips"),
    [
        ((-1, -1, -1, -1), 4, False),
        ((5, -1, -1, -1, -1, -1), 5, True),
        ((-1, -1, -1, -1, 0, -1), 1, False),
        ((), 0, False),
    ],
)
def test_a_streak_is_of_losses_one_after_another(profits: tuple[int, ...], streak: int, *, trips: bool) -> None:
    finding = found(trades=trades(*profits))["strategy", Kind.LOSS_STREAK]
    assert (finding.observed, finding.tripped) == (streak, trips)


def test_losses_before_a_breaker_closed_are_not_counted_again() -> None:
    row = closed("strategy", Kind.LOSS_STREAK, NOW - timedelta(hours=2, minutes=30))
    assert found(row, trades=trades(-1, -1, -1, -1, -1))["strategy", Kind.LOSS_STREAK].observed == 2


def test_stops_are_counted_over_two_sessions() -> None:
    ages = [timedelta(hours=1), timedelta(days=1), timedelta(hours=23), timedelta(days=2)]
    stops = [Stop(ticker=str(number), at=NOW - age) for number, age in enumerate(ages)]
    assert found(stops=stops)["global", Kind.STOP_CLUSTER].observed == 3
    assert tripped(stops=[*stops, Stop(ticker="X", at=NOW)]) == {"STOP_CLUSTER@global"}
    row = closed("global", Kind.STOP_CLUSTER, NOW - timedelta(hours=2))
    assert found(row, stops=stops)["global", Kind.STOP_CLUSTER].observed == 1


def test_a_ticker_that_lost_money_over_three_trades_is_locked_alone() -> None:
    losing = [*trades(-5, 2, 2, ticker="AAPL"), *trades(-9, 1, ticker="JPM"), *trades(-1, -1, 5, ticker="UNH")]
    assert tripped(trades=losing) == {"LOW_PROFIT@ticker:AAPL"}


def test_the_aggressive_tier_locks_no_ticker() -> None:
    assert ("ticker:AAPL", Kind.LOW_PROFIT) not in found(trades=trades(-5, -5, -5, ticker="AAPL"), tier="aggressive")


def test_trades_before_a_lock_ended_do_not_lock_again() -> None:
    row = closed("ticker:AAPL", Kind.LOW_PROFIT, NOW - timedelta(minutes=90))
    assert tripped(row, trades=trades(-5, -5, -5, ticker="AAPL")) == set()


# ------------------------------------------------------------------------------------------------ broker and prices


@pytest.mark.parametrize(
    ("submits", "errors", "trips"),
    [(4, 4, False), (5, 1, False), (5, 2, True), (10, 2, False), (10, 3, True), (0, 0, False)],
)
def test_errors_trip_by_their_share_from_five_orders_on(submits: int, errors: int, *, trips: bool) -> None:
    assert found(sent=Sent(submits=submits, errors=errors))["broker", Kind.ORDER_ERRORS].tripped is trips


FRESH, OLD = NOW - timedelta(minutes=10), NOW - timedelta(minutes=10, seconds=1)


@pytest.mark.parametrize(
    ("priced", "now", "trips"),
    [
        ({}, NOW, False),
        ({"A": FRESH}, NOW, False),
        ({"A": OLD}, NOW, True),
        ({"A": None}, NOW, True),
        ({"A": OLD, **dict.fromkeys("BCDE", FRESH)}, NOW, True),
        ({"A": OLD, **dict.fromkeys("BCDEF", FRESH)}, NOW, False),
        ({"A": None}, SESSIONS[2].closes_at, False),
        ({"A": None}, SESSIONS[2].opens_at + timedelta(minutes=5), False),
    ],
)
def test_prices_are_stale_only_in_a_session_and_for_a_fifth_of_the_holdings(
    priced: dict[str, datetime | None], now: datetime, *, trips: bool
) -> None:
    worth = Worth(equity=1.0, day_start=1.0, high_water=1.0, week_start=1.0, at=now)
    assert found(worth=worth, priced=priced)["global", Kind.STALE_DATA].tripped is trips


def test_a_silent_broker_trips_after_two_minutes() -> None:
    assert not stream_dead(timedelta(seconds=119), NOW, LIMITS).tripped
    assert stream_dead(timedelta(seconds=120), NOW, LIMITS).tripped


def test_a_mismatch_names_its_ticker_and_three_stop_everything() -> None:
    one = {"AAPL": (Decimal(5), Decimal(6))}
    three = one | {"JPM": (Decimal(0), Decimal(1)), "UNH": (Decimal(1), Decimal(0))}
    assert tripped(mismatches=one) == {"RECON_MISMATCH@ticker:AAPL"}
    assert "RECON_MISMATCH@global" in tripped(mismatches=three)
    assert "5 shares, the broker says 6" in found(mismatches=one)["ticker:AAPL", Kind.RECON_MISMATCH].words


def test_positions_that_were_not_compared_say_nothing() -> None:
    assert not any(kind is Kind.RECON_MISMATCH for _, kind in found(mismatches=None))


# ------------------------------------------------------------------------------------------------ the language model


@pytest.mark.parametrize(
    ("answers", "rejected", "claims", "unverified", "trips"),
    [
        (19, 19, 0, 0, False),
        (50, 9, 0, 0, False),
        (50, 10, 0, 0, True),
        (50, 0, 200, 39, False),
        (50, 0, 200, 40, True),
        (0, 0, 0, 0, False),
    ],
)
def test_a_model_is_judged_by_its_answers_and_by_the_claims_in_them(
    answers: int, rejected: int, claims: int, unverified: int, *, trips: bool
) -> None:
    seen = Answers(answers=answers, rejected=rejected, claims=claims, unverified=unverified)
    assert found(answers=seen)["signals", Kind.LLM_QUALITY].tripped is trips
