"""Brokers: the built-in paper exchange, and Alpaca."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stonks.model.errors import SettingError
from stonks.ports.broker import Broker
from stonks.ports.budget import Budget
from stonks.ports.market import MarketFeed
from stonks.ports.store import Store
from stonks.settings import Settings


def open_broker(url: str, store: Store, feed: MarketFeed, settings: Settings) -> Broker:
    """Return the broker at a URL; ``paper:`` is the built-in exchange on the bars of the feed.

    Raises:
        SettingError: the URL's scheme is no broker.
    """
    match url.partition(":")[0]:
        case "paper":
            from stonks.adapters.broker.paper import PaperExchange

            return PaperExchange(store, feed, settings.account, settings.starting_cash)
        case _:
            raise SettingError("STONKS_BROKER_URL", f"no broker at {url!r}: use paper:")


def is_remote(url: str) -> bool:
    """Return whether a URL means a broker that is reached over a network."""
    return url.startswith("alpaca")


@asynccontextmanager
async def open_remote(url: str, feed: MarketFeed, settings: Settings, budget: Budget) -> AsyncIterator[Broker]:
    """Open the broker at ``alpaca:paper``, ``alpaca:live`` or ``alpaca+http://127.0.0.1:port`` until the block ends.

    Raises:
        SettingError: the URL is no broker's, or one that may not be traded on.
    """
    from stonks.adapters.broker.alpaca.address import open_alpaca

    async with open_alpaca(url, settings, feed, budget) as broker:
        yield broker


__all__ = ["is_remote", "open_broker", "open_remote"]
