"""Live sources against recorded answers of the real services: their bodies, status codes and headers."""

import csv
import gzip
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web

from stonks.adapters.sources.submission import FORMS, parse_index, split_submission
from stonks.adapters.sources.web.answer import http_date
from stonks.model.document import FetchedDocument
from stonks.model.errors import Refused, Throttled, Unreachable
from stonks.ports.sources import Listing
from tests.fakes.live import NOW, Desk
from tests.fakes.web import Site, json_answer, open_site, respond

pytestmark = pytest.mark.recorded

NVIDIA = Listing(ticker="NVDA", name="NVIDIA Corporation", cik="0001045810")
IMUNON = Listing(ticker="IMNN", name="Imunon", cik="0000749647")


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


# ------------------------------------------------------------------------------------------------ EDGAR


class Recording:
    """Recorded answers of the SEC's services by path, each with its status and headers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.entries = {
            re.sub(r"^https://[^/]+", "", entry["uri"]): entry
            for entry in json.loads((folder / "manifest.json").read_text())
        }

    def body(self, path: str) -> bytes:
        entry = self.entries[path]
        data = (self._folder / entry["file"]).read_bytes()
        return gzip.decompress(data) if entry["file"].endswith(".gz") else data

    def answer(self, request: web.Request) -> web.Response:
        """Answer as it was recorded; the live feed's filter does not count, and where nothing was there is nothing."""
        path = request.path
        if path == "/cgi-bin/browse-edgar":
            query = request.query
            path += f"?action=getcurrent&count={query['count']}&start={query['start']}&type={query['type']}"
            path += "&owner=include&output=atom"
        if path not in self.entries:
            return respond("<Error><Code>NoSuchKey</Code></Error>", 404, {"Content-Type": "application/xml"})
        entry = self.entries[path]
        kept = {"content-type", "last-modified"}
        headers = {name: value for name, value in entry["headers"].items() if name.lower() in kept}
        return respond(self.body(path), entry["status"], headers)

    def kinds(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((path, entry) for path, entry in self.entries.items() if entry["kind"] == kind)


@pytest.fixture
def recording(recorded: Path, site: Site) -> Recording:
    recording = Recording(recorded / "sec-edgar-recorded")
    site.otherwise(recording.answer)
    return recording


def edgar(site: Site, now: datetime, *listings: Listing) -> Desk:
    desk = Desk(site, *listings, edgar_url=site.base, edgar_data_url=site.base)
    desk.clock.at = now
    return desk


async def test_a_real_8k_is_read_from_its_index_or_from_the_complete_submission_and_known_at_acceptance(
    site: Site, recording: Recording
) -> None:
    index = "/Archives/edgar/data/1045810/0001045810-26-000024-index.html"
    feed = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>8-K - NVIDIA CORP (0001045810) (Filer)</title>"
        "<updated>2026-03-06T16:11:25-05:00</updated><category term='8-K'/>"
        "<id>urn:tag:sec.gov,2008:accession-number=0001045810-26-000024</id></entry></feed>"
    )
    site.answer("/cgi-bin/browse-edgar", feed, headers={"Content-Type": "application/atom+xml"})
    poller = edgar(site, datetime(2026, 3, 6, 21, 20, tzinfo=UTC), NVIDIA).poller("edgar")
    await poller.poll()

    document = next(one for one in poller.documents if one.external_id == "0001045810-26-000024")
    assert document.title == "NVIDIA Corporation 8-K: items 5.02, 9.01"
    assert document.known_at == datetime(2026, 3, 6, 21, 11, 25, tzinfo=UTC)
    assert document.raw == recording.body("/Archives/edgar/data/1045810/000104581026000024/nvda-20260302.htm")

    complete = recording.body("/Archives/edgar/data/1045810/000104581026000024/0001045810-26-000024.txt")
    (part,) = split_submission(complete, "x")
    assert (part.type, part.name) == ("8-K", "nvda-20260302.htm")
    assert b"Compensation" in part.data
    assert index in site.paths()


async def test_the_sweep_notes_exactly_what_the_recorded_lists_hold_paging_files_included(
    site: Site, recording: Recording
) -> None:
    """Filings whose pages were not recorded are noted and tried; every noted one stands in the lists."""
    desk = edgar(site, datetime(2026, 3, 9, 19, tzinfo=UTC), IMUNON)
    site.answer("/cgi-bin/browse-edgar", "<feed xmlns='http://www.w3.org/2005/Atom'/>")
    poller = desk.poller("edgar")
    # As if the last sweep had been in 2010: from then on the older file is needed too.
    poller.cursor = json.dumps({"swept_at": "2010-07-08T00:00:00Z"})
    await poller.poll()

    expected = set()
    for path, _ in recording.kinds("submissions"):
        if "CIK0000749647" in path:
            said = json.loads(recording.body(path))
            columns = said.get("filings", {}).get("recent", said)
            rows = zip(columns["accessionNumber"], columns["form"], columns["filingDate"], strict=True)
            expected |= {name for name, form, day in rows if form in FORMS and day >= "2010-07-06"}
    asked = {found.group() for path in site.paths() if (found := re.search(r"\d{10}-\d{2}-\d{6}(?=-index)", path))}
    assert len(expected) > 100
    assert asked == expected
    assert any("submissions-001" in path for path in site.paths())
    assert len(poller.troubles) == len(expected)


