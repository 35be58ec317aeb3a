from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from pydantic import SecretStr

from stonks.adapters.broker.alpaca.prices import QuotedPrices
from stonks.adapters.broker.alpaca.wire import Keys, Outlet, Purpose, Share, Wire, open_session
from stonks.model.errors import Unreachable
from stonks.ports.budget import Rate
from tests.fakes.web import NOW, OpenBudget, Site, json_answer, open_site

LATEST = "/v2/stocks/quotes/latest"
DATA = {Purpose.PRICE: Share("alpaca", Rate(tokens=180, per=timedelta(minutes=1)))}


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest_asyncio.fixture
async def prices(site: Site) -> AsyncIterator[QuotedPrices]:
    keys = Keys(id=SecretStr("key"), secret=SecretStr("secret"))
    async with open_session() as session:
        yield QuotedPrices(Wire(Outlet(session=session, keys=keys, budget=OpenBudget()), site.base, DATA), "iex")


async def test_a_price_is_the_latest_quote_digit_by_digit(site: Site, prices: QuotedPrices) -> None:
    site.script(
        LATEST, lambda _: json_answer('{"quotes":{"AAPL":{"t":"2025-04-07T20:59:59.1Z","ap":161.11,"bp":161.1}}}')
    )

    price = await prices.latest("AAPL", NOW)

    assert price is not None
    assert (price.bid, price.ask, price.at) == (Decimal("161.1"), Decimal("161.11"), NOW - timedelta(seconds=0.9))
    assert site.paths() == [f"{LATEST}?symbols=AAPL&feed=iex"]
    assert site.asked[0].headers["APCA-API-KEY-ID"] == "key"


@pytest.mark.parametrize(("bid", "ask"), [("0", "161"), ("161", "0"), ("159.52", "158.65")])
async def test_one_side_alone_or_crossed_is_no_price(site: Site, prices: QuotedPrices, bid: str, ask: str) -> None:
    quote = f'{{"quotes":{{"AAPL":{{"t":"2022-03-09T09:00:00.000059Z","ap":{ask},"bp":{bid}}}}}}}'
    site.script(LATEST, lambda _: json_answer(quote))

    assert await prices.latest("AAPL", NOW) is None


async def test_what_is_not_quoted_has_no_price_and_a_failure_is_not_that(site: Site, prices: QuotedPrices) -> None:
    site.script(LATEST, lambda _: json_answer('{"quotes":{}}'))
    assert await prices.latest("NONE", NOW) is None

    site.script(LATEST, lambda _: json_answer("", status=503))
    with pytest.raises(Unreachable):
        await prices.latest("NONE", NOW)
