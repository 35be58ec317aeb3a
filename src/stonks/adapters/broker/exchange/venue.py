"""Everything that the exchange's handlers work with."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from stonks.adapters.broker.exchange.diary import Diary
from stonks.adapters.broker.exchange.latency import Lag, at_once
from stonks.adapters.broker.exchange.ledger import Ledger, Listed, Wanted
from stonks.adapters.broker.exchange.wire import asset_number
from stonks.adapters.broker.paper import PaperExchange
from stonks.model.errors import Refused
from stonks.ports.clock import Clock
from stonks.ports.market import MarketFeed


class Unknown(Refused):
    """Raised when what is asked for is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One account at one exchange."""

    paper: PaperExchange
    ledger: Ledger
    feed: MarketFeed
    diary: Diary
    clock: Clock
    names: dict[str, str]
    """What each listing that is known by name is called, by ticker."""
    lag: Lag = at_once
    """How long orders are on their way."""

    def now(self) -> datetime:
        """Return the exchange's time."""
        return self.clock.now()

    async def order(self, wanted: Wanted) -> Listed:
        """Return the one order that is asked for, after it has met the market up to now.

        Raises:
            Unknown: there is no such order.
        """
        await self.paper.meet(self.now())
        found = await self.ledger.order(wanted)
        if found is None:
            raise Unknown("order not found")
        return found

    def ticker(self, name: str) -> str:
        """Return the ticker of a symbol or of an asset's number, as it is where nobody knows it."""
        return next((ticker for ticker in self.names if str(asset_number(ticker)) == name), name)


VENUE = web.AppKey("venue", Venue)
