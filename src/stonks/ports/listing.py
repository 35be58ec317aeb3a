"""What a broker says of the instruments that it takes orders in."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from stonks.model.market import Asset


@runtime_checkable
class Listing(Protocol):
    """A broker that lists its instruments; one that does not leaves it unknown what may be traded with it."""

    async def asset(self, ticker: str, now: datetime) -> Asset | None:
        """Return what is known of an instrument, at most a day old, or None where the broker does not have it.

        Raises:
            Unreachable: nobody answered, and nothing is known from before.
        """
        ...
