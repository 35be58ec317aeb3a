"""What is told of each job: one line in the log, and the figures that are scraped."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stonks.ports.queue import Claimed
from stonks.ports.stage import Stage
from stonks.runtime.health import Health
from stonks.runtime.outcome import Buried, Crashed, Done, Lost, Outcome, Released, Retried, Skipped, Stalled

_log = structlog.get_logger()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_WAITS = (*_SECONDS, 1800, 7200, 43200)
_ATTEMPTS = (1, 2, 3, 4, 5)
_NAMES: dict[type[Outcome], str] = {Done: "ok", Skipped: "duplicate", Retried: "retry", Buried: "dead"}
"""What metrics and log lines call an outcome, where that is not simply its name."""


class Telemetry:
    """The figures of one process, in a registry that whoever serves them passes in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the figures."""
        self.health = Health()
        self.registry = registry
        self._hands: dict[str, _Hands] = {}
        self._register_deliveries(registry)
        self._register_stages(registry)
        self._register_reconciler(registry)

    def _register_deliveries(self, registry: CollectorRegistry) -> None:
        self._jobs = Counter(
            "stonks_jobs", "Deliveries and polls by what came of them", ["stage", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "stonks_job_duration_seconds",
            "From the start of a delivery or poll to its outcome",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._attempts = Histogram(
            "stonks_job_attempts",
            "Which delivery of its job each one is: 1 is the first",
            ["stage"],
            buckets=_ATTEMPTS,
            registry=registry,
        )
        self._delay = Histogram(
            "stonks_queue_delay_seconds",
            "From being queued, or due again, to being started",
            ["queue"],
            buckets=_WAITS,
            registry=registry,
        )

    def _register_stages(self, registry: CollectorRegistry) -> None:
        self._in_hand = Gauge(
            "stonks_jobs_in_flight", "Jobs and polls in hand in this process", ["stage"], registry=registry
        )
        self._workers = Gauge(
            "stonks_workers", "Jobs that this process may have in hand at once", ["stage"], registry=registry
        )
        self._busy = Gauge(
            "stonks_worker_busy_ratio", "Share of stonks_workers that is in hand now", ["stage"], registry=registry
        )
        self._lost = Counter(
            "stonks_tokens_lost",
            "Leases that were gone when they were to be kept or settled",
            ["stage"],
            registry=registry,
        )
        self._bugs = Counter(
            "stonks_bugs",
            "Deliveries and polls that ended in an error which nobody raised on purpose",
            ["stage"],
            registry=registry,
        )
        self._held_back = Counter(
            "stonks_backpressure", "Claims that a full queue downstream held back", ["stage"], registry=registry
        )

    def _register_reconciler(self, registry: CollectorRegistry) -> None:
        self._pushed = Counter(
            "stonks_reconciler_pushes",
            "Open jobs of the ledger that were on no queue and were pushed again",
            registry=registry,
        )
        self._orphans = Counter(
            "stonks_reconciler_orphans",
            "Of these, jobs whose presence lock stood though they were nowhere",
            registry=registry,
        )
        self._wipes = Counter(
            "stonks_queue_wipes", "Times the queue's server had lost its memory while jobs were open", registry=registry
        )
        self._epochs = Counter(
            "stonks_epoch_changes",
            "Times the queue's server was met with an empty memory, new ones too",
            registry=registry,
        )

    def opened(self, stages: Sequence[Stage]) -> None:
        """Show these stages with the jobs they can have in hand at once, before anything happens."""
        for stage in stages:
            self._hands_of(stage.name).most = stage.concurrency

    def idle(self, stages: Iterable[str]) -> list[str]:
        """Return those of these stages that have not been opened in this process."""
        return [stage for stage in stages if stage not in self._hands]

    def started(
        self, stage: str, queue: str | None = None, waited: timedelta | None = None, deliveries: int = 0
    ) -> None:
        """Count a job in hand, how long it had waited, and which attempt this is; a poll has only a stage."""
        self._hands_of(stage).held += 1
        if deliveries:
            self._attempts.labels(stage).observe(deliveries)
        if queue is not None and waited is not None:
            self._delay.labels(queue).observe(waited.total_seconds())

    def ended(
        self,
        stage: str,
        job: str,
        outcome: Outcome,
        seconds: float,
        trace: str | None = None,
        claimed: Claimed | None = None,
    ) -> None:
        """Count and log what came of a delivery, or of a poll, which is told as job ``poll``."""
        name = _NAMES.get(type(outcome)) or type(outcome).__name__.lower()
        self._hands_of(stage).held -= 1
        self._jobs.labels(stage, name).inc()
        self._seconds.labels(stage).observe(seconds)
        if isinstance(outcome, Retried) and outcome.bug:
            self._bugs.labels(stage).inc()
        told: dict[str, object] = {"stage": stage, "job": job, "milliseconds": round(seconds * 1000, 2)}
        if claimed is not None:
            told |= _told(job, claimed)
        if trace is not None:
            told["trace"] = trace
        _log_outcome(f"job.{name}", outcome, told)

    def lost(self, stage: str, count: int) -> None:
        """Count leases that were gone when they were to be kept or settled."""
        self._lost.labels(stage).inc(count)

    def held_back(self, stage: str) -> None:
        """Count a claim that took nothing because a queue to which the stage's work leads is full."""
        self._held_back.labels(stage).inc()

    def reconciled(self, pushed: int, *, wiped: bool, orphans: int = 0) -> None:
        """Count and log jobs that had to be put back on their queue; a server that is new was not wiped."""
        self._orphans.inc(orphans)
        self._epochs.inc(wiped)
        if not pushed:
            return
        self._pushed.inc(pushed)
        if wiped:
            self._wipes.inc()
        _log.warning("queue.wiped" if wiped else "queue.reconciled", pushed=pushed, orphans=orphans)

    def _hands_of(self, stage: str) -> "_Hands":
        hands = self._hands.get(stage)
        if hands is None:
            hands = self._hands[stage] = _Hands()
            self._in_hand.labels(stage).set_function(lambda: hands.held)
            self._workers.labels(stage).set_function(lambda: hands.most)
            self._busy.labels(stage).set_function(lambda: hands.held / max(hands.most, 1))
        return hands


class _Hands:
    """How many jobs a stage has in hand, and may have at most."""

    held = 0
    most = 0


def _told(job: str, claimed: Claimed) -> dict[str, object]:
    """Return what a line says of a delivery: nothing of its payload."""
    told: dict[str, object] = {
        "queue": job.partition(":")[0],
        "deliveries": claimed.deliveries,
        "crashes": claimed.crashes,
    }
    if claimed.waited is not None:
        told["waited_milliseconds"] = round(claimed.waited / timedelta(milliseconds=1), 2)
    return told


def _log_outcome(event: str, outcome: Outcome, told: dict[str, object]) -> None:
    match outcome:
        case Done() | Skipped() | Released():
            _log.info(event, **told)
        case Retried(delay, reason, error, bug):
            _log.warning(event, **told, reason=reason, error=error, again_in=delay.total_seconds(), bug=bug)
        case Buried(reason, error):
            _log.error(event, **told, reason=reason, error=error)
        case Crashed(error) | Stalled(error):
            _log.warning(event, **told, reason=type(outcome).__name__.lower(), error=error)
        case Lost():
            _log.warning(event, **told)
