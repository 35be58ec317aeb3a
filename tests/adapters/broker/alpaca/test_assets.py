from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.assets import Assets
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Wire, open_session
from stonks.model.errors import Unreachable
from tests.fakes.web import NOW, OpenBudget, Site, json_answer, open_site

AAPL = "/v2/assets/AAPL"
LATER = NOW + timedelta(hours=2)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest_asyncio.fixture
async def assets(site: Site) -> AsyncIterator[Assets]:
    keys = Keys(id=SecretStr("key"), secret=SecretStr("secret"))
    async with open_session() as session:
        yield Assets(Wire(Outlet(session=session, keys=keys, budget=OpenBudget()), site.base, TRADING))


def say(site: Site, status: str = "active", tradable: str = "true") -> None:
    body = f'{{"symbol":"AAPL","status":"{status}","tradable":{tradable},"fractionable":true,"shortable":false}}'
    site.script(AAPL, lambda _: json_answer(body))


@pytest.mark.parametrize(
    ("status", "tradable", "expected"),
    [
        ("active", "true", (True, False)),
        ("active", "false", (True, True)),
        ("inactive", "false", (False, False)),
    ],
)
async def test_what_is_active_and_not_traded_now_is_halted(
    site: Site, assets: Assets, status: str, tradable: str, expected: tuple[bool, bool]
) -> None:
    say(site, status, tradable)

    asset = await assets.asset("AAPL", NOW)

    assert asset is not None
    assert (asset.tradable, asset.halted) == expected
    assert (asset.fractionable, asset.shortable, asset.known_at) == (True, False, NOW)


async def test_an_answer_is_kept_an_hour_and_stands_with_its_age_while_nobody_answers(
    site: Site, assets: Assets
) -> None:
    say(site)
    for minutes in (0, 59):
        await assets.asset("AAPL", NOW + timedelta(minutes=minutes))
    asked = len(site.paths())
    site.script(AAPL, lambda _: json_answer("", status=503))

    old = await assets.asset("AAPL", LATER)

    assert asked == 1
    assert old is not None
    assert old.known_at == NOW


async def test_nothing_known_and_no_answer_is_a_failure_and_not_an_absence(site: Site, assets: Assets) -> None:
    site.script(AAPL, lambda _: json_answer("", status=503))
    with pytest.raises(Unreachable):
        await assets.asset("AAPL", NOW)

    site.script(AAPL, lambda _: json_answer('{"code":40410000,"message":"asset not found"}', status=404))
    assert await assets.asset("AAPL", NOW) is None


async def test_what_alpaca_does_not_list_any_more_is_not_remembered(site: Site, assets: Assets) -> None:
    say(site)
    await assets.asset("AAPL", NOW)
    site.script(AAPL, lambda _: json_answer('{"code":40410000,"message":"asset not found"}', status=404))

    assert await assets.asset("AAPL", LATER) is None
