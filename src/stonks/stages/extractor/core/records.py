"""Rows of the extraction's tables, made from what was read."""

from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.document import Quote
from stonks.model.identity import impact_id, intelligence_id
from stonks.model.signal import EventType, Extraction, GlobalEvent, KeyNumber, MacroImpact
from stonks.model.units import Polarity, Unit
from stonks.stages.extractor.core.reading.blend import Blended
from stonks.stages.extractor.core.reading.subject import Guidance, Risk


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Who was asked beside the rules, where anybody was, and whether in vain."""

    model: str | None = None
    prompt_version: str | None = None
    call_id: UUID | None = None
    degraded: bool = False


class IntelligenceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``document_intelligence``."""

    id: UUID
    document_id: UUID
    extractor_version: str
    model: str | None
    prompt_version: str | None
    call_id: UUID | None
    kind: str
    summary: str
    numbers: tuple[KeyNumber, ...]
    guidance: tuple[Guidance, ...]
    risks: tuple[Risk, ...]
    degraded: bool
    verified_ratio: Unit
    known_at: datetime


class ImpactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``document_impact_records``."""

    id: UUID
    intelligence_id: UUID
    document_id: UUID
    ticker: str
    direction: Polarity
    strength: Unit
    confidence: Unit
    event_types: tuple[EventType, ...]
    horizon: str
    relevance: Unit
    novelty: Unit
    evidence: tuple[Quote, ...]
    known_at: datetime


class EventRecord(GlobalEvent, frozen=True, kw_only=True):
    """A row of ``global_events``."""

    model: str | None
    prompt_version: str | None
    call_id: UUID | None
    degraded: bool


class MacroImpactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``macro_impact_records``."""

    event_id: UUID
    ticker: str
    impact: Polarity
    terms: dict[str, float]
    size: float
    coverage: Unit
    missing: tuple[str, ...]
    known_at: datetime


def intelligence_record(document: UUID, read: Blended, provenance: Provenance, now: datetime) -> IntelligenceRecord:
    """Return the row of one extraction of one document."""
    extraction = read.extraction
    return IntelligenceRecord(
        id=intelligence_id(document, extraction.extractor_version),
        document_id=document,
        extractor_version=extraction.extractor_version,
        model=provenance.model,
        prompt_version=provenance.prompt_version,
        call_id=provenance.call_id,
        kind=extraction.kind,
        summary=extraction.summary,
        numbers=extraction.numbers,
        guidance=read.guidance,
        risks=read.risks,
        degraded=extraction.degraded or provenance.degraded,
        verified_ratio=extraction.verified_ratio,
        known_at=now,
    )


def impact_records(document: UUID, extraction: Extraction, now: datetime) -> list[ImpactRecord]:
    """Return the rows of what an extraction says of each company."""
    reading = intelligence_id(document, extraction.extractor_version)
    return [
        ImpactRecord(
            id=impact_id(reading, impact.ticker),
            intelligence_id=reading,
            document_id=document,
            known_at=now,
            **msgspec.structs.asdict(impact),
        )
        for impact in extraction.impacts
    ]


def event_record(event: GlobalEvent, provenance: Provenance) -> EventRecord:
    """Return the row of a macro event."""
    return EventRecord(**msgspec.structs.asdict(event), **msgspec.structs.asdict(provenance))


def macro_impact_record(impact: MacroImpact, now: datetime) -> MacroImpactRecord:
    """Return the row of what a macro event means for one company."""
    return MacroImpactRecord(known_at=now, **msgspec.structs.asdict(impact))
