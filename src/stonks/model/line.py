"""Texts that are asked about line by line, and the answers: what ``stonks extract`` reads and prints."""

from enum import StrEnum

import msgspec

from stonks.model.document import Quote
from stonks.model.signal import EventType
from stonks.model.units import Polarity, Unit


class Verdict(StrEnum):
    """How a text speaks of a company."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class LineAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A text and whom to judge: companies by ticker, anybody by name, or whoever of the followed it names."""

    id: str | int | float | None = None
    title: str | None = None
    text: str | None = None
    published_at: str | None = None
    tickers: tuple[str, ...] | None = None
    entities: tuple[str, ...] | None = None


class EventRead(msgspec.Struct, frozen=True, kw_only=True):
    """An event that befalls a company; the roles hold companies as they are named in the answer."""

    type: EventType
    roles: dict[str, tuple[str, ...]]
    polarity: Polarity
    confidence: Unit
    hedged: bool
    negated: bool
    quote: str
    start: int
    end: int


class NumberRead(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of a text."""

    metric: str
    value: float
    unit: str
    basis: str
    period: str
    quote: str
    start: int
    end: int


class CompanyRead(msgspec.Struct, frozen=True, kw_only=True, rename={"verdict": "class"}):
    """What a text says of one company, which is named as it was asked for."""

    entity: str | msgspec.UnsetType = msgspec.UNSET
    ticker: str | msgspec.UnsetType = msgspec.UNSET
    verdict: Verdict
    score: Polarity
    confidence: Unit
    events: tuple[EventRead, ...]
    quotes: tuple[Quote, ...]


class ModelRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a language model had to do with an answer."""

    model: str
    prompt: str
    degraded: str | None
    """Why nothing of its word is in the answer; null: something is."""
    failed: tuple[str, ...]
    """What of its words did not hold."""


class LineRead(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one line; offsets count the characters of title, an empty line and text."""

    id: str | int | float | None
    companies: tuple[CompanyRead, ...]
    absent: tuple[str, ...]
    """Who was to be judged and is not in the text."""
    numbers: tuple[NumberRead, ...]
    summary: str
    kind: str
    extractor: str
    llm: ModelRead | msgspec.UnsetType = msgspec.UNSET
    """Only where a model was to be asked."""


class LineFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a line that cannot be read."""

    id: str | int | float | None
    error: str
