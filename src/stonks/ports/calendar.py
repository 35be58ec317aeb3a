"""The exchange's calendar."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from stonks.model.market import Session


class Calendar(Protocol):
    """Knows when the exchange trades."""

    def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return every trading session from ``first`` to ``last`` inclusive, half-days with their early close."""
        ...
