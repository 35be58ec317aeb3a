"""What is told of each job: one line in the log, and the figures that are scraped."""

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stonks.runtime.outcome import Buried, Done, Lost, Outcome, Released, Retried, Skipped

_log = structlog.get_logger()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Telemetry:
    """The figures of one process, in a registry that whoever serves them passes in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the figures."""
        self._jobs = Counter("stonks_jobs", "Deliveries by what came of them", ["stage", "outcome"], registry=registry)
        self._seconds = Histogram(
            "stonks_job_duration_seconds", "From start to outcome", ["stage"], buckets=_SECONDS, registry=registry
        )
        self._in_hand = Gauge("stonks_jobs_in_flight", "Jobs in hand", ["stage"], registry=registry)
        self._bugs = Counter("stonks_bugs", "Errors that nobody raised on purpose", ["stage"], registry=registry)
        self._pushed = Counter("stonks_reconciler_pushes", "Open jobs put back on their queue", registry=registry)
        self._wipes = Counter("stonks_queue_wipes", "Times the queue's server lost its memory", registry=registry)

    def started(self, stage: str) -> None:
        """Count a job in hand."""
        self._in_hand.labels(stage).inc()

    def ended(self, stage: str, job: str, outcome: Outcome, seconds: float) -> None:
        """Count and log what came of a job, or of a poll."""
        name = _name(outcome)
        self._in_hand.labels(stage).dec()
        self._jobs.labels(stage, name).inc()
        self._seconds.labels(stage).observe(seconds)
        told: dict[str, object] = {"stage": stage, "job": job, "milliseconds": round(seconds * 1000, 2)}
        match outcome:
            case Done() | Skipped() | Released():
                _log.info(f"job.{name}", **told)
            case Retried(delay, reason, error, bug):
                if bug:
                    self._bugs.labels(stage).inc()
                _log.warning(f"job.{name}", **told, reason=reason, error=error, again_in=delay.total_seconds(), bug=bug)
            case Buried(reason, error):
                _log.error(f"job.{name}", **told, reason=reason, error=error)
            case Lost():
                _log.warning(f"job.{name}", **told)

    def reconciled(self, pushed: int, *, wiped: bool) -> None:
        """Count and log jobs that had to be put back on their queue; a server that is new was not wiped."""
        if not pushed:
            return
        self._pushed.inc(pushed)
        if wiped:
            self._wipes.inc()
        _log.warning("queue.wiped" if wiped else "queue.reconciled", pushed=pushed)


def _name(outcome: Outcome) -> str:
    match outcome:
        case Done():
            return "ok"
        case Skipped():
            return "duplicate"
        case Retried():
            return "retry"
        case Buried():
            return "dead"
        case Released():
            return "released"
        case Lost():
            return "lost"
