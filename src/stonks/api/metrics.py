"""What Prometheus reads: the figures of this process, and those that PostgreSQL and Redis keep for the whole pipeline.

The servers are asked when somebody scrapes, so that any process answers for all: take the maximum over processes, not
the sum. A server that does not answer leaves out its figures and shows as ``stonks_up 0``.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stonks.api.account_standing import trading_status
from stonks.api.answers.pipeline import SourceState, StatusCount
from stonks.api.answers.portfolio import TradingStatus
from stonks.api.glance import Glance
from stonks.api.version import version
from stonks.model.errors import StonksError
from stonks.model.job import QUEUES
from stonks.ports.bundle import Ports
from stonks.ports.queue import Depth

_FRESH = 5.0  # seconds for which an answer is given again: of many scrapers one asks


class Exposition:
    """The metrics of one process as text."""

    def __init__(self, ports: Ports, own: CollectorRegistry) -> None:
        """Tell of these servers, and of the process whose registry this is."""
        self._ports = ports
        self._own = own
        self._servers = {
            "postgres": Glance(self._from_postgres, fresh=_FRESH),
            "redis": Glance(self._from_redis, fresh=_FRESH),
        }

    async def text(self) -> bytes:
        """Return everything there is to scrape, in Prometheus' text format."""
        answers = await asyncio.gather(*(_asked(glance) for glance in self._servers.values()))
        up = GaugeMetricFamily("stonks_up", "Whether a server answers, 1 or 0.", labels=["server"])
        for server, answer in zip(self._servers, answers, strict=True):
            up.add_metric([server], answer is not None)
        build = GaugeMetricFamily("stonks_build_info", "Version of this program.", labels=["version"])
        build.add_metric([version()], 1)
        told = [up, build, *(family for answer in answers for family in answer or ())]
        return generate_latest(REGISTRY) + generate_latest(self._own) + generate_latest(_Told(told))

    async def _from_postgres(self) -> list[Metric]:
        store, clock = self._ports.store, self._ports.clock
        ages = await store.rows(_Age, "read_pipeline.ages", queues=list(QUEUES))
        documents = await store.rows(StatusCount, "read_pipeline.documents")
        sources = await store.rows(SourceState, "read_pipeline.sources", now=clock.now(), real=False)
        status = await trading_status(self._ports)
        return [_oldest(ages), _documents(documents), *_sources(sources), *_account(status)]

    async def _from_redis(self) -> list[Metric]:
        depths, stats = await self._ports.queue.depths(), await self._ports.queue.stats()
        return [*_depths(depths), *_events(stats)]


class _Age(msgspec.Struct, frozen=True):
    queue: str
    seconds: float


class _Told(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


async def _asked(glance: Glance[list[Metric]]) -> list[Metric] | None:
    try:
        return await glance.look()
    except StonksError:
        return None


def _depths(depths: Sequence[Depth]) -> list[Metric]:
    waiting = GaugeMetricFamily("stonks_queue_depth", "Jobs that wait, in both lanes.", labels=["queue"])
    held = GaugeMetricFamily("stonks_queue_in_flight", "Jobs under a lease, in all processes.", labels=["queue"])
    delayed = GaugeMetricFamily("stonks_queue_delayed", "Jobs put aside until they are due.", labels=["queue"])
    dead = GaugeMetricFamily("stonks_dlq_depth", "Dead letters.", labels=["queue"])
    lease = GaugeMetricFamily(
        "stonks_queue_lease_left_seconds",
        "Until the lease that ends first does; negative when overdue.",
        labels=["queue"],
    )
    for depth in depths:
        waiting.add_metric([depth.queue], depth.waiting)
        held.add_metric([depth.queue], depth.in_flight)
        delayed.add_metric([depth.queue], depth.delayed)
        dead.add_metric([depth.queue], depth.dead)
        if depth.oldest_lease is not None:
            lease.add_metric([depth.queue], depth.oldest_lease / timedelta(seconds=1))
    return [waiting, held, delayed, dead, lease]


def _events(stats: dict[str, dict[str, int]]) -> list[Metric]:
    expired = CounterMetricFamily(
        "stonks_leases_expired", "Jobs taken back because their lease ran out.", labels=["queue"]
    )
    events = CounterMetricFamily(
        "stonks_queue_events", "Moves and refusals of jobs since the server's memory began.", labels=["queue", "event"]
    )
    for queue, counts in stats.items():
        expired.add_metric([queue], counts.get("reclaimed", 0))
        for event, count in counts.items():
            events.add_metric([queue, event], count)
    return [expired, events]


def _oldest(ages: Sequence[_Age]) -> Metric:
    family = GaugeMetricFamily(
        "stonks_queue_oldest_age_seconds",
        "Age of the oldest job in the ledger that is neither done nor dead.",
        labels=["queue"],
    )
    for age in ages:
        family.add_metric([age.queue], age.seconds)
    return family


def _documents(counts: Sequence[StatusCount]) -> Metric:
    family = GaugeMetricFamily("stonks_documents", "Documents by status.", labels=["status"])
    by_status: dict[str, int] = {}
    for row in counts:
        by_status[row.status] = by_status.get(row.status, 0) + row.documents
    for status, documents in by_status.items():
        family.add_metric([status], documents)
    return family


def _sources(sources: Sequence[SourceState]) -> list[Metric]:
    success = GaugeMetricFamily(
        "stonks_source_last_success_timestamp_seconds", "Unix time of the source's last success.", labels=["source"]
    )
    slo = GaugeMetricFamily(
        "stonks_source_freshness_slo_seconds", "Age up to which the source counts as fresh.", labels=["source"]
    )
    for source in sources:
        slo.add_metric([source.name], source.freshness_slo_seconds)
        if source.last_success_at is not None:
            success.add_metric([source.name], source.last_success_at.timestamp())
    return [success, slo]


def _account(status: TradingStatus | None) -> list[Metric]:
    if status is None or status.equity is None:
        return []
    return [
        GaugeMetricFamily("stonks_equity_usd", "Worth of the account in US dollars.", value=float(status.equity)),
        GaugeMetricFamily(
            "stonks_drawdown_ratio",
            "Share by which the account is below its high-water mark.",
            value=status.drawdown or 0,
        ),
    ]
