import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest_asyncio
from aiohttp import web

from stonks.model.market import Bar
from tests.fakes.live import NOW, Desk
from tests.fakes.web import Site, json_answer, open_site, respond

CLOSE = datetime(2025, 4, 7, 20, tzinfo=UTC)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        site.otherwise(lambda _: json_answer('{"status": "OK"}'))
        yield site


def desk(site: Site) -> Desk:
    return Desk(site, polygon_url=site.base, polygon_key="k3y")


def aggregate(at: datetime, close: float = 2.0, **more: object) -> dict[str, object]:
    return {"t": int(at.timestamp() * 1000), "o": 1.5, "h": 3, "l": 1.25, "c": close, "v": 1e3} | more


def answers(site: Site, path: str, *results: object, following: str | None = None) -> None:
    page = {"status": "OK", "results": results} | ({"next_url": following} if following else {})
    site.answer(path, json.dumps(page), headers={"Content-Type": "application/json"})


async def test_keys_travel_in_a_header_to_the_configured_place_alone(site: Site) -> None:
    answers(site, "/v2/reference/news", following="https://api.massive.com/v2/reference/more?cursor=c&apiKey=k3y")
    await desk(site).poller("polygon_news").poll()

    assert [request.path_qs.partition("&")[0] for request in site.asked][1] == "/v2/reference/more?cursor=c"
    assert all(request.headers["Authorization"] == "Bearer k3y" for request in site.asked)
    assert not any("k3y" in path for path in site.paths())


async def test_news_carries_what_the_feed_says_of_it(site: Site) -> None:
    told = {
        "id": "a",
        "title": "Boeing delivers",
        "publisher": {"name": "Reuters"},
        "published_utc": "2025-04-07T20:30:00Z",
        "article_url": "https://example.com/a",
        "tickers": ["BA"],
        "description": "It does.",
    }
    answers(site, "/v2/reference/news", told)
    poller = desk(site).poller("polygon_news")
    await poller.poll()

    (document,) = poller.documents
    assert (document.publisher, document.title, document.url) == ("Reuters", "Boeing delivers", "https://example.com/a")
    assert (document.feed_tickers, document.published_at) == (("BA",), datetime(2025, 4, 7, 20, 30, tzinfo=UTC))
    assert json.loads(document.raw) == told


async def test_an_item_dated_in_the_future_does_not_hide_what_comes_before_it(site: Site) -> None:
    answers(site, "/v2/reference/news", {"id": "a", "title": "t", "published_utc": "2099-01-01T00:00:00Z"})
    poller = desk(site).poller("polygon_news")
    await poller.poll()
    await poller.later()

    assert site.asked[-1].query["published_utc.gte"] == "2025-04-07T19:00:00Z"


async def test_minutes_come_ticker_by_ticker_and_only_those_that_are_over(site: Site) -> None:
    over, running = NOW - timedelta(minutes=10), NOW - timedelta(minutes=4)

    def bars(request: web.Request) -> web.Response:
        assert request.query["adjusted"] == "false"
        return json_answer(json.dumps({"results": [aggregate(over), aggregate(running)]}))

    site.otherwise(bars)
    poller = desk(site).poller("polygon_intraday")
    fetched = await poller.poll()

    assert [(bar.ticker, bar.resolution, bar.starts_at, bar.ends_at) for bar in fetched.bars] == [
        ("AAPL", "5m", over, over + timedelta(minutes=5)),
        ("BA", "5m", over, over + timedelta(minutes=5)),
    ]
    assert all(bar.known_at == NOW for bar in fetched.bars)


async def test_a_round_over_tickers_goes_on_where_the_budget_ended_it(site: Site) -> None:
    own = desk(site)
    poller = own.poller("polygon_intraday")
    own.budget.spent_after["polygon"] = 1
    cut = await poller.poll()
    assert (cut.setback, cut.next_at) == (None, NOW + timedelta(hours=1))
    own.budget.spent_after.clear()
    assert (await poller.later()).next_at is None
    await poller.later()

    asked = [path.split("/") for path in site.paths()]
    assert [parts[4] for parts in asked] == ["AAPL", "BA", "AAPL", "BA"]
    assert asked[0][-1].partition("?")[0] == asked[1][-1].partition("?")[0]


