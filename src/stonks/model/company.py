"""Companies that are followed, how they are named and how they hang together."""

from datetime import datetime

import msgspec

from stonks.model.units import Unit


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked company; aliases are the names under which texts speak of it."""

    ticker: str
    name: str
    cik: str | None = None
    sector: str = "Unknown"
    sub_industry: str = "Unknown"
    aliases: tuple[str, ...] = ()
    exposures: dict[str, float] = {}
    """Feature (``geo:US``, ``commodity:oil``, ``fx:USD`` ...) to its share or beta; what is absent takes a default."""
    pages: tuple[str, ...] = ()
    """Web pages of its own that are read regularly."""


class CompanyEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A relation between two companies, valid in a span of time."""

    src: str
    dst: str
    relation: str
    weight: Unit
    confidence: Unit
    valid_from: datetime
    valid_to: datetime | None = None
    source: str
