"""Macro events and what they mean for each company."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from stonks.api.answers.events import EventDetail, EventPage, MacroImpactRow
from stonks.api.artifacts import in_context, normalized_text
from stonks.api.paging import Cursor, Limit, page, place
from stonks.api.reading import OpenPorts, read
from stonks.api.signals import EventFilter, events
from stonks.model.document import Quote


class _Terms(msgspec.Struct, frozen=True):
    sectors: dict[str, float]
    commodities: dict[str, float]
    currencies: dict[str, float]
    extractor_version: str
    evidence: list[Quote]
    normalized_sha256: str | None


@read("/events", "listEvents", "macro")
async def list_events(
    ports: OpenPorts,
    limit: Limit = 50,
    cursor: Cursor = None,
    event_type: Annotated[str | None, QueryParameter(name="type", max_length=60)] = None,
    severity: Annotated[int, QueryParameter(ge=1, le=5, description="This severity or higher.")] = 1,
) -> EventPage:
    """Macro events, newest first."""
    rows = await events(ports.store, limit + 1, place(cursor), EventFilter(type=event_type, severity=severity))
    items, after = page(rows, limit, lambda row: row.known_at, lambda row: row.id)
    return EventPage(items=items, next_cursor=after)


@read("/events/{event_id:uuid}", "getEvent", "macro")
async def get_event(ports: OpenPorts, event_id: FromPath[UUID]) -> EventDetail:
    """One macro event: its quotes, and each company's impact with the terms that sum to it."""
    found = await events(ports.store, 1, None, EventFilter(id=event_id))
    terms = await ports.store.row(_Terms, "read_events.terms", id=event_id)
    if not found or terms is None:
        raise NotFoundException(f"there is no event {event_id}")
    text = await normalized_text(ports.objects, terms.normalized_sha256)
    return EventDetail(
        event=found[0],
        sectors=terms.sectors,
        commodities=terms.commodities,
        currencies=terms.currencies,
        extractor_version=terms.extractor_version,
        quotes=[in_context(quote, text) for quote in terms.evidence],
        impacts=await ports.store.rows(MacroImpactRow, "read_events.impacts", id=event_id),
    )