async def test_the_live_feed_is_read_page_by_page_until_it_was_read_before(site: Site, recording: Recording) -> None:
    every = edgar(site, datetime(2026, 1, 12, 16, 30, tzinfo=UTC), NVIDIA)
    poller = every.poller("edgar")
    poller.cursor = json.dumps({"newest": "2026-01-12T15:00:00Z", "swept_at": "2026-01-12T15:00:00Z"})
    fetched = await poller.poll()

    starts = [int(request.query["start"]) for request in site.asked if "browse-edgar" in request.path]
    assert starts == list(range(0, starts[-1] + 1, 100))
    assert fetched.setback is None
    newest = datetime.fromisoformat(json.loads(fetched.cursor or "{}")["newest"])
    assert newest == datetime(2026, 1, 12, 16, 27, 39, tzinfo=UTC)
    assert len(starts) == 4
    assert recording.entries


async def test_a_real_503_of_the_live_feed_is_unreachable_and_a_real_404_a_company_without_a_list(
    site: Site, recording: Recording
) -> None:
    (unavailable, _), *_ = ((p, e) for p, e in recording.kinds("getcurrent") if e["status"] == 503)
    body = recording.body(unavailable)
    site.answer("/cgi-bin/browse-edgar", body, 503, {"Content-Type": "text/html"})
    now = datetime(2026, 1, 12, 16, 30, tzinfo=UTC)
    assert isinstance(await edgar(site, now, NVIDIA).poller("edgar").setback(), Unreachable)

    site.answer("/cgi-bin/browse-edgar", "<feed xmlns='http://www.w3.org/2005/Atom'/>")
    unknown = Listing(ticker="X", name="X", cik="0000000001")
    fetched = await edgar(site, now, unknown).poller("edgar").poll()
    assert "there is nothing (404)" in fetched.troubles[0]


def test_every_recorded_index_says_when_its_filing_was_accepted_and_what_to_read(recording: Recording) -> None:
    seen = 0
    for path, entry in recording.kinds("index"):
        if entry["status"] == 200 and path.endswith("-index.html"):
            index = parse_index(recording.body(path), path)
            headers = {name.lower(): value for name, value in entry["headers"].items()}
            modified = http_date(headers["last-modified"])
            # The index is made when the filing is accepted; its clock is New York's, the header's Greenwich's.
            assert index.accepted_at == modified
            seen += 1
    assert seen == 13


def test_every_recorded_submission_is_split_into_documents_with_their_bytes(recording: Recording) -> None:
    for path, _ in recording.kinds("fulltext"):
        whole = recording.body(path)
        parts = split_submission(whole, path)
        assert all(part.data in whole for part in parts)
        assert all(part.data for part in parts)


# ------------------------------------------------------------------------------------------------ Polygon.io


def mock_of(recorded: Path, name: str) -> bytes:
    return (recorded / "api-fixtures/polygon/test_rest/mocks" / name).read_bytes()


def polygon(site: Site, *tickers: str) -> Desk:
    listings = [Listing(ticker=ticker, name=ticker) for ticker in tickers]
    return Desk(site, *listings, polygon_url=site.base, polygon_key="k3y")


async def test_recorded_news_dividends_splits_and_details_are_read(site: Site, recorded: Path) -> None:
    named = {
        "/v2/reference/news": "v2/reference/news&ticker=NFLX.json",
        "/v3/reference/dividends": "v3/reference/dividends.json",
        "/v3/reference/splits": "v3/reference/splits.json",
        "/v3/reference/tickers/AAPL": "v3/reference/tickers/AAPL.json",
    }
    for path, name in named.items():
        site.answer(path, mock_of(recorded, name), headers={"Content-Type": "application/json"})
    desk = polygon(site, "CSSEN", "GOOGL", "SHOP")

    news = await desk.poller("polygon_news").poll()
    assert [(one.publisher, one.feed_tickers) for one in news.documents] == [
        ("MarketWatch", ("MSFT", "TSN", "NFLX", "AMZN"))
    ]
    dividends = await desk.poller("polygon_dividends").poll()
    assert {str(action.cash) for action in dividends.actions} == {"0.59375"}
    splits = await desk.poller("polygon_splits").poll()
    assert [(action.ticker, int(action.ratio or 0)) for action in splits.actions] == [
        ("GOOGL", 20),
        ("SHOP", 10),
        ("SHOP", 10),
    ]
    details = await polygon(site, "AAPL").poller("polygon_details").poll()
    assert details.details[0].facts["cik"] == "0000320193"


