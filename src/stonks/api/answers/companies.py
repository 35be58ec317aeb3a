"""Companies as the API shows them."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from stonks.api.answers.portfolio import PositionRow
from stonks.api.answers.recommendations import RecommendationRow
from stonks.api.answers.signals import SignalRow
from stonks.api.answers.trends import TrendCell


class CompanyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A company in a list; ``change`` is the last close against the one before, as a share."""

    ticker: str
    name: str
    sector: str
    sub_industry: str
    last_price: Decimal | None
    last_price_at: datetime | None
    change: float | None
    position: Decimal | None
    next_earnings: date | None
    last_signal_at: datetime | None
    trends: list[TrendCell]


class CompanyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every company that is followed, by ticker."""

    items: list[CompanyRow]


class RelationRow(msgspec.Struct, frozen=True, kw_only=True):
    """How another company hangs together with this one."""

    ticker: str
    name: str
    relation: str
    weight: float
    confidence: float
    source: str


class CompanyDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One company and what the system believes about it."""

    company: CompanyRow
    cik: str | None
    aliases: list[str]
    exposures: dict[str, float]
    position: PositionRow | None
    signals: list[SignalRow]
    recommendations: list[RecommendationRow]
    relations: list[RelationRow]
