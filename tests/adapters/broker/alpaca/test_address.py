from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

from stonks.adapters.broker import is_remote, open_remote
from stonks.adapters.broker.alpaca.address import LIVE, PAPER, address
from stonks.app.broker import broker_on
from stonks.app.servers import Servers
from stonks.model.errors import SettingError
from stonks.ports.store import Store
from stonks.settings import read_settings
from tests.fakes.market import FakeMarket
from tests.fakes.web import OpenBudget


def test_a_url_names_the_paper_account_or_an_exchange_of_this_machine() -> None:
    assert address("alpaca:paper") == PAPER
    assert address("alpaca+http://127.0.0.1:8917/") == "http://127.0.0.1:8917"
    assert [is_remote(url) for url in ("paper:", "alpaca:paper", "alpaca+http://[::1]:1")] == [False, True, True]


@pytest.mark.parametrize(
    "url",
    [
        "alpaca:",
        "alpaca:Paper",
        "alpaca:live?confirm=yes",
        "alpaca:Live",
        "alpaca+http://192.168.1.5:8917",
        "alpaca+http://127.0.0.1.example.com:8917",
        "alpaca+http://127.0.0.1:8917/v2",
        "alpaca+https://api.alpaca.markets",
        "alpaca+http://",
    ],
)
def test_no_other_url_is_traded_on(url: str) -> None:
    with pytest.raises(SettingError, match="no broker at"):
        address(url)


LIVE_SETTINGS: dict[str, object] = {
    "broker_url": "alpaca:live",
    "trading_mode": "live",
    "live_trading_enabled": True,
    "live_confirm": "trade real money on mine",
    "account": "mine",
    "broker_key_id": SecretStr("key"),
    "broker_secret": SecretStr("secret"),
}


async def test_with_every_switch_a_live_account_opens_at_its_own_address_and_sends_nothing() -> None:
    async with open_remote("alpaca:live", FakeMarket([]), read_settings(**LIVE_SETTINGS), OpenBudget()):
        assert address("alpaca:live") == LIVE == "https://api.alpaca.markets"


@pytest.mark.parametrize("switch", ["broker_url", "trading_mode", "live_trading_enabled", "live_confirm"])
async def test_with_a_switch_missing_a_live_account_is_refused_by_the_adapter_too(switch: str) -> None:
    settings = read_settings(**{name: value for name, value in LIVE_SETTINGS.items() if name != switch})

    with pytest.raises(SettingError, match=f"STONKS_{switch.upper()}"):
        async with open_remote("alpaca:live", FakeMarket([]), settings, OpenBudget()):
            pass


async def test_without_any_switch_the_live_address_is_refused() -> None:
    with pytest.raises(SettingError, match="three switches"):
        async with open_remote("alpaca:live", FakeMarket([]), read_settings(), OpenBudget()):
            pass


@pytest.mark.parametrize("missing", ["broker_key_id", "broker_secret"])
async def test_a_key_that_is_missing_is_named(missing: str) -> None:
    keys = {"broker_key_id": SecretStr("key"), "broker_secret": SecretStr("secret")} | {missing: SecretStr("")}

    with pytest.raises(SettingError, match=f"STONKS_{missing.upper()}"):
        async with open_remote("alpaca:paper", FakeMarket([]), read_settings(**keys), OpenBudget()):
            pass


async def test_opening_sends_nothing() -> None:
    keys = {"broker_key_id": SecretStr("key"), "broker_secret": SecretStr("secret")}

    async with open_remote("alpaca:paper", FakeMarket([]), read_settings(**keys), OpenBudget()) as broker:
        assert "secret" not in repr(vars(broker))


async def test_what_is_read_on_a_tape_is_not_traded_at_alpaca(store: Store, redis_url: str) -> None:
    settings = read_settings(broker_url="alpaca:paper", broker_key_id=SecretStr("key"), broker_secret=SecretStr("it"))
    servers = Servers(database_url="", redis_url=redis_url)

    async with AsyncExitStack() as stack:
        with pytest.raises(SettingError, match="a replay trades on paper"):
            await broker_on(stack, settings, servers, store, FakeMarket([]), replaying=True)
        await broker_on(stack, settings, servers, store, FakeMarket([]), replaying=False)
