"""Brokers: the built-in paper exchange."""

from stonks.model.errors import SettingError
from stonks.ports.broker import Broker
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


__all__ = ["open_broker"]
