"""What a search finds."""

from datetime import datetime
from uuid import UUID

import msgspec


class FoundDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose title matches."""

    id: UUID
    title: str
    publisher: str
    known_at: datetime


class FoundCompany(msgspec.Struct, frozen=True, kw_only=True):
    """A company whose ticker or name matches."""

    ticker: str
    name: str


class FoundRecommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation on a ticker that matches, or whose id begins so."""

    id: UUID
    ticker: str
    window: str
    action: str
    generated_at: datetime


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, by kind."""

    companies: list[FoundCompany]
    documents: list[FoundDocument]
    recommendations: list[FoundRecommendation]
