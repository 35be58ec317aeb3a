import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from aiohttp import web

from stonks.ports.sources import Listing
from tests.fakes.live import NOW, Desk
from tests.fakes.web import Site, json_answer, open_site

CLOSE = datetime(2025, 4, 7, 20, tzinfo=UTC)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


def desk(site: Site, *listings: Listing) -> Desk:
    return Desk(site, *listings, alpaca_data_url=site.base, alpaca_key_id="k3y", alpaca_secret="s3cret")  # noqa: S106 - a test's


def traded(at: datetime) -> dict[str, object]:
    return {"t": at.isoformat(), "o": 1, "h": 3.5, "l": 1, "c": 2, "v": 10}


async def test_keys_travel_in_headers(site: Site) -> None:
    site.script("/v1beta1/news", lambda _: json_answer('{"news": [], "next_page_token": null}'))
    await desk(site).poller("alpaca_news").poll()

    headers = site.asked[0].headers
    assert (headers["APCA-API-KEY-ID"], headers["APCA-API-SECRET-KEY"]) == ("k3y", "s3cret")


async def test_an_edited_article_is_a_new_revision(site: Site) -> None:
    one = {"id": 7, "headline": "Boeing delivers", "created_at": "2025-04-07T20:00:00Z", "symbols": ["BA"]}
    two = one | {"headline": "Boeing delivers more", "updated_at": "2025-04-07T20:59:00Z"}
    site.script(
        "/v1beta1/news",
        lambda _: json_answer(json.dumps({"news": [one]})),
        lambda _: json_answer(json.dumps({"news": [two]})),
    )
    poller = desk(site).poller("alpaca_news")
    await poller.poll()
    await poller.later()

    assert [(document.revision, document.title) for document in poller.stored] == [
        (1, "Boeing delivers"),
        (2, "Boeing delivers more"),
    ]


async def test_bars_of_many_symbols_come_in_pages_and_only_those_that_are_over(site: Site) -> None:
    over = NOW - timedelta(minutes=5)
    pages = [
        {"bars": {"AAPL": [traded(over), traded(NOW - timedelta(minutes=4))]}, "next_page_token": "p2"},
        {"bars": {"BA": [traded(over)]}, "next_page_token": None},
    ]
    site.script("/v2/stocks/bars", *(lambda _, page=page: json_answer(json.dumps(page)) for page in pages))
    fetched = await desk(site).poller("alpaca_intraday").poll()

    assert [(bar.ticker, bar.resolution, bar.ends_at) for bar in fetched.bars] == [
        ("AAPL", "5m", NOW),
        ("BA", "5m", NOW),
    ]
    assert [request.query.get("page_token") for request in site.asked] == [None, "p2"]
    first = site.asked[0].query
    assert (first["symbols"], first["adjustment"], first["feed"]) == ("AAPL,BA", "raw", "iex")


async def test_a_round_asks_about_a_hundred_symbols_at_once_and_goes_on_where_it_was_cut(site: Site) -> None:
    listings = [Listing(ticker=f"T{n:03d}", name="x") for n in range(250)]
    own = desk(site, *listings)
    site.script("/v2/stocks/bars", lambda _: json_answer('{"bars": {}}'))
    poller = own.poller("alpaca_intraday")
    own.budget.spent_after["alpaca"] = 2
    await poller.poll()
    own.budget.spent_after.clear()
    await poller.later(timedelta(minutes=3))

    asked = [request.query for request in site.asked]
    assert [len(query["symbols"].split(",")) for query in asked] == [100, 100, 50]
    assert len({(query["start"], query["end"]) for query in asked}) == 1


async def test_a_days_bar_has_the_hours_of_its_session(site: Site) -> None:
    def bars(request: web.Request) -> web.Response:
        assert request.query["timeframe"] == "1Day"
        days = [datetime(2025, 4, day, 4, tzinfo=UTC) for day in (5, 7)]  # midnight in New York; the 5th is a Saturday
        return json_answer(json.dumps({"bars": {"BA": [traded(day) for day in days]}}))

    site.script("/v2/stocks/bars", bars)
    (bar,) = (await desk(site).poller("alpaca_daily").poll()).bars

    assert (bar.resolution, bar.starts_at, bar.ends_at) == ("1d", datetime(2025, 4, 7, 13, 30, tzinfo=UTC), CLOSE)
