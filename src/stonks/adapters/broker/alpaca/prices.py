"""Two-sided prices: the latest quote of Alpaca's market data, or the bars that an exchange of our own trades on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

import msgspec

from stonks.adapters.broker.alpaca.exact import exact
from stonks.adapters.broker.alpaca.orders import Instant
from stonks.adapters.broker.alpaca.reply import Outcome
from stonks.adapters.broker.alpaca.wire import Purpose, Wire
from stonks.adapters.broker.quotes import ADV_DAYS, quote
from stonks.model.market import Price
from stonks.ports.market import MarketFeed


class Prices(Protocol):
    """Tells what a ticker may be bought and sold at."""

    async def latest(self, ticker: str, now: datetime) -> Price | None:
        """Return the latest two-sided price known at ``now``, or None where there is none."""
        ...


class Quote(msgspec.Struct, frozen=True):
    """The best bid and ask; 0 stands for a side that nobody offers."""

    bp: Decimal
    ap: Decimal
    t: Instant


class Quotes(msgspec.Struct, frozen=True):
    """Quotes by symbol."""

    quotes: dict[str, Quote]


class QuotedPrices:
    """Asks Alpaca's market data."""

    def __init__(self, wire: Wire, feed: str) -> None:
        """Ask for the quotes of this feed: iex, sip or delayed_sip."""
        self._wire, self._feed = wire, feed

    async def latest(self, ticker: str, now: datetime) -> Price | None:  # noqa: ARG002 - the port's
        """Return the latest quote; None where there is none, or where it is one-sided or crossed.

        Raises:
            Transient, Permanent: as ``Wire.ask`` and ``Reply.read``.
        """
        asked = {"symbols": ticker, "feed": self._feed}
        reply = await self._wire.ask("GET", "/v2/stocks/quotes/latest", Purpose.PRICE, parameters=asked)
        if reply.outcome is Outcome.ABSENT:
            return None
        found = reply.read(Quotes).quotes.get(ticker)
        if found is None or not 0 < exact(found.bp) <= exact(found.ap):
            return None
        return Price(ticker=ticker, bid=found.bp, ask=found.ap, at=found.t)


class BarPrices:
    """Takes the price of the day's bar, as the built-in exchange does."""

    def __init__(self, feed: MarketFeed) -> None:
        """Read the bars of this feed."""
        self._feed = feed

    async def latest(self, ticker: str, now: datetime) -> Price | None:
        """Return the day's open while the session runs, the last close otherwise."""
        return quote(await self._feed.bars(ticker, now - timedelta(days=2 * ADV_DAYS), now), now)
