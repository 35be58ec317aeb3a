from datetime import timedelta
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from stonks.model.errors import Conflict, Malformed, Refused, StonksError, Superseded, Throttled, Unreachable, Waiting
from stonks.runtime.outcome import Buried, Outcome, Retried, Skipped, Stalled, backoff, outcome_of

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Superseded("done"), Skipped()),
        (Waiting("not yet"), Stalled("not yet")),
        (Throttled("slow", timedelta(seconds=7)), Retried(timedelta(seconds=7), "throttled", "slow")),
        (Malformed("no text"), Buried("malformed", "no text")),
        (Refused("no"), Buried("refused", "no")),
    ],
)
def test_an_error_says_what_to_do(error: Exception, expected: Outcome) -> None:
    assert outcome_of(error, 1, Random(1)) == expected


def test_a_lost_race_is_run_again_sooner_than_an_unreachable_server_is_asked_again() -> None:
    race, server = outcome_of(Conflict("lost"), 1, Random(1)), outcome_of(Unreachable("gone"), 1, Random(1))

    assert isinstance(race, Retried)
    assert isinstance(server, Retried)
    assert race.delay < timedelta(milliseconds=100) < server.delay
    assert not race.bug


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), StonksError("unclassified")])
def test_anything_else_is_a_bug_that_says_where_it_is(error: Exception) -> None:
    def worker() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        worker()
    outcome = outcome_of(raised.value, 1, Random(1))

    assert isinstance(outcome, Retried)
    assert outcome.bug
    assert "worker:" in outcome.error


def test_a_message_can_always_be_written() -> None:
    outcome = outcome_of(Refused("lone \udc80" + "x" * 9000), 1, Random(1))

    assert isinstance(outcome, Buried)
    assert len(outcome.error.encode()) <= 2000
    assert outcome.error.startswith("lone ?")


@given(failures=st.integers(0, 1000), seed=st.integers())
def test_waits_double_up_to_five_minutes_and_are_spread(failures: int, seed: int) -> None:
    middle = min(timedelta(minutes=5), SECOND * 2.0 ** min(failures, 20))

    assert middle * 0.5 <= backoff(failures, Random(seed)) <= middle * 1.5