async def test_recorded_pages_lead_to_the_next_on_the_configured_host(site: Site, recorded: Path) -> None:
    """The recorded ``next_url`` names another host than the one that was asked."""
    first = json.loads(mock_of(recorded, "v3/reference/tickers.json"))
    items = json.dumps(
        {"results": [{"id": one["ticker"], "title": one["name"]} for one in first["results"]]}
        | {"next_url": first["next_url"]}
    )
    site.answer("/v2/reference/news", items, headers={"Content-Type": "application/json"})
    site.answer("/v3/reference/tickers", '{"results": []}', headers={"Content-Type": "application/json"})
    poller = polygon(site, "A").poller("polygon_news")
    await poller.poll()

    assert poller.ids == ["A", "AA"]
    assert site.asked[-1].query["cursor"] == first["next_url"].partition("cursor=")[2]


async def test_a_recorded_day_is_bars_of_its_sessions(site: Site, recorded: Path) -> None:
    name = "v2/aggs/ticker/AAPL/range/1/day/2005-04-01/2005-04-04.json"
    site.otherwise(lambda _: json_answer(mock_of(recorded, name)))
    desk = polygon(site, "AAPL")
    desk.clock.at = datetime(2005, 4, 4, 21, tzinfo=UTC)
    fetched = await desk.poller("polygon_daily").poll()

    assert [(str(bar.close), str(bar.starts_at)) for bar in fetched.bars] == [
        ("1.4604", "2005-04-01 13:30:00+00:00"),
        ("1.4675", "2005-04-04 13:30:00+00:00"),
    ]


async def test_a_recorded_market_day_gives_the_bars_of_followed_tickers(site: Site, recorded: Path) -> None:
    name = "v2/aggs/grouped/locale/us/market/stocks/2005-04-04&adjusted=true.json"
    site.otherwise(lambda _: json_answer(mock_of(recorded, name)))
    desk = polygon(site, "GIK", "AAPL")
    poller = desk.poller("polygon_grouped")
    friday = str((NOW - timedelta(days=3)).date())
    poller.cursor = json.dumps({"day": friday, "again": friday})
    fetched = await poller.poll()

    assert [(bar.ticker, str(bar.close)) for bar in fetched.bars] == [("GIK", "10.02")]


# ------------------------------------------------------------------------------------------------ Alpaca


