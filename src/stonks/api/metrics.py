"""Metrics read at the moment they are asked for, so that one process answers for all."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest

from stonks.api.answers.pipeline import QueueState, SourceState
from stonks.api.answers.portfolio import TradingStatus
from stonks.api.standing import pipeline
from stonks.api.version import version
from stonks.ports.bundle import Ports


async def exposition(ports: Ports) -> tuple[bytes, str]:
    """Return the metrics of this process and of the whole pipeline for Prometheus, with their content type."""
    registry = CollectorRegistry()
    standing = await pipeline(ports)
    _queues(registry, [queue for stage in standing.stages for queue in stage.queues])
    _sources(registry, standing.sources)
    documents = Gauge("stonks_documents", "Documents by status.", ["status"], registry=registry)
    for row in standing.documents:
        documents.labels(row.status).inc(row.documents)
    status = await ports.store.row(TradingStatus, "read_portfolio.status", account=ports.settings.account)
    if status is not None and status.equity is not None:
        Gauge("stonks_equity_usd", "Worth of the account.", registry=registry).set(float(status.equity))
        Gauge("stonks_drawdown_ratio", "Share below the high-water mark.", registry=registry).set(status.drawdown or 0)
    build = Gauge("stonks_build_info", "Version of this program.", ["version"], registry=registry)
    build.labels(version()).set(1)
    return generate_latest(REGISTRY) + generate_latest(registry), CONTENT_TYPE_LATEST


def _queues(registry: CollectorRegistry, queues: list[QueueState]) -> None:
    depth = Gauge("stonks_queue_depth", "Jobs that wait.", ["queue"], registry=registry)
    held = Gauge("stonks_jobs_in_flight", "Jobs under a lease.", ["queue"], registry=registry)
    dead = Gauge("stonks_dlq_depth", "Dead jobs.", ["queue"], registry=registry)
    age = Gauge("stonks_queue_oldest_age_seconds", "Age of the oldest job not done.", ["queue"], registry=registry)
    done = Gauge("stonks_jobs_done", "Jobs done that the ledger still has.", ["queue"], registry=registry)
    for queue in queues:
        depth.labels(queue.queue).set(queue.waiting)
        held.labels(queue.queue).set(queue.in_flight)
        dead.labels(queue.queue).set(queue.dead)
        age.labels(queue.queue).set(queue.oldest_age_seconds or 0)
        done.labels(queue.queue).set(queue.done_total)


def _sources(registry: CollectorRegistry, sources: list[SourceState]) -> None:
    success = Gauge("stonks_source_last_success_timestamp_seconds", "Last success.", ["source"], registry=registry)
    slo = Gauge("stonks_source_freshness_slo_seconds", "Age that is still fresh.", ["source"], registry=registry)
    for source in sources:
        slo.labels(source.name).set(source.freshness_slo_seconds)
        if source.last_success_at is not None:
            success.labels(source.name).set(source.last_success_at.timestamp())
