"""Which broker is traded with."""

from contextlib import AsyncExitStack

from stonks.app.servers import Servers
from stonks.model.errors import SettingError
from stonks.ports.broker import Broker
from stonks.ports.market import MarketFeed
from stonks.ports.store import Store
from stonks.settings import Settings, trades_live


async def broker_on(
    stack: AsyncExitStack, settings: Settings, servers: Servers, store: Store, feed: MarketFeed, *, replaying: bool
) -> Broker:
    """Return the broker of the settings, open for as long as the stack is.

    Raises:
        SettingError: the URL names none, the switches of real money do not agree, or a replay would trade at Alpaca
            what it read on a tape.
    """
    from stonks.adapters.broker import is_remote, open_broker, open_remote

    url = settings.broker_url
    trades_live(settings)
    if not is_remote(url):
        return open_broker(url, store, feed, settings)
    if replaying and url.startswith("alpaca:"):
        raise SettingError("STONKS_BROKER_URL", "a replay trades on paper:, not at Alpaca")
    from stonks.adapters.budget import open_budget

    budget = await stack.enter_async_context(open_budget(servers.redis_url))
    return await stack.enter_async_context(open_remote(url, feed, settings, budget))
