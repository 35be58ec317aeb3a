"""A recommendation's evidence: each signal with its document, its reader, its route, and its quotes looked up."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from stonks.api.answers.evidence import (
    EvidenceCall,
    EvidenceDocument,
    EvidenceEvent,
    EvidenceItem,
    EvidenceReader,
    EvidenceStep,
    EvidenceVia,
)
from stonks.api.answers.signals import SignalRow
from stonks.api.artifacts import in_context, normalized_text
from stonks.api.signals import signals_by_id
from stonks.model.document import Quote
from stonks.ports.agents import Verdict
from stonks.ports.bundle import Ports


class _Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``recommendation_evidence`` with all that it leads to, flat."""

    signal_id: UUID
    side: str
    contribution: float
    weight_share: float
    origin_signal_id: UUID | None
    origin_ticker: str | None
    relation: str | None
    hops: int | None
    path: list[EvidenceStep] | None
    lag_expected_days: float | None
    pattern: dict[str, Any] | None
    event_id: UUID | None
    event_type: str | None
    event_summary: str | None
    event_severity: int | None
    event_surprise: int | None
    event_confidence: float | None
    event_impact: float | None
    event_terms: dict[str, float] | None
    event_size: float | None
    event_coverage: float | None
    event_missing: list[str] | None
    extractor_version: str | None
    model: str | None
    prompt_version: str | None
    summary: str | None
    degraded: bool | None
    call_id: UUID | None
    call_outcome: str | None
    call_verdicts: list[Verdict] | None
    call_milliseconds: float | None
    document_id: UUID | None
    title: str | None
    publisher: str | None
    document_type: str | None
    url: str | None
    published_at: datetime | None
    known_at: datetime | None
    raw_sha256: str | None
    normalized_sha256: str | None
    quotes: list[Quote]


async def evidence(ports: Ports, recommendation_id: UUID) -> list[EvidenceItem]:
    """Return every reason for and against, the weightiest first."""
    reasons = await ports.store.rows(_Reason, "read_chain.reasons", id=recommendation_id)
    signals = await signals_by_id(ports.store, [reason.signal_id for reason in reasons])
    hashes = {reason.normalized_sha256 for reason in reasons}
    texts = {sha256: await normalized_text(ports.objects, sha256) for sha256 in hashes}
    return [_item(reason, signals[reason.signal_id], texts[reason.normalized_sha256]) for reason in reasons]


def _item(reason: _Reason, signal: SignalRow, text: str | None) -> EvidenceItem:
    return EvidenceItem(
        side=reason.side,
        contribution=reason.contribution,
        weight_share=reason.weight_share,
        signal=signal,
        document=_document(reason),
        reader=_reader(reason),
        event=_event(reason),
        via=_via(reason),
        quotes=[in_context(quote, text) for quote in reason.quotes],
    )


def _document(reason: _Reason) -> EvidenceDocument | None:
    if reason.document_id is None:
        return None
    return msgspec.convert({**msgspec.structs.asdict(reason), "id": reason.document_id}, EvidenceDocument)


def _reader(reason: _Reason) -> EvidenceReader | None:
    if reason.extractor_version is None:
        return None
    return EvidenceReader(
        extractor_version=reason.extractor_version,
        model=reason.model,
        prompt_version=reason.prompt_version,
        summary=reason.summary or "",
        degraded=bool(reason.degraded),
        call=_call(reason),
    )


def _call(reason: _Reason) -> EvidenceCall | None:
    if reason.call_id is None:
        return None
    verdicts = reason.call_verdicts or []
    return EvidenceCall(
        id=reason.call_id,
        outcome=reason.call_outcome or "",
        failed=[f"{verdict.check}: {verdict.detail}" for verdict in verdicts if not verdict.passed],
        milliseconds=reason.call_milliseconds,
    )


def _event(reason: _Reason) -> EvidenceEvent | None:
    if reason.event_id is None:
        return None
    return EvidenceEvent(
        id=reason.event_id,
        type=reason.event_type or "",
        summary=reason.event_summary or "",
        severity=reason.event_severity or 0,
        surprise=reason.event_surprise or 0,
        confidence=reason.event_confidence or 0.0,
        impact=reason.event_impact,
        terms=reason.event_terms or {},
        size=reason.event_size,
        coverage=reason.event_coverage,
        missing=reason.event_missing or [],
    )


def _via(reason: _Reason) -> EvidenceVia | None:
    if reason.relation is None:
        return None
    return EvidenceVia(
        origin_signal_id=reason.origin_signal_id,
        origin_ticker=reason.origin_ticker,
        relation=reason.relation,
        hops=reason.hops or 0,
        path=reason.path or [],
        lag_expected_days=reason.lag_expected_days or 0.0,
        pattern=reason.pattern or {},
    )
