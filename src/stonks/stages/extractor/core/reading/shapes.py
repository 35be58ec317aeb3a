"""What the model is to return of a document (signals.md 1.2): flat, closed lists of words, small integers, quotes."""

from typing import Annotated, Literal

import msgspec

from stonks.model.signal import EventType

Words = Annotated[str, msgspec.Meta(max_length=240)]
"""A verbatim piece of the document."""
Short = Annotated[str, msgspec.Meta(max_length=60)]


class CompanyRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the document says of one candidate."""

    mention_id: int
    """The candidate's number: no company is named by what the model writes."""
    relevance: Literal["primary", "secondary", "passing"]
    sentiment: Literal[-2, -1, 0, 1, 2]
    direction: Literal["positive", "negative", "mixed", "none"]
    magnitude: Literal[0, 1, 2, 3]
    """Expected move: none, under 1 %, 1 to 3 %, over 3 %."""
    horizon: Literal["intraday", "1d", "1w", "1m", "1q"]
    event_types: Annotated[tuple[EventType, ...], msgspec.Meta(max_length=3)]
    novelty: Literal["new", "update", "rehash"]
    confidence: Literal[0, 1, 2, 3]
    quote: Words


class NumberRead(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that the document states."""

    metric: Literal[
        "revenue",
        "eps",
        "net_income",
        "guidance_revenue",
        "guidance_eps",
        "margin",
        "deliveries",
        "dividend",
        "buyback",
        "deal_value",
        "headcount",
        "price_target",
        "fine",
        "other",
    ]
    value_text: Short
    unit: Literal["USD", "EUR", "GBP", "pct", "shares", "per_share", "count", "other"]
    scale: Literal["one", "thousand", "million", "billion"]
    period: Short
    basis: Literal["actual", "consensus", "prior", "guidance_low", "guidance_high", "guidance_point"]
    quote: Words


class GuidanceRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a company says of its own future figures."""

    metric: Short
    direction: Literal["raised", "lowered", "maintained", "initiated", "withdrawn"]
    period: Short
    quote: Words


class RiskRead(msgspec.Struct, frozen=True, kw_only=True):
    """What may go wrong."""

    text: Words
    quote: Words


class DocumentRead(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    doc_check: str
    summary: Annotated[str, msgspec.Meta(max_length=480)]
    doc_kind: Literal["news", "press_release", "analysis", "opinion", "filing", "transcript", "pr_spam", "other"]
    companies: Annotated[tuple[CompanyRead, ...], msgspec.Meta(max_length=8)]
    key_numbers: Annotated[tuple[NumberRead, ...], msgspec.Meta(max_length=10)]
    guidance: Annotated[tuple[GuidanceRead, ...], msgspec.Meta(max_length=4)]
    risks: Annotated[tuple[RiskRead, ...], msgspec.Meta(max_length=4)]
    macro_relevant: bool


class CompaniesRead(msgspec.Struct, frozen=True, kw_only=True):
    """The least that is of use."""

    doc_check: str
    companies: Annotated[tuple[CompanyRead, ...], msgspec.Meta(max_length=8)]
