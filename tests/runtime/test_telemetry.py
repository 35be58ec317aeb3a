from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from stonks.runtime.outcome import Buried, Done, Lost, Outcome, Released, Retried, Skipped
from stonks.runtime.telemetry import Telemetry


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Done(), "ok"),
        (Skipped(), "duplicate"),
        (Retried(timedelta(seconds=2), "unreachable", "gone"), "retry"),
        (Buried("refused", "no"), "dead"),
        (Released(), "released"),
        (Lost(), "lost"),
    ],
)
def test_each_outcome_is_one_line_and_one_count(outcome: Outcome, name: str) -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    with capture_logs() as lines:
        telemetry.started("parser")
        telemetry.ended("parser", "parsing:7", outcome, 0.25)

    (line,) = lines
    assert (line["event"], line["stage"], line["job"], line["milliseconds"]) == (
        f"job.{name}",
        "parser",
        "parsing:7",
        250,
    )
    assert registry.get_sample_value("stonks_jobs_total", {"stage": "parser", "outcome": name}) == 1
    assert registry.get_sample_value("stonks_job_duration_seconds_sum", {"stage": "parser"}) == 0.25
    assert registry.get_sample_value("stonks_jobs_in_flight", {"stage": "parser"}) == 0


def test_a_bug_is_counted_apart() -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    telemetry.ended("parser", "parsing:7", Retried(timedelta(0), "keyerror", "x", bug=True), 0.1)

    assert registry.get_sample_value("stonks_bugs_total", {"stage": "parser"}) == 1
