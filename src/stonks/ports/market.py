"""The simulated market: bars as they happened, for the paper exchange alone.

A daily bar is known to a trader only when it is over. The exchange is the world in which it happens: it may use the
open from the open on, and the rest from the close on. Nothing that decides may ever hold this port.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from stonks.model.market import Bar


class MarketFeed(Protocol):
    """Knows every daily bar of the simulated world, also that of the session that is running."""

    async def bar(self, ticker: str, day: date) -> Bar | None:
        """Return the bar of one trading day, or None where nothing traded."""
        ...

    async def bars(self, ticker: str, after: datetime, until: datetime) -> Sequence[Bar]:
        """Return the bars that start in (after, until], oldest first."""
        ...