async def test_the_past_year_of_a_ticker_is_read_once_with_the_hours_of_its_sessions(site: Site) -> None:
    monday = datetime(2025, 4, 7, 4, tzinfo=UTC)  # midnight in New York
    sunday = monday - timedelta(days=1)
    answers(site, "/v2/aggs/ticker/AAPL/range/1/day/2024-04-12/2025-04-07", aggregate(sunday), aggregate(monday))
    poller = desk(site).poller("polygon_daily")
    fetched = await poller.poll()
    await poller.later(timedelta(days=1))

    assert fetched.bars == (
        Bar(
            ticker="AAPL",
            resolution="1d",
            starts_at=datetime(2025, 4, 7, 13, 30, tzinfo=UTC),
            ends_at=CLOSE,
            open=Decimal("1.5"),
            high=Decimal(3),
            low=Decimal("1.25"),
            close=Decimal(2),
            volume=Decimal(1000),
            known_at=NOW,
        ),
    )
    assert len(site.asked) == 2


async def test_a_day_whose_session_still_runs_has_no_bar(site: Site) -> None:
    own = desk(site)
    own.clock.at = CLOSE - timedelta(minutes=1)
    midnight = datetime(2025, 4, 7, 4, tzinfo=UTC)
    answers(site, "/v2/aggs/ticker/AAPL/range/1/day/2024-04-12/2025-04-07", aggregate(midnight))

    assert (await own.poller("polygon_daily").poll()).bars == ()


async def test_each_session_is_asked_for_once_it_is_over_and_the_one_before_once_more(site: Site) -> None:
    def grouped(request: web.Request) -> web.Response:
        corrected = 2.5 if len(site.asked) > 6 else 2.0
        day = datetime.fromisoformat(request.path[-10:]).replace(hour=20, tzinfo=UTC)
        return json_answer(
            json.dumps({"results": [aggregate(day, corrected, T="BA"), aggregate(day, T="NOT_FOLLOWED")]})
        )

    site.otherwise(grouped)
    poller = desk(site).poller("polygon_grouped")
    first = await poller.poll()
    idle = await poller.later()
    second = await poller.later(timedelta(days=1))

    assert [bar.ends_at.day for bar in first.bars] == [31, 1, 2, 3, 4, 7]
    assert first.next_at == idle.next_at == datetime(2025, 4, 8, 20, 20, tzinfo=UTC)
    assert idle.answers == ()
    assert [(bar.ticker, bar.ends_at.day, bar.close) for bar in second.bars] == [
        ("BA", 7, Decimal("2.5")),
        ("BA", 8, Decimal("2.5")),
    ]


async def test_dividends_and_splits_of_followed_tickers_come_with_their_calendar_days(site: Site) -> None:
    answers(
        site,
        "/v3/reference/dividends",
        {"ticker": "AAPL", "ex_dividend_date": "2025-05-12", "cash_amount": 0.26},
        {"ticker": "NOT_FOLLOWED", "ex_dividend_date": "2025-05-12", "cash_amount": 1},
    )
    answers(
        site, "/v3/reference/splits", {"ticker": "BA", "execution_date": "2025-06-02", "split_from": 1, "split_to": 20}
    )
    (dividend,) = (paid := await desk(site).poller("polygon_dividends").poll()).actions
    (split,) = (await desk(site).poller("polygon_splits").poll()).actions

    assert (dividend.ticker, dividend.ex_date, dividend.cash) == ("AAPL", date(2025, 5, 12), Decimal("0.26"))
    assert (split.ticker, split.ratio, split.known_at) == ("BA", Decimal(20), NOW)
    assert [(event.type, event.ticker, event.day, event.amount) for event in paid.events] == [
        ("dividend", "AAPL", date(2025, 5, 12), Decimal("0.26"))
    ]


async def test_a_split_from_nothing_is_malformed(site: Site) -> None:
    answers(
        site, "/v3/reference/splits", {"ticker": "BA", "execution_date": "2025-06-02", "split_from": 0, "split_to": 2}
    )

    assert "from nothing" in str(await desk(site).poller("polygon_splits").setback())


async def test_details_of_each_listing_are_its_plain_facts(site: Site) -> None:
    site.script(
        "/v3/reference/tickers/AAPL",
        lambda _: json_answer(
            '{"results": {"name": "Apple Inc.", "active": true, "market_cap": 2.5e12, "address": {"city": "C"},'
            ' "description": "long"}}'
        ),
    )
    site.script("/v3/reference/tickers/BA", lambda _: respond("", 404))
    poller = desk(site).poller("polygon_details")
    fetched = await poller.poll()

    (details,) = fetched.details
    assert details.facts == {"name": "Apple Inc.", "active": True, "market_cap": 2.5e12}
    assert ["/v3/reference/tickers/BA" in trouble for trouble in fetched.troubles] == [True]


async def test_a_plan_that_does_not_include_something_says_which_setting_to_check(site: Site) -> None:
    site.answer("/v2/reference/news", '{"status": "NOT_AUTHORIZED", "message": "upgrade"}', 403)

    assert "check STONKS_POLYGON_KEY" in str(await desk(site).poller("polygon_news").setback())
