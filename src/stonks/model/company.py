"""Companies that are followed, how they are named and how they hang together."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from stonks.model.document import Quote
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


class Related(StrEnum):
    """What one company is to another."""

    COMPETITOR = "competitor"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    PARTNER = "partner"
    PARENT = "parent"
    SUBSIDIARY = "subsidiary"
    SUB_INDUSTRY = "sub_industry"
    CO_MENTION = "co_mention"

    @property
    def inverse(self) -> "Related":
        """What the other company is to this one."""
        return _INVERSES.get(self, self)


_INVERSES = {
    Related.CUSTOMER: Related.SUPPLIER,
    Related.SUPPLIER: Related.CUSTOMER,
    Related.PARENT: Related.SUBSIDIARY,
    Related.SUBSIDIARY: Related.PARENT,
}


class CompanyEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A relation between two companies, valid in a span of time; it says what ``src`` is to ``dst``."""

    src: str
    dst: str
    relation: str
    weight: Unit
    confidence: Unit
    valid_from: datetime
    valid_to: datetime | None = None
    source: str
    known_at: datetime | None = None
    """When this system learned of it; with the beginning of its validity where that is not told."""
    document_id: UUID | None = None
    evidence: tuple[Quote, ...] = ()
    """The sentences that say so, of the document it was read from."""

    @property
    def reversed(self) -> "CompanyEdge":
        """The same relation as the other company sees it."""
        relation = Related(self.relation).inverse
        return msgspec.structs.replace(self, src=self.dst, dst=self.src, relation=relation)
