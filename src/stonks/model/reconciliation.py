"""What comparing our books with the broker's found, as people see it."""

from decimal import Decimal
from uuid import UUID

import msgspec


class Discrepancy(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on which the books differ, and what is done about it; shares, or dollars of cash and averages."""

    kind: str
    """fills, position, average, cash or order."""
    subject: str
    """The ticker, the client's id of an order, or the account."""
    ticker: str
    ours: Decimal
    theirs: Decimal
    action: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: ok, waiting, repaired, halted, failed or accepted."""

    run: UUID
    outcome: str
    differences: tuple[Discrepancy, ...]
