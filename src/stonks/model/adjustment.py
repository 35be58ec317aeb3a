"""Corporate actions in an account's books: what changes a position without a trade."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

_NEW_YORK = ZoneInfo("America/New_York")


class AdjustmentKind(StrEnum):
    """Why a position changed without a trade."""

    SPLIT = "split"
    DIVIDEND = "dividend"
    CASH_IN_LIEU = "cash_in_lieu"
    MANUAL = "manual"


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """One such change: a row of ``position_adjustments``; shares are signed, cash in dollars that came in.

    Of a split the ratio counts, new shares for one old, and the shares are a record. Of what is paid out in lieu of
    shares, and of a correction by hand, the difference of the shares counts.
    """

    ticker: str
    kind: AdjustmentKind
    ex_date: date
    ratio: Decimal | None = None
    price: Decimal | None = None
    """Dollars that a new share is worth where a split's fractions are paid out; None where they are kept."""
    quantity_before: Decimal
    quantity_after: Decimal
    cash: Decimal | None = None
    known_at: datetime
    source: str

    @property
    def at(self) -> datetime:
        """When it takes effect."""
        return start_of(self.ex_date)


def start_of(ex_date: date) -> datetime:
    """Return the instant from which a corporate action counts: midnight in New York, before any market opens."""
    return datetime.combine(ex_date, time(), _NEW_YORK).astimezone(UTC)
