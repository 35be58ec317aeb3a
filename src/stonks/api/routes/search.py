"""One search over tickers, names, titles and recommendations."""

from typing import Annotated

from litestar.params import QueryParameter

from stonks.api.answers.search import FoundCompany, FoundDocument, FoundRecommendation, SearchResult
from stonks.api.reading import OpenPorts, read


@read("/search", "search", "search")
async def search(
    ports: OpenPorts,
    q: Annotated[
        str, QueryParameter(min_length=1, max_length=100, description="A ticker, a name, or words of a title.")
    ],
    limit: Annotated[int, QueryParameter(ge=1, le=20)] = 8,
) -> SearchResult:
    """Companies, documents and recommendations that match."""
    words, store = q.strip(), ports.store
    return SearchResult(
        companies=await store.rows(FoundCompany, "read_companies.search", words=words, limit=limit),
        documents=await store.rows(FoundDocument, "read_documents.search", words=words, limit=limit),
        recommendations=await store.rows(
            FoundRecommendation, "read_recommendations.search", ticker=words.upper(), limit=limit
        ),
    )
