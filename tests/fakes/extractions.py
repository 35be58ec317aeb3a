"""Documents, impacts and events for the extractor's tests: a test names the fields it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from stonks.model.document import Action, Document, DocumentType
from stonks.model.signal import EventType, GlobalEvent, Impact

NOW = datetime(2025, 4, 2, 20, 5, tzinfo=UTC)


def make_document(**fields: Any) -> Document:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {
        "id": UUID(int=5),
        "source": "wire",
        "external_id": "5",
        "revision": 1,
        "action": Action.CREATED,
        "document_type": DocumentType.NEWS,
        "publisher": "Reuters",
        "url": None,
        "title": "News",
        "published_at": datetime(2025, 4, 2, 20, 0, tzinfo=UTC),
        "known_at": NOW,
        "content_hash": "0",
        "raw_sha256": "0",
        "content_type": "text/plain",
    }
    return Document(**(plain | fields))


def make_impact(*types: EventType, **fields: Any) -> Impact:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {
        "ticker": "BA",
        "direction": -0.6,
        "strength": 0.5,
        "confidence": 0.7,
        "event_types": types or (EventType.OTHER,),
        "horizon": "1d",
        "relevance": 0.5,
        "novelty": 0.9,
        "evidence": (),
    }
    return Impact(**(plain | fields))


def make_event(**fields: Any) -> GlobalEvent:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {
        "id": UUID(int=7),
        "document_id": UUID(int=5),
        "type": "tariff_trade",
        "stage": "announced",
        "regions": ("US",),
        "severity": 5,
        "surprise": -2,
        "direction": -1,
        "duration": "months",
        "sectors": {},
        "commodities": {},
        "currencies": {},
        "confidence": 0.8,
        "summary": "",
        "evidence": (),
        "known_at": NOW,
        "extractor_version": "rules-1",
    }
    return GlobalEvent(**(plain | fields))
