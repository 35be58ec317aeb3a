"""Recommendations: the list, and one with everything that speaks for and against it."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter

from stonks.api.answers.chain import RecommendationDetail
from stonks.api.answers.recommendations import RecommendationPage
from stonks.api.explain import explain_recommendation
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.recommendations import RecommendationFilter, recommendations
from stonks.model.decision import Verdict
from stonks.model.recommendation import Advice, Mode
from stonks.model.trend import Window


class _Neighbours(msgspec.Struct, frozen=True):
    previous_id: UUID | None
    next_id: UUID | None


def wanted_recommendations(  # noqa: PLR0913, PLR0917 - one parameter a filter of the query string
    ticker: Annotated[str | None, QueryParameter(max_length=12)] = None,
    action: FromQuery[Advice | None] = None,
    mode: FromQuery[Mode | None] = None,
    window: FromQuery[Window | None] = None,
    suppressed: Annotated[bool | None, QueryParameter(description="Whether anything held it back.")] = None,
    suppression: Annotated[str | None, QueryParameter(max_length=60, description="Code that held it back.")] = None,
    verdict: Annotated[Verdict | None, QueryParameter(description="What the account decided on it.")] = None,
) -> RecommendationFilter:
    """Return the filter that a query string asks for."""
    return RecommendationFilter(
        ticker=ticker,
        action=action,
        mode=mode,
        window=window,
        suppressed=suppressed,
        suppression=suppression,
        verdict=verdict,
    )


@read("/recommendations", "listRecommendations", "recommendations")
async def list_recommendations(
    ports: OpenPorts,
    wanted: NamedDependency[RecommendationFilter],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RecommendationPage:
    """Recommendations, newest first, each with what became of it."""
    rows = await recommendations(ports, limit + 1, place(cursor), wanted)
    items, after = page(rows, limit, lambda row: row.generated_at, lambda row: row.id)
    return RecommendationPage(items=items, next_cursor=after)


@read("/recommendations/{recommendation_id:uuid}", "getRecommendation", "recommendations")
async def get_recommendation(ports: OpenPorts, recommendation_id: FromPath[UUID]) -> RecommendationDetail:
    """One recommendation down to the sentences, with its decision, orders and the instants on the way."""
    chain = await explain_recommendation(ports, recommendation_id)
    if chain is None:
        raise NotFoundException(f"there is no recommendation {recommendation_id}")
    beside = await ports.store.row(_Neighbours, "read_recommendations.neighbours", id=recommendation_id)
    return RecommendationDetail(
        chain=chain,
        previous_id=beside.previous_id if beside else None,
        next_id=beside.next_id if beside else None,
    )
