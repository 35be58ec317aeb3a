"""Real money takes four settings that agree; any other mixture refuses to start and names what differs."""

import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from stonks.model.errors import SettingError
from stonks.settings import read_settings, trades_live

ON = {
    "broker_url": "alpaca:live",
    "trading_mode": "live",
    "live_trading_enabled": True,
    "live_confirm": "trade real money on mine",
}
MIXTURES = [
    tuple(name for name, on in zip(ON, chosen, strict=True) if on)
    for chosen in itertools.product([False, True], repeat=4)
    if 0 < sum(chosen) < 4
]


def test_by_default_no_real_money_is_traded() -> None:
    assert not trades_live(read_settings())
    assert not trades_live(read_settings(broker_url="alpaca:paper", account="mine"))


def test_all_switches_together_trade_real_money() -> None:
    assert trades_live(read_settings(account="mine", **ON))


@pytest.mark.parametrize("on", MIXTURES, ids="+".join)
def test_every_mixture_names_the_first_setting_that_differs(on: tuple[str, ...]) -> None:
    settings = read_settings(account="mine", **{name: ON[name] for name in on})
    missing = next(name for name in ON if name not in on)

    with pytest.raises(SettingError) as refused:
        trades_live(settings)

    assert refused.value.name == f"STONKS_{missing.upper()}"
    assert all(f"STONKS_{name.upper()}" in refused.value.why for name in on)


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "yes",
        "trade real money",
        "trade real money on paper",
        "Trade real money on mine",
        "trade real money on mine ",
    ],
)
def test_the_phrase_is_word_for_word_with_the_accounts_name(phrase: str) -> None:
    with pytest.raises(SettingError, match=r"STONKS_LIVE_CONFIRM: .*trade real money on mine"):
        trades_live(read_settings(account="mine", **ON | {"live_confirm": phrase}))


def test_a_wrong_phrase_alone_is_no_silent_paper_either() -> None:
    with pytest.raises(SettingError, match="STONKS_BROKER_URL"):
        trades_live(read_settings(live_confirm="yes"))


def test_real_money_is_not_traded_on_the_books_of_paper() -> None:
    with pytest.raises(SettingError, match="STONKS_ACCOUNT"):
        trades_live(read_settings(**ON | {"live_confirm": "trade real money on paper"}))


async def test_a_process_does_not_start_on_a_mixture_and_says_which_setting_it_is(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "STONKS_DATA_DIR": str(tmp_path),
        "STONKS_DATABASE_URL": database_url,
        "STONKS_REDIS_URL": redis_url,
        "STONKS_TRADING_MODE": "live",
    }
    command = (sys.executable, "-m", "stonks", "status")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    _, complaint = await process.communicate()

    assert process.returncode == 2
    assert complaint.decode().startswith("STONKS_BROKER_URL: real money takes alpaca:live, as STONKS_TRADING_MODE")
