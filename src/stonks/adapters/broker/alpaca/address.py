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
from stonks.settings import LIVE_BROKER, Settings, trades_live

_SETTING = "STONKS_BROKER_URL"
PAPER = "https://paper-api.alpaca.markets"
LIVE = "https://api.alpaca.markets"
_ALPACA = {"alpaca:paper": PAPER, LIVE_BROKER: LIVE}
_DATA_BURST = 10
_LOCAL = SecretStr("local")


@asynccontextmanager
async def open_alpaca(url: str, settings: Settings, feed: MarketFeed, budget: Budget) -> AsyncIterator[AlpacaBroker]:
    """Open the account at ``alpaca:paper`` or ``alpaca:live``, or an exchange at ``alpaca+http://127.0.0.1:port``.

    Nothing is sent yet; connections end with the block. Alpaca's prices are its own quotes, another exchange's those of
    the feed's bars.

    Raises:
        SettingError: the URL is another, keys are missing, or it is a live one and the switches do not all say so.
    """
    base = address(url)
    if base == LIVE and not trades_live(settings):
        raise SettingError(_SETTING, "real money takes three switches that agree with it")
    at_alpaca = base in {PAPER, LIVE}
    keys = _keys(settings, needed=at_alpaca)
    async with open_session() as session:
        outlet = Outlet(session=session, keys=keys, budget=budget)
        prices = QuotedPrices(_data(settings, outlet), settings.alpaca_feed) if at_alpaca else BarPrices(feed)
        async with aclosing(TradeUpdates(outlet, base)) as updates:
            yield AlpacaBroker(Wire(outlet, base, TRADING), prices, updates, settings.account)


def address(url: str) -> str:
    """Return the base URL that a broker URL stands for.

    Raises:
        SettingError: it stands for none, or for one that may not be traded on.
    """
    if url in _ALPACA:
        return _ALPACA[url]
    parts = urlsplit(url)
    if parts.scheme == "alpaca+http" and _is_loopback(parts.hostname) and parts.path in {"", "/"}:
        return f"http://{parts.netloc}"
    raise SettingError(
        _SETTING, f"no broker at {url!r}: use paper:, alpaca:paper, alpaca:live or alpaca+http://127.0.0.1:PORT"
    )


def _is_loopback(host: str | None) -> bool:
    """Return whether keys and orders in plain text would stay on this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _keys(settings: Settings, *, needed: bool) -> Keys:
    for name, key in (("KEY_ID", settings.broker_key_id), ("SECRET", settings.broker_secret)):
        if needed and (key is None or not key.get_secret_value()):
            raise SettingError(f"STONKS_BROKER_{name}", f"{settings.broker_url} needs it")
    return Keys(id=settings.broker_key_id or _LOCAL, secret=settings.broker_secret or _LOCAL)


def _data(settings: Settings, outlet: Outlet) -> Wire:
    """Return the wire to Alpaca's market data, with its own keys where they are set."""
    if settings.alpaca_key_id is not None and settings.alpaca_secret is not None:
        outlet = replace(outlet, keys=Keys(id=settings.alpaca_key_id, secret=settings.alpaca_secret))
    rate = Rate(tokens=settings.alpaca_per_minute, per=timedelta(minutes=1), burst=_DATA_BURST)
    return Wire(outlet, settings.alpaca_data_url, {Purpose.PRICE: Share("alpaca", rate)})
