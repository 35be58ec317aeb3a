"""Loads a trend with its market, lets the core recommend, and saves what is new."""

from datetime import timedelta

from stonks.model.identity import evaluation_id
from stonks.model.job import RecommendationJob
from stonks.model.recommendation import Mode
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.settings import Settings, trades_live
from stonks.stages.recommendation.core.decide import POLICY, recommend
from stonks.stages.recommendation.core.situation import Situation

QUIET = timedelta(minutes=5)
"""Time in which a window of a ticker gets no second recommendation; told by the instants of the work, in PostgreSQL."""

_PAPER_BROKERS = ("paper:", "alpaca:paper", "alpaca+http:")


class Recommender:
    """Turns one trend a job into a recommendation, its evidence and its evaluation."""

    def __init__(self, ports: Ports) -> None:
        """Recommend for the account of the settings, no further than its broker allows."""
        self._account = ports.settings.account
        self._ceiling = ceiling_of(ports.settings)

    async def __call__(self, work: Work[RecommendationJob]) -> None:
        """Write the recommendation that the trend leads to; nothing where a newer trend has taken its place."""
        async with work.commit() as commit:
            situation = await commit.row(
                Situation,
                "recommendation.situation",
                trend_id=work.job.trend_id,
                account=self._account,
                now=work.now,
            )
            if situation is None:
                return
            advised = recommend(situation, work.now, self._ceiling)
            await commit.run(
                "recommendation.save",
                recommendation=advised.recommendation,
                evidence=advised.evidence,
                evaluation_id=evaluation_id(advised.recommendation.id, "recommendation"),
                verdict=advised.verdict,
                checks=advised.checks,
                policy=POLICY,
                quiet=QUIET,
            )


def ceiling_of(settings: Settings) -> Mode:
    """Return how far a recommendation may go: as far as the broker does, and nothing raises it by itself.

    Raises:
        SettingError: the switches of real money do not agree.
    """
    if trades_live(settings):
        return Mode.LIVE
    return Mode.PAPER if settings.broker_url.startswith(_PAPER_BROKERS) else Mode.INFORMATIONAL
