"""Recommendations read for several routes."""

import msgspec

from stonks.api.answers.recommendations import RecommendationRow
from stonks.api.paging import Place
from stonks.model.decision import Verdict
from stonks.model.recommendation import Advice, Mode
from stonks.model.trend import Window
from stonks.ports.bundle import Ports


class RecommendationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which recommendations are wanted; None asks for any."""

    ticker: str | None = None
    action: Advice | None = None
    mode: Mode | None = None
    window: Window | None = None
    suppressed: bool | None = None
    suppression: str | None = None
    verdict: Verdict | None = None


async def recommendations(
    ports: Ports, limit: int, start: Place | None, wanted: RecommendationFilter
) -> list[RecommendationRow]:
    """Return up to ``limit`` recommendations with what became of them, newest first."""
    begin = start or Place()
    return await ports.store.rows(
        RecommendationRow,
        "read_recommendations.page",
        account=ports.settings.account,
        before_at=begin.before_at,
        after_id=begin.after_id,
        limit=limit,
        **msgspec.structs.asdict(wanted),
    )
