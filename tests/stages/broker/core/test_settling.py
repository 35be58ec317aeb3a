from datetime import timedelta
from decimal import Decimal

import pytest

from stonks.risk.breaker_findings import Known
from stonks.risk.breaker_limits import BREAKER_LIMITS
from stonks.risk.breakers import Breaker, BreakerKind as Kind, BreakerState
from stonks.stages.broker.core.settling import flattens, mirror, mismatch_breakers, settled, worth_of
from stonks.stages.broker.core.worth import DayStart
from tests.fakes.facts import NOW

LIMITS = BREAKER_LIMITS["moderate"]
TODAY = DayStart(day=NOW.date(), equity=Decimal(100), began=NOW)


def breaker(scope: str, kind: Kind, observed: float | None = 1.0, state: BreakerState = BreakerState.OPEN) -> Breaker:
    return Breaker(scope=scope, kind=kind, state=state, observed=observed, limit=2.0, opened_at=NOW)


def test_an_unknown_worth_opens_all_that_is_measured_on_it_and_says_so() -> None:
    known = Known(worth=worth_of(None, TODAY, None, NOW), sessions=())

    changed = settled([], known, LIMITS)

    assert [each.kind for each in changed] == [Kind.DAILY_LOSS, Kind.DAILY_FLATTEN, Kind.DRAWDOWN, Kind.WEEKLY_LOSS]
    assert all(each.observed is None and "unknown" in str(each.reason) for each in changed)


def test_a_mismatch_is_named_once_and_closes_when_it_is_gone() -> None:
    found = [("AAPL", Decimal(5), Decimal(6)), ("JPM", Decimal(0), Decimal(1))]
    stored = [breaker("ticker:AAPL", Kind.RECON_MISMATCH), breaker("ticker:UNH", Kind.RECON_MISMATCH)]

    changed = mismatch_breakers(stored, found, NOW)

    assert [(each.scope, each.state) for each in changed] == [("ticker:JPM", "open"), ("ticker:UNH", "closed")]
    assert "our fills of JPM add up to 0 shares, the broker says 1" in str(changed[0].reason)


def test_the_third_mismatch_stops_every_ticker_until_fewer_are_left() -> None:
    found = [(ticker, Decimal(1), Decimal(2)) for ticker in ("AAPL", "JPM", "UNH")]

    opened = mismatch_breakers([], found, NOW)
    later = mismatch_breakers(opened, found[:2], NOW + timedelta(minutes=1))

    assert [each.scope for each in opened] == ["ticker:AAPL", "ticker:JPM", "ticker:UNH", "global"]
    assert [(each.scope, each.state) for each in later] == [("ticker:UNH", "closed"), ("global", "closed")]


@pytest.mark.parametrize(
    ("stored", "observed", "gives_up"),
    [
        ([], -0.06, True),
        ([], None, False),
        ([breaker("global", Kind.DAILY_FLATTEN)], -0.06, False),
        ([breaker("global", Kind.DAILY_FLATTEN, state=BreakerState.CLOSED)], -0.06, True),
    ],
)
def test_everything_is_given_up_once_and_never_for_a_worth_that_nobody_knows(
    stored: list[Breaker], observed: float | None, *, gives_up: bool
) -> None:
    changed = [breaker("global", Kind.DAILY_FLATTEN, observed)]
    assert (flattens(changed, stored) is not None) is gives_up


def test_redis_shows_the_last_word_on_each() -> None:
    before, after = breaker("global", Kind.DRAWDOWN), breaker("global", Kind.DRAWDOWN, state=BreakerState.CLOSED)
    assert mirror([before, after]) == {"trading:circuit_breaker:global:DRAWDOWN": "closed"}
