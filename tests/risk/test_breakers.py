from datetime import date, datetime, timedelta

import msgspec
import pytest

from stonks.risk.breaker_limits import BREAKER_LIMITS
from stonks.risk.breaker_words import consequences, worded
from stonks.risk.breakers import Breaker, BreakerKind as Kind, BreakerState, Finding, Moment, settle
from tests.fakes.facts import weekdays

LIMITS = BREAKER_LIMITS["moderate"]
OPEN, CLOSED, HALF_OPEN = BreakerState.OPEN, BreakerState.CLOSED, BreakerState.HALF_OPEN
SESSIONS = weekdays(date(2025, 4, 7), 15)
MONDAY, TUESDAY, WEDNESDAY = SESSIONS[:3]
NEXT_MONDAY = SESSIONS[5]
NOON = MONDAY.opens_at + timedelta(hours=3)


def finding(kind: Kind, *, tripped: bool = True, **changes: object) -> Finding:
    plain = Finding(
        scope="global",
        kind=kind,
        tripped=tripped,
        observed=-0.03,
        limit=-0.025,
        words="it fell",
        inputs={"equity": NOON},
    )
    return msgspec.structs.replace(plain, **changes)


def moment(now: datetime) -> Moment:
    return Moment(now=now, sessions=SESSIONS, limits=LIMITS)


def after(stored: Breaker | None, found: Finding, now: datetime) -> Breaker | None:
    """The breaker as it stands after a finding, changed or not."""
    return settle(stored, found, moment(now)) or stored


def opened(kind: Kind, **changes: object) -> Breaker:
    breaker = settle(None, msgspec.structs.replace(finding(kind), **changes), moment(NOON))
    assert breaker is not None
    return breaker


@pytest.mark.parametrize("kind", list(Kind))
def test_a_first_trip_opens_with_all_that_is_known_of_it_and_a_first_calm_writes_nothing(kind: Kind) -> None:
    breaker = settle(None, finding(kind), moment(NOON))

    assert breaker is not None
    assert (breaker.state, breaker.observed, breaker.limit, breaker.opened_at) == (OPEN, -0.03, -0.025, NOON)
    assert (breaker.opener, breaker.inputs, breaker.changed_at) == ("measured", {"equity": NOON}, NOON)
    assert settle(None, finding(kind, tripped=False), moment(NOON)) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_an_open_breaker_keeps_what_opened_it(kind: Kind) -> None:
    again = finding(kind, observed=-0.09)
    assert settle(opened(kind), again, moment(NOON + timedelta(minutes=1))) is None


@pytest.mark.parametrize(
    ("kind", "tripped", "open_at", "closed_at"),
    [
        (Kind.DAILY_LOSS, False, MONDAY.closes_at, TUESDAY.opens_at),
        (Kind.DAILY_FLATTEN, False, MONDAY.closes_at, TUESDAY.opens_at),
        (Kind.WEEKLY_LOSS, True, SESSIONS[4].closes_at, NEXT_MONDAY.opens_at),
        (Kind.LOSS_STREAK, True, TUESDAY.opens_at, TUESDAY.closes_at),
        (Kind.STOP_CLUSTER, True, TUESDAY.opens_at, TUESDAY.closes_at),
        (Kind.LOW_PROFIT, True, SESSIONS[10].opens_at, SESSIONS[10].closes_at),
        (Kind.RECON_MISMATCH, False, None, NOON + timedelta(seconds=10)),
        (Kind.STREAM_DEAD, False, None, NOON + timedelta(seconds=10)),
    ],
)
def test_a_breaker_closes_when_its_time_is_over_and_not_before(
    kind: Kind, *, tripped: bool, open_at: datetime | None, closed_at: datetime
) -> None:
    found, breaker = finding(kind, tripped=tripped), opened(kind)

    if open_at is not None:
        assert settle(breaker, found, moment(open_at)) is None
    end = settle(breaker, found, moment(closed_at))

    assert end is not None
    assert (end.state, end.changed_at, end.since) == (CLOSED, closed_at, closed_at)


@pytest.mark.parametrize("kind", [Kind.DAILY_LOSS, Kind.DAILY_FLATTEN, Kind.RECON_MISMATCH, Kind.STREAM_DEAD])
def test_what_still_trips_stays_open_however_late_it_is(kind: Kind) -> None:
    assert settle(opened(kind), finding(kind), moment(NEXT_MONDAY.opens_at)) is None


@pytest.mark.parametrize("kind", [Kind.DRAWDOWN, Kind.LLM_QUALITY])
def test_only_a_person_closes_a_drawdown_or_a_bad_model(kind: Kind) -> None:
    assert settle(opened(kind), finding(kind, tripped=False), moment(SESSIONS[-1].closes_at)) is None


