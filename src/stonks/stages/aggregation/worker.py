"""Loads a ticker's signals, lets the core recompute its trends, and saves what is new."""

from datetime import timedelta

import msgspec

from stonks.model.job import AggregationJob, RecommendationJob
from stonks.model.trend import Direction, Trend, Window
from stonks.ports.bundle import Ports
from stonks.ports.stage import Commit, Work
from stonks.stages.aggregation.closing import close_horizons
from stonks.stages.aggregation.competitive import observe, relate
from stonks.stages.aggregation.core.columns import SignalColumns
from stonks.stages.aggregation.core.trend import LEAVE_AT, Outlook, recompute
from stonks.stages.aggregation.core.trust import trusted
from stonks.stages.aggregation.core.weights import WINDOWS, Weights
from stonks.stages.aggregation.hindsight import recall, record
from stonks.stages.aggregation.learning import in_force, learn

LATELY = timedelta(days=5)
"""How long after it leant a trend that has gone flat is still asked for advice: a long weekend."""
RECOMMENDED = (Window.D1, Window.D7, Window.D30)
"""The windows whose trends are turned into recommendations: up to what a position may last, 10 to 30 sessions."""


class Version(msgspec.Struct, frozen=True):
    """Where a window stood before this instant: its newest version, and the loudest score of the last days."""

    window: Window
    direction: Direction | None
    input_hash: str | None
    loudest: float


class Standing(SignalColumns, frozen=True, kw_only=True):
    """All that one recomputation reads: the signals of the longest window and the trends so far."""

    versions: tuple[Version, ...]

    def differs(self, outlook: Outlook) -> bool:
        """Return whether any window has other signals than before this instant."""
        newest = {version.window: version.input_hash for version in self.versions}
        return any(trend.input_hash != newest[trend.window] for trend in outlook.trends)

    def speaks(self, trend: Trend) -> bool:
        """Return whether a trend leans far enough to be asked for advice, or did lately, so that advice may stand."""
        loudest = next(version.loudest for version in self.versions if version.window is trend.window)
        return max(abs(trend.score), loudest) >= LEAVE_AT


class Aggregator:
    """Recomputes the trends of one ticker a job.

    A session's job always writes, because trends fade without news; any other job writes when a window's signals are
    not those of its newest version before this instant. A run that stands for several jobs does what each of them
    would. Advice is asked for on what was written, with two exceptions: at a session's close, since nothing can be
    traded before the next open, and that asks again; and for a trend that is flat and has been for days.

    All of it is a function of rows known by the work's instant, so that the jobs of one instant may run in any order:
    the last of them leaves the same rows.
    """

    def __init__(self, ports: Ports) -> None:
        """Pass news on to related companies where the settings say so."""
        self._competitive = ports.settings.competitive_enabled

    async def __call__(self, work: Work[AggregationJob]) -> None:
        """Write the ticker's competitive signals and trends, and ask for what follows from them."""
        async with work.commit() as commit:
            standing = await self._standing(commit, work)
            if self._competitive and await relate(commit, work, standing):
                standing = await self._standing(commit, work)
            previous = {version.window: version.direction for version in standing.versions if version.direction}
            learned = await in_force(commit, work.now)
            signals, weights = trusted(standing, learned), Weights.of(learned)
            past, hindsight = await recall(commit, work.job.ticker, work.now)
            outlook = recompute(work.job.ticker, signals, work.now, previous, weights, hindsight)
            marks = [job.cause for job in work.covers if job.cause.startswith("session:")]
            news = len(marks) < len(work.covers) and standing.differs(outlook)
            if marks or news:
                await commit.run("aggregation.save", trends=outlook.trends, projections=outlook.projections)
                await record(commit, outlook, past)
            closes = [mark for mark in marks if mark.endswith(":close")]
            if closes:
                await close_horizons(commit, work.job.ticker, work.now)
                await learn(commit, work.now)
            if closes and self._competitive:
                await observe(commit, work.job.ticker, work.now)
            if news or len(closes) < len(marks):
                await commit.follow(*_recommendations(standing, outlook))

    async def _standing(self, commit: Commit, work: Work[AggregationJob]) -> Standing:
        (standing,) = await commit.rows(
            Standing,
            "aggregation.standing",
            ticker=work.job.ticker,
            windows=WINDOWS,
            since=work.now - Window.D90.length,
            now=work.now,
            lately=work.now - LATELY,
            competitive=self._competitive,
        )
        return standing


def _recommendations(standing: Standing, outlook: Outlook) -> list[RecommendationJob]:
    return [
        RecommendationJob(ticker=trend.ticker, window=trend.window, trend_id=trend.id)
        for trend in outlook.trends
        if trend.window in RECOMMENDED and standing.speaks(trend)
    ]
