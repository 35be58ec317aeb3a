"""From what was read to the weighted form that all layers share."""

from datetime import datetime

from stonks.model.document import Document
from stonks.model.identity import signal_id
from stonks.model.signal import GlobalEvent, HalfLife, Impact, Layer, MacroImpact, WeightedSignal
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.publishers import credibility

LEAST_MACRO = 0.05
"""A macro impact smaller than this is kept as a record and is no signal (signals.md 1.3)."""

_UNKNOWN_QUALITY = 0.5
_DURATIONS = {"days": HalfLife.B2, "weeks": HalfLife.B3, "months": HalfLife.B4, "years": HalfLife.B4}


def company_signal(document: Document, impact: Impact, extractor_version: str, now: datetime) -> WeightedSignal | None:
    """Return the signal of a company impact under its leading event, or None where it says nothing of direction."""
    if not impact.strength:
        return None
    leading = impact.event_types[0]
    half_life = HalfLife.B0 if impact.horizon == "intraday" else CHARACTER[leading].half_life
    return WeightedSignal(
        id=signal_id(Layer.COMPANY, document.id, impact.ticker, leading, extractor_version),
        ticker=impact.ticker,
        layer=Layer.COMPANY,
        source=document.publisher,
        cluster_id=document.story_cluster_id or document.id,
        document_id=document.id,
        origin_id=document.id,
        event_type=leading,
        direction=impact.direction,
        strength=impact.strength,
        confidence=impact.confidence,
        credibility=credibility(document.publisher, document.document_type),
        novelty=impact.novelty,
        quality=_quality(document),
        relevance=impact.relevance,
        half_life=half_life,
        event_at=document.published_at,
        known_at=now,
        extractor_version=extractor_version,
    )


def macro_signal(
    document: Document, event: GlobalEvent, impact: MacroImpact, novelty: float, now: datetime
) -> WeightedSignal | None:
    """Return the signal of a macro impact on one company, or None where it is too small."""
    if abs(impact.impact) < LEAST_MACRO:
        return None
    return WeightedSignal(
        id=signal_id(Layer.MACRO, event.id, impact.ticker, event.type, event.extractor_version),
        ticker=impact.ticker,
        layer=Layer.MACRO,
        source=document.publisher,
        cluster_id=document.story_cluster_id or document.id,
        document_id=document.id,
        origin_id=event.id,
        event_type=event.type,
        direction=1.0 if impact.impact > 0 else -1.0,
        strength=min(1.0, abs(impact.impact)),
        confidence=event.confidence * impact.coverage,
        credibility=credibility(document.publisher, document.document_type),
        novelty=novelty,
        quality=_quality(document),
        relevance=1.0,
        half_life=_DURATIONS[event.duration],
        event_at=document.published_at,
        known_at=now,
        extractor_version=event.extractor_version,
    )


def _quality(document: Document) -> float:
    return _UNKNOWN_QUALITY if document.quality is None else document.quality