def test_what_opened_on_an_unknown_worth_closes_once_it_is_known_and_well() -> None:
    breaker = opened(Kind.DRAWDOWN, observed=None)
    still = finding(Kind.DRAWDOWN, observed=-0.2)
    known = finding(Kind.DRAWDOWN, tripped=False, observed=-0.01)

    assert settle(breaker, still, moment(NOON + timedelta(minutes=1))) is None
    end = after(breaker, known, NOON + timedelta(minutes=2))
    assert end is not None
    assert end.state is CLOSED


def test_errors_half_open_after_five_minutes_and_a_probe_that_passes_closes() -> None:
    breaker, calm = opened(Kind.ORDER_ERRORS), finding(Kind.ORDER_ERRORS, tripped=False)
    later = NOON + timedelta(minutes=5)

    assert settle(breaker, calm, moment(later - timedelta(seconds=1))) is None
    half = after(breaker, calm, later)
    assert half is not None
    assert (half.state, half.changed_at, half.since) == (HALF_OPEN, later, later)
    assert settle(half, calm, moment(later + timedelta(hours=1))) is None, "nobody has probed yet"
    end = after(half, msgspec.structs.replace(calm, probe=True), later + timedelta(hours=1))
    assert end is not None
    assert end.state is CLOSED


def test_a_probe_that_fails_opens_again_and_the_five_minutes_begin_anew() -> None:
    calm = finding(Kind.ORDER_ERRORS, tripped=False)
    later = NOON + timedelta(minutes=5)
    half = after(opened(Kind.ORDER_ERRORS), calm, later)

    again = after(half, msgspec.structs.replace(calm, probe=False), later + timedelta(minutes=1))

    assert again is not None
    assert (again.state, again.opened_at) == (OPEN, later + timedelta(minutes=1))
    assert settle(again, calm, moment(later + timedelta(minutes=5))) is None
    assert settle(again, calm, moment(later + timedelta(minutes=6))) is not None


def test_prices_have_to_be_back_for_two_minutes_without_a_break() -> None:
    calm, tripped = finding(Kind.STALE_DATA, tripped=False), finding(Kind.STALE_DATA)
    breaker = opened(Kind.STALE_DATA)
    states = []
    for minutes, found in ((1, calm), (2, tripped), (3, calm), (4, calm), (5, calm)):
        breaker = after(breaker, found, NOON + timedelta(minutes=minutes)) or breaker
        states.append(breaker.state)
    assert states == [OPEN, OPEN, OPEN, OPEN, CLOSED]


# ------------------------------------------------------------------------------------------------ what it covers


def row(scope: str, kind: Kind = Kind.DRAWDOWN, state: BreakerState = OPEN, *, probing: bool = False) -> Breaker:
    return Breaker(scope=scope, kind=kind, state=state, observed=1.0, limit=1.0, opened_at=NOON, probing=probing)


@pytest.mark.parametrize(
    ("breaker", "covers", "probes"),
    [
        (row("global"), True, False),
        (row("broker", Kind.ORDER_ERRORS), True, False),
        (row("strategy", Kind.LOSS_STREAK), True, False),
        (row("ticker:AAPL", Kind.LOW_PROFIT), True, False),
        (row("ticker:JPM", Kind.LOW_PROFIT), False, False),
        (row("sector:Technology"), True, False),
        (row("sector:Financials"), False, False),
        (row("global", state=CLOSED), False, False),
        (row("global", Kind.WEEKLY_LOSS), False, False),
        (row("signals", Kind.LLM_QUALITY), False, False),
        (row("broker", Kind.ORDER_ERRORS, HALF_OPEN), False, True),
        (row("broker", Kind.ORDER_ERRORS, HALF_OPEN, probing=True), True, False),
    ],
)
def test_a_breaker_covers_what_is_in_its_scope_and_lets_one_probe_pass(
    breaker: Breaker, *, covers: bool, probes: bool
) -> None:
    assert breaker.covers("AAPL", "Technology") is covers
    assert breaker.probes("AAPL", "Technology") is probes


# ------------------------------------------------------------------------------------------------ what it says


@pytest.mark.parametrize("kind", list(Kind))
def test_every_message_says_scope_measure_effect_end_and_what_a_reset_does_and_does_not_do(kind: Kind) -> None:
    message = worded(opened(kind), LIMITS).reason

    assert message is not None
    assert message.startswith(f"{kind} for the whole account: it fell. Now ")
    assert "It ends " in message
    assert "A reset closes" in message
    assert "changes no position and no order" in message
    assert "opens again when it trips anew" in message


def test_a_reset_of_one_ticker_says_so() -> None:
    assert "LOW_PROFIT for AAPL alone" in consequences(row("ticker:AAPL", Kind.LOW_PROFIT), LIMITS)
