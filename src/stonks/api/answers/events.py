"""Macro events as the API shows them."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.api.answers.signals import QuoteInContext


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """A macro event in a list; severity is 1 to 5, surprise -2 to 2, direction -1 to 1."""

    id: UUID
    document_id: UUID
    document_title: str
    publisher: str
    type: str
    stage: str
    regions: list[str]
    severity: int
    surprise: int
    direction: int
    duration: str
    confidence: float
    summary: str
    known_at: datetime
    impacted: int


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Macro events, newest first."""

    items: list[EventRow]
    next_cursor: str | None


class MacroImpactRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a macro event means for one company: the event's weight times tanh of the sum of the terms times size.

    ``missing`` are the groups of exposures of which nothing is known of the company.
    """

    ticker: str
    name: str
    sector: str
    impact: float
    terms: dict[str, float]
    size: float
    coverage: float
    missing: list[str]
    signal_id: UUID | None


class EventDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A macro event, the sentences it was read from, and what it means for each company."""

    event: EventRow
    sectors: dict[str, float]
    commodities: dict[str, float]
    currencies: dict[str, float]
    extractor_version: str
    quotes: list[QuoteInContext]
    impacts: list[MacroImpactRow]
