from datetime import UTC, timedelta

from stonks.runtime.clock import SystemClock


def test_real_time_is_aware_in_utc_and_does_not_run_back() -> None:
    clock = SystemClock()

    first, second = clock.now(), clock.now()

    assert first.tzinfo is UTC
    assert timedelta(0) <= second - first < timedelta(minutes=1)
