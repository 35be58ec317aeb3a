from datetime import timedelta

from stonks.adapters.broker.exchange.latency import at_once, seeded

LAGS = [seeded(f"so-{number}") for number in range(500)]


def test_an_order_takes_from_50_to_250_milliseconds_by_its_id() -> None:
    assert min(LAGS) >= timedelta(milliseconds=50)
    assert max(LAGS) <= timedelta(milliseconds=250)
    assert len(set(LAGS)) > 100
    assert [seeded(f"so-{number}") for number in range(500)] == LAGS


def test_without_latency_it_takes_no_time() -> None:
    assert at_once("so-1") == timedelta(0)
