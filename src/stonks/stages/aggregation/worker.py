"""Loads a ticker's signals, lets the core recompute its trends, and saves what is new."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from stonks.model.company import CompanyEdge
from stonks.model.job import AggregationJob, RecommendationJob
from stonks.model.trend import Direction, Window
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.aggregation.core.columns import SignalColumns, columns_of
from stonks.stages.aggregation.core.pattern_matcher import MIN_EVENTS, PastEvent, match_patterns
from stonks.stages.aggregation.core.signal_propagation import Competitive, Origin, propagate
from stonks.stages.aggregation.core.trend import Outlook, recompute
from stonks.stages.aggregation.core.weights import WINDOWS

PASSED_ON_WITHIN = timedelta(days=1)
"""Age up to which news is still passed on to related companies."""
RECOMMENDED = (Window.D1, Window.D7)
"""The windows whose trends are turned into recommendations."""


class Version(msgspec.Struct, frozen=True):
    """Where a window stands: its direction before this instant, and the input hash of its newest version."""

    window: Window
    direction: Direction | None
    input_hash: str | None


class Reached(msgspec.Struct, frozen=True):
    """A ticker that received competitive signals, and the first of them."""

    ticker: str
    signal_id: UUID


class Aggregator:
    """Recomputes the trends of one ticker a job.

    A session's job always writes, because trends fade without news; any other job writes when a window's signals are
    not those of its newest version. All of it is a function of rows known by the work's instant, so that the jobs of
    one instant may run in any order: the last of them leaves the same rows.
    """

    def __init__(self, ports: Ports) -> None:
        """Pass news on to related companies where the settings say so."""
        self._competitive = ports.settings.competitive_enabled

    async def __call__(self, work: Work[AggregationJob]) -> None:
        """Write the ticker's competitive signals and trends, and ask for what follows from them."""
        ticker = work.job.ticker
        async with work.commit() as commit:
            if self._competitive:
                await self._relate(commit, work)
            signals = await _signals(commit, work)
            versions = await commit.rows(
                Version, "aggregation.versions", ticker=ticker, windows=list(WINDOWS), now=work.now
            )
            previous = {version.window: version.direction for version in versions if version.direction}
            outlook = recompute(ticker, signals, work.now, previous)
            if work.job.cause.startswith("session:") or _differs(outlook, versions):
                await commit.run("aggregation.save", trends=outlook.trends, projections=outlook.projections)
                await commit.follow(*_recommendations(outlook))

    async def _relate(self, commit: Commit, work: Work[AggregationJob]) -> None:
        """Write what the ticker's fresh news means for related companies and, by its own past, for itself."""
        ticker, now = work.job.ticker, work.now
        origins = await commit.rows(Origin, "aggregation.origins", ticker=ticker, since=now - PASSED_ON_WITHIN, now=now)
        if not origins:
            return
        edges = await commit.rows(CompanyEdge, "aggregation.edges", ticker=ticker, now=now)
        news = [origin.signal for origin in origins if origin.signal.event_type != "other"]
        past = await commit.rows(
            PastEvent,
            "aggregation.past_events",
            ticker=ticker,
            event_types=sorted({signal.event_type for signal in news}),
            enough=MIN_EVENTS,
            now=now,
        )
        found = (*propagate(origins, edges, now), *match_patterns(news, past, now))
        reached = await _keep(commit, found)
        await commit.follow(
            *(
                AggregationJob(ticker=other.ticker, cause=f"competitive:{other.signal_id}")
                for other in reached
                if other.ticker != ticker
            )
        )


async def _keep(commit: Commit, found: Sequence[Competitive]) -> list[Reached]:
    """Write competitive signals and return the tickers for which one of them is new."""
    return await commit.rows(Reached, "aggregation.add_competitive", items=found) if found else []


async def _signals(commit: Commit, work: Work[AggregationJob]) -> SignalColumns:
    since = work.now - Window.D90.length
    columns = await commit.row(SignalColumns, "aggregation.signals", ticker=work.job.ticker, since=since, now=work.now)
    return columns or columns_of(())


def _differs(outlook: Outlook, versions: Sequence[Version]) -> bool:
    newest = {version.window: version.input_hash for version in versions}
    return any(trend.input_hash != newest[trend.window] for trend in outlook.trends)


def _recommendations(outlook: Outlook) -> list[RecommendationJob]:
    return [
        RecommendationJob(ticker=trend.ticker, window=trend.window, trend_id=trend.id)
        for trend in outlook.trends
        if trend.window in RECOMMENDED
    ]
