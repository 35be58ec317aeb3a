from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from stonks.ports.queue import Claimed
from stonks.ports.stage import Stage, Worker
from stonks.runtime.outcome import Buried, Crashed, Done, Lost, Outcome, Released, Retried, Skipped, Stalled
from stonks.runtime.telemetry import Telemetry

CLAIMED = Claimed("w:1:1", b'{"secret":1}', 2, 1, "parsing:7", timedelta(seconds=3))


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Done(), "ok"),
        (Skipped(), "duplicate"),
        (Retried(timedelta(seconds=2), "unreachable", "gone"), "retry"),
        (Buried("refused", "no"), "dead"),
        (Crashed("killed by signal 9"), "crashed"),
        (Stalled("PostgreSQL: gone"), "stalled"),
        (Released(), "released"),
        (Lost(), "lost"),
    ],
)
def test_each_outcome_is_one_line_and_one_count(outcome: Outcome, name: str) -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    with capture_logs() as lines:
        telemetry.started("parser", "parsing", timedelta(seconds=3), 2)
        telemetry.ended("parser", "parsing:7", outcome, 0.25, "4bf92f3577b34da6a3ce929d0e0e4736", CLAIMED)

    (line,) = lines
    told = {key: value for key, value in line.items() if key not in {"log_level", "error", "again_in", "bug", "reason"}}
    assert told == {
        "event": f"job.{name}",
        "stage": "parser",
        "queue": "parsing",
        "job": "parsing:7",
        "milliseconds": 250,
        "deliveries": 2,
        "crashes": 1,
        "waited_milliseconds": 3000,
        "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    assert registry.get_sample_value("stonks_jobs_total", {"stage": "parser", "outcome": name}) == 1
    assert registry.get_sample_value("stonks_job_duration_seconds_sum", {"stage": "parser"}) == 0.25
    assert registry.get_sample_value("stonks_jobs_in_flight", {"stage": "parser"}) == 0
    assert registry.get_sample_value("stonks_job_attempts_sum", {"stage": "parser"}) == 2
    assert registry.get_sample_value("stonks_queue_delay_seconds_sum", {"queue": "parsing"}) == 3


def test_a_bug_is_counted_apart() -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    telemetry.ended("parser", "parsing:7", Retried(timedelta(0), "keyerror", "x", bug=True), 0.1)

    assert registry.get_sample_value("stonks_bugs_total", {"stage": "parser"}) == 1


def test_a_stage_is_shown_with_its_hands_before_it_has_done_anything() -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    telemetry.opened([Stage(name="parser", open=lambda _: Worker(), concurrency=4)])
    telemetry.started("parser", "parsing", None, 1)

    assert registry.get_sample_value("stonks_workers", {"stage": "parser"}) == 4
    assert registry.get_sample_value("stonks_worker_busy_ratio", {"stage": "parser"}) == 0.25


def test_what_the_runtime_meets_is_counted() -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry)

    with capture_logs() as lines:
        telemetry.lost("parser", 2)
        telemetry.held_back("parser")
        telemetry.reconciled(5, wiped=True, orphans=1)
        telemetry.reconciled(0, wiped=True)

    assert registry.get_sample_value("stonks_tokens_lost_total", {"stage": "parser"}) == 2
    assert registry.get_sample_value("stonks_backpressure_total", {"stage": "parser"}) == 1
    assert registry.get_sample_value("stonks_reconciler_pushes_total") == 5
    assert registry.get_sample_value("stonks_reconciler_orphans_total") == 1
    assert registry.get_sample_value("stonks_queue_wipes_total") == 1
    assert [line["event"] for line in lines] == ["queue.wiped"]
