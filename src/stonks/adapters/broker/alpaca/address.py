"""What a broker URL of Alpaca's says: which account is traded, where, and with which keys."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices, QuotedPrices
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Purpose, Share, Wire, open_session
from stonks.model.errors import SettingError
from stonks.ports.budget import Budget, Rate
from stonks.ports.market import MarketFeed
from stonks.settings import Settings

_SETTING = "STONKS_BROKER_URL"
PAPER = "https://paper-api.alpaca.markets"
_DATA_BURST = 10
_LOCAL = SecretStr("local")


@asynccontextmanager
async def open_alpaca(url: str, settings: Settings, feed: MarketFeed, budget: Budget) -> AsyncIterator[AlpacaBroker]:
    """Open the account at ``alpaca:paper``, or an exchange of our own at ``alpaca+http://127.0.0.1:port``.

    Nothing is sent yet; connections end with the block. Alpaca's prices are its own quotes, another exchange's those of
    the feed's bars.

    Raises:
        SettingError: the URL is another, a live account's included, or keys are missing.
    """
    base = address(url)
    keys = _keys(settings, needed=base == PAPER)
    async with open_session() as session:
        outlet = Outlet(session=session, keys=keys, budget=budget)
        prices = QuotedPrices(_data(settings, outlet), settings.alpaca_feed) if base == PAPER else BarPrices(feed)
        async with aclosing(TradeUpdates(outlet, base)) as updates:
            yield AlpacaBroker(Wire(outlet, base, TRADING), prices, updates, settings.account)


def address(url: str) -> str:
    """Return the base URL that a broker URL stands for.

    Raises:
        SettingError: it stands for none, or for one that may not be traded on.
    """
    if url == "alpaca:paper":
        return PAPER
    if url.startswith("alpaca:live"):
        raise SettingError(_SETTING, "live trading needs three switches that agree, which this version does not have")
    parts = urlsplit(url)
    if parts.scheme == "alpaca+http" and _is_loopback(parts.hostname) and parts.path in {"", "/"}:
        return f"http://{parts.netloc}"
    raise SettingError(_SETTING, f"no broker at {url!r}: use paper:, alpaca:paper or alpaca+http://127.0.0.1:PORT")


def _is_loopback(host: str | None) -> bool:
    """Return whether keys and orders in plain text would stay on this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _keys(settings: Settings, *, needed: bool) -> Keys:
    for name, key in (("KEY_ID", settings.broker_key_id), ("SECRET", settings.broker_secret)):
        if needed and (key is None or not key.get_secret_value()):
            raise SettingError(f"STONKS_BROKER_{name}", "alpaca:paper needs it")
    return Keys(id=settings.broker_key_id or _LOCAL, secret=settings.broker_secret or _LOCAL)


def _data(settings: Settings, outlet: Outlet) -> Wire:
    """Return the wire to Alpaca's market data, with its own keys where they are set."""
    if settings.alpaca_key_id is not None and settings.alpaca_secret is not None:
        outlet = replace(outlet, keys=Keys(id=settings.alpaca_key_id, secret=settings.alpaca_secret))
    rate = Rate(tokens=settings.alpaca_per_minute, per=timedelta(minutes=1), burst=_DATA_BURST)
    return Wire(outlet, settings.alpaca_data_url, {Purpose.PRICE: Share("alpaca", rate)})
