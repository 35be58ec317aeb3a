"""Signals for tests: every field has a plain value, and a test names the ones it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from stonks.model.signal import HalfLife, Layer, WeightedSignal

NOW = datetime(2025, 4, 10, 13, 40, tzinfo=UTC)
"""Ten minutes into a session."""


def make_signal(number: int, **fields: Any) -> WeightedSignal:  # noqa: ANN401 - each has its own type
    """Return a signal of weight 1 that is wholly good, known at NOW; each number is a story and a source of its own."""
    plain: dict[str, Any] = {
        "id": UUID(int=number),
        "ticker": "AAPL",
        "layer": Layer.COMPANY,
        "source": f"source {number}",
        "cluster_id": UUID(int=number),
        "document_id": None,
        "origin_id": UUID(int=number),
        "event_type": "product",
        "direction": 1.0,
        "strength": 1.0,
        "confidence": 1.0,
        "credibility": 1.0,
        "novelty": 1.0,
        "quality": 1.0,
        "relevance": 1.0,
        "half_life": HalfLife.B1,
        "event_at": None,
        "known_at": NOW,
        "extractor_version": "test-1",
    }
    return WeightedSignal(**(plain | fields))
