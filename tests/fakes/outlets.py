"""Publishers under test: each puts the same stories on a site in the form of its own API, two a page."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from tests.fakes.live import Desk
from tests.fakes.web import NOW, Site, json_answer, respond

PER_PAGE = 2
XML = {"Content-Type": "application/xml"}
HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Story:
    """Something that is told."""

    name: str
    title: str
    at: datetime


def stories(count: int = 5) -> list[Story]:
    return [Story(f"story-{n}", f"Apple tells story {n}", NOW - timedelta(minutes=60 - n)) for n in range(count)]


def paged(told: Sequence[Story], request: web.Request, key: str = "page_token") -> tuple[Sequence[Story], str | None]:
    """Return the page that a request asks for, and the token of the next."""
    start = int(request.query.get(key, "0"))
    end = start + PER_PAGE
    return told[start:end], str(end) if end < len(told) else None


def polygon(site: Site, told: Sequence[Story]) -> None:
    def answer(request: web.Request) -> web.Response:
        page, following = paged(told, request, "cursor")
        results = [
            {"id": one.name, "title": one.title, "published_utc": one.at.isoformat(), "publisher": {"name": "Wire"}}
            for one in page
        ]
        more = {"next_url": f"https://api.massive.com/v2/reference/news?cursor={following}&apiKey=x"}
        return json_answer(json.dumps({"status": "OK", "results": results} | (more if following else {})))

    site.script("/v2/reference/news", answer)


def alpaca(site: Site, told: Sequence[Story]) -> None:
    def answer(request: web.Request) -> web.Response:
        page, following = paged(told, request)
        news = [
            {"id": int(one.name[6:]), "headline": one.title, "created_at": one.at.isoformat(), "symbols": ["AAPL"]}
            for one in page
        ]
        return json_answer(json.dumps({"news": news, "next_page_token": following}))

    site.script("/v1beta1/news", answer)


def gdelt(site: Site, told: Sequence[Story]) -> None:
    articles = [
        {"url": f"https://{one.name}.example/", "title": one.title, "seendate": f"{one.at:%Y%m%dT%H%M%SZ}"}
        for one in told
    ]
    site.answer("/api/v2/doc/doc", json.dumps({"articles": articles}), headers={"Content-Type": "application/json"})


def feed(site: Site, told: Sequence[Story]) -> None:
    items = [
        f"<item><guid>{one.name}</guid><title>{one.title}</title><link>/{one.name}</link>"
        f"<pubDate>{one.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>It is so.</description></item>"
        for one in reversed(told)
    ]
    site.answer("/feed.xml", f"<rss><channel><title>F</title>{''.join(items)}</channel></rss>", headers=XML)
    site.answer("/robots.txt", "User-agent: *\nDisallow: /private\n")
    for one in told:
        site.answer(f"/{one.name}", f"<html><p>{one.title}, told at length.</p></html>", headers=HTML)


def pages(site: Site, told: Sequence[Story]) -> None:
    for one in told:
        site.answer(f"/{one.name}", f"<html><p>{one.title}</p></html>", headers=HTML)


def accession(story: Story) -> str:
    return f"0000320193-25-{int(story.name[6:]):06d}"


def edgar(site: Site, told: Sequence[Story]) -> None:
    columns = {
        "accessionNumber": [accession(one) for one in told],
        "form": ["8-K"] * len(told),
        "filingDate": [str(one.at.date()) for one in told],
        "acceptanceDateTime": [one.at.isoformat() for one in told],
    }
    recent = {name: column[PER_PAGE:] for name, column in columns.items()}
    older = {name: column[:PER_PAGE] for name, column in columns.items()}
    files = [{"name": "CIK0000320193-submissions-001.json", "filingTo": str(NOW.date())}]
    json_type = {"Content-Type": "application/json"}
    site.answer(
        "/submissions/CIK0000320193.json", json.dumps({"filings": {"recent": recent, "files": files}}), 200, json_type
    )
    site.answer("/submissions/CIK0000320193-submissions-001.json", json.dumps(older), 200, json_type)
    site.answer("/cgi-bin/browse-edgar", "<feed xmlns='http://www.w3.org/2005/Atom'></feed>", headers=XML)
    for one in told:
        folder = f"/Archives/edgar/data/320193/{accession(one).replace('-', '')}"
        site.answer(f"/Archives/edgar/data/320193/{accession(one)}-index.html", index_page(one, folder), headers=HTML)
        site.answer(f"{folder}/main.htm", f"<html><p>{one.title}</p></html>", headers=HTML)


def index_page(story: Story, folder: str) -> str:
    """An index as the SEC lays it out, with the instant of acceptance in New York's time (four hours behind)."""
    accepted = story.at - timedelta(hours=4)
    return (
        "<html><div class='formGrouping'><div class='infoHead'>Accepted</div>"
        f"<div class='info'>{accepted:%Y-%m-%d %H:%M:%S}</div>"
        "<div class='infoHead'>Items</div><div class='info'>Item 2.02: Results<br/>Item 9.01: Exhibits</div></div>"
        "<table class='tableFile'><tr><th>Seq</th></tr>"
        f"<tr><td>1</td><td>x</td><td><a href='/ix?doc={folder}/main.htm'>main.htm</a></td><td>8-K</td><td>9</td></tr>"
        f"<tr><td>2</td><td>x</td><td><a href='{folder}/pic.jpg'>pic.jpg</a></td><td>GRAPHIC</td><td>9</td></tr>"
        "</table></html>"
    )


def nothing(site: Site) -> None:
    """Where no story is told of, there is nothing."""
    site.otherwise(lambda _: respond("nothing here", 404))


@dataclass(frozen=True)
class Outlet:
    """A source that tells stories: how it is set up, and under which name it knows one."""

    source: str
    publish: Callable[[Site, Sequence[Story]], None]
    settings: Callable[[str], dict[str, object]]
    named: Callable[[str, Story], str] = lambda _, story: story.name
    first_path: str = ""
    """What is asked first of all; bad answers are put there."""

    def desk(self, site: Site) -> Desk:
        return Desk(site, **self.settings(site.base))


OUTLETS = {
    outlet.source: outlet
    for outlet in (
        Outlet(
            "polygon_news",
            polygon,
            lambda base: {"polygon_url": base, "polygon_key": "k3y"},
            first_path="/v2/reference/news",
        ),
        Outlet(
            "alpaca_news",
            alpaca,
            lambda base: {"alpaca_data_url": base, "alpaca_key_id": "k3y", "alpaca_secret": "s3cret"},
            lambda _, story: story.name[6:],
            first_path="/v1beta1/news",
        ),
        Outlet(
            "gdelt",
            gdelt,
            lambda base: {"gdelt_url": base, "gdelt_query": "tariffs"},
            lambda _, story: f"https://{story.name}.example/",
            first_path="/api/v2/doc/doc",
        ),
        Outlet(
            "feed_the_fed",
            feed,
            lambda base: {"macro_feeds": {"The Fed": f"{base}/feed.xml"}},
            first_path="/feed.xml",
        ),
        Outlet(
            "web_scrape",
            pages,
            lambda base: {"scrape_pages": tuple(f"{base}/{one.name}" for one in stories())},
            lambda base, story: f"{base}/{story.name}",
        ),
        Outlet(
            "edgar",
            edgar,
            lambda base: {"edgar_url": base, "edgar_data_url": base},
            lambda _, story: accession(story),
            first_path="/cgi-bin/browse-edgar",
        ),
    )
}
