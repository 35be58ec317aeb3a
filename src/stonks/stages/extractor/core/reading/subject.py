"""Whom a model may speak of, and what of its words about them has held."""

import msgspec

from stonks.model.document import Quote, Span
from stonks.model.signal import EventType, KeyNumber
from stonks.model.units import Unit


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A company that the document names: its place in the list is the number by which the model speaks of it."""

    ticker: str
    name: str
    spans: tuple[Span, ...]
    """Where the whole text names it."""
    speaks: bool = False
    """Whether the document is in its own words: what names nobody in it speaks of this company."""
    score: float = 0.0
    """Direction that the rules read, from -1 to 1; 0 where they read none."""


class Believed(msgspec.Struct, frozen=True, kw_only=True):
    """What a model says of one company and has shown."""

    ticker: str
    sentiment: int
    """-2 to 2."""
    magnitude: int
    """0 to 3."""
    horizon: str
    event_types: tuple[EventType, ...]
    confidence: Unit
    """What its certainty is worth before the share of its claims that held is counted."""
    quote: Quote


class Guidance(msgspec.Struct, frozen=True, kw_only=True):
    """What a company says of its own future figures, with the words."""

    metric: str
    direction: str
    period: str
    evidence: Quote


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """What may go wrong, with the words."""

    text: str
    evidence: Quote


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What of one answer held: every quote stands in the text, at its offsets, and every figure in a quote."""

    kind: str = ""
    summary: str = ""
    """Empty where it states a figure that the text does not."""
    companies: tuple[Believed, ...] = ()
    numbers: tuple[KeyNumber, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    risks: tuple[Risk, ...] = ()
    claimed: int
    kept: int
    """Claims that the answer made, and those that held."""