def bodies(recorded: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((recorded / "api-fixtures/alpaca" / name).read_text())
    return loaded


def alpaca(site: Site, *tickers: str) -> Desk:
    listings = [Listing(ticker=ticker, name=ticker) for ticker in tickers]
    return Desk(site, *listings, alpaca_data_url=site.base, alpaca_key_id="k3y", alpaca_secret="x")  # noqa: S106 - a test's


async def test_recorded_news_pages_are_read_to_the_last(site: Site, recorded: Path) -> None:
    pages = bodies(recorded, "test_historical_news_data.json")
    first, last = (json_answer(json.dumps(pages[f"test_get_news#{n}"])) for n in (1, 2))
    site.script("/v1beta1/news", lambda _: first, lambda _: last)
    poller = alpaca(site, "AAPL").poller("alpaca_news")
    await poller.poll()

    assert poller.ids == ["40432158", "41799100"]
    assert site.asked[1].query["page_token"] == pages["test_get_news#1"]["next_page_token"]


async def test_recorded_bars_of_one_and_many_symbols_are_read(site: Site, recorded: Path) -> None:
    pages = bodies(recorded, "test_historical_stock_data.json")
    names = ("test_get_bars#1", "test_multisymbol_get_bars#1")
    replies = [json.dumps(pages[name]) for name in names]
    site.script("/v2/stocks/bars", *(lambda _, text=text: json_answer(text) for text in replies))
    fetched = await alpaca(site, "AAPL", "TSLA").poller("alpaca_daily").poll()

    assert [(bar.ticker, bar.starts_at.date().isoformat(), str(bar.close)) for bar in fetched.bars] == []
    # The recorded days lie outside the year that is asked for: without a session there is no bar. Minutes need none.
    site.script("/v2/stocks/bars", *(lambda _, text=text: json_answer(text) for text in replies))
    fetched = await alpaca(site, "AAPL", "TSLA").poller("alpaca_intraday").poll()
    assert [(bar.ticker, str(bar.close)) for bar in fetched.bars] == [
        ("AAPL", "174.61"),
        ("AAPL", "175.84"),
        ("AAPL", "162.95"),
        ("TSLA", "858.97"),
    ]


# ------------------------------------------------------------------------------------------------ a year of news


def serve_pages(site: Site, items: list[dict[str, Any]], size: int) -> Callable[[web.Request], web.Response]:
    """Serve items as Polygon.io would: by time, in pages, each with the URL of the next."""

    def answer(request: web.Request) -> web.Response:
        since, start = request.query.get("published_utc.gte", ""), int(request.query.get("cursor", "0"))
        later = [one for one in items if one["published_utc"] >= since] if since else items
        page: dict[str, Any] = {"status": "OK", "results": later[start : start + size]}
        if start + size < len(later):
            query = urlencode({"published_utc.gte": since, "cursor": start + size})
            page["next_url"] = f"https://api.polygon.io/v2/reference/news?{query}"
        return json_answer(json.dumps(page))

    site.script("/v2/reference/news", answer)
    return answer


async def test_every_recorded_polygon_article_comes_once_through_pages_and_a_throttled_server(
    site: Site, recorded: Path
) -> None:
    lines = gzip.decompress((recorded / "djia-2025/news_polygon.jsonl.gz").read_bytes()).splitlines()
    items = list({one["id"]: one for one in map(json.loads, lines)}.values())
    items.sort(key=lambda one: one["published_utc"])
    answer = serve_pages(site, items, size=20)
    busy = itertools.count(1)

    def throttled(request: web.Request) -> web.Response:
        return respond("slow", 429, {"Retry-After": "30"}) if next(busy) % 4 == 0 else answer(request)

    site.script("/v2/reference/news", throttled)
    desk = polygon(site, "AAPL")
    desk.clock.at = datetime(2025, 6, 1, tzinfo=UTC)
    poller = desk.poller("polygon_news")
    poller.cursor = json.dumps({"since": "2024-12-01T00:00:00Z"})
    throttles = 0
    for _ in range(40):
        fetched = await poller.poll()
        if fetched.setback is None:
            break
        assert isinstance(fetched.setback, Throttled)
        assert fetched.setback.retry_after == timedelta(seconds=30)
        throttles += 1

    assert throttles >= 3
    assert poller.ids == [one["id"] for one in items]
    assert len(poller.stored) == len(items) == 204


async def test_recorded_answers_of_another_vendor_under_one_feed_come_once(site: Site, recorded: Path) -> None:
    """The raw samples list the same article under several tickers: as items of one list they come once each."""
    files = sorted((recorded / "djia-2025/raw_samples").glob("*.json"))
    items = [item for file in files for item in json.loads(file.read_text())["items"]]
    results = [{"id": str(one["id"]), "title": one["title"]} for one in items]
    site.script("/v2/reference/news", lambda _: json_answer(json.dumps({"results": results})))
    poller = polygon(site, "AAPL").poller("polygon_news")
    await poller.poll()
    await poller.later()

    assert len(items) > 100
    assert len(poller.ids) == len(set(poller.ids)) == len({str(one["id"]) for one in items})
    assert len(poller.stored) == len(poller.ids)
    assert all(isinstance(one, FetchedDocument) for one in poller.documents)


async def test_recorded_bars_of_a_quarter_come_as_they_were_traded(site: Site, recorded: Path) -> None:
    with (recorded / "djia-2025/bars_daily.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if "2025-03-31" <= row["date"] <= "2025-04-07"]

    def grouped(request: web.Request) -> web.Response:
        day = request.path[-10:]
        results = [
            {"T": row["symbol"], "t": 0}
            | {key[0]: float(row[key]) for key in ("open", "high", "low", "close", "volume")}
            for row in rows
            if row["date"] == day
        ]
        return json_answer(json.dumps({"results": results}))

    site.otherwise(grouped)
    symbols = sorted({row["symbol"] for row in rows})
    fetched = await polygon(site, *symbols).poller("polygon_grouped").poll()

    assert len(fetched.bars) == len(rows) == 6 * 20
    assert {(bar.ticker, str(bar.starts_at.date()), float(bar.close)) for bar in fetched.bars} == {
        (row["symbol"], row["date"], float(row["close"])) for row in rows
    }


async def test_a_recorded_refusal_stops_a_source_with_the_setting_to_check(site: Site, recording: Recording) -> None:
    (_, entry), *_ = (one for one in recording.kinds("index") if one[1]["status"] == 403)
    path = re.sub(r"^https://[^/]+", "", entry["uri"])
    site.answer("/v2/reference/news", recording.body(path), 403, {"Content-Type": "text/html"})

    setback = await polygon(site, "AAPL").poller("polygon_news").setback()
    assert isinstance(setback, Refused)
    assert "check STONKS_POLYGON_KEY" in str(setback)
