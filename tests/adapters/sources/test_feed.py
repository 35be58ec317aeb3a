from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio

from stonks.model.document import DocumentType
from stonks.model.errors import SettingError
from tests.fakes.live import NOW, Desk, Poller
from tests.fakes.web import Site, open_site, respond

XML = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html"}


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


def rss(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Feed</title>{''.join(items)}</channel></rss>"


def item(name: str, link: str = "", **elements: str) -> str:
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in elements.items())
    return f"<item><guid>{name}</guid>{f'<link>{link}</link>' if link else ''}{inner}</item>"


def fed(site: Site, **settings: object) -> Desk:
    return Desk(site, **({"macro_feeds": {"Federal Reserve": f"{site.base}/feed.xml"}} | settings))


def poller(site: Site) -> Poller:
    return fed(site).poller("feed_federal_reserve")


# ------------------------------------------------------------------------------------------------ what is brought


async def test_a_press_release_is_the_page_it_links_to_and_a_macro_event(site: Site) -> None:
    site.answer("/feed.xml", rss(item("a", "/a.htm", title="FOMC statement", pubDate="Wed, 19 Mar 2025 18:00:00 GMT")))
    site.answer("/a.htm", "<p>The Committee decided</p>", headers=HTML | {"Content-Type": "text/html; charset=utf-8"})
    source = poller(site)
    await source.poll()

    (document,) = source.documents
    assert document.document_type is DocumentType.MACRO_EVENT
    assert (document.publisher, document.title) == ("Federal Reserve", "FOMC statement")
    assert (document.raw, document.content_type) == (b"<p>The Committee decided</p>", "text/html; charset=utf-8")
    assert document.published_at == datetime(2025, 3, 19, 18, tzinfo=UTC)
    assert document.known_at == NOW
    assert document.url == f"{site.base}/a.htm"


async def test_a_feed_of_news_brings_news(site: Site) -> None:
    site.answer("/feed.xml", rss(item("a", title="Boeing delivers", description="It does.")))
    desk = Desk(site, news_feeds={"The Wire": f"{site.base}/feed.xml"})
    source = desk.poller("feed_the_wire")
    await source.poll()

    (document,) = source.documents
    assert (document.document_type, document.content_type) == (DocumentType.NEWS, "application/json")
    assert msgspec.json.decode(document.raw)["body"] == "It does."


async def test_an_unchanged_feed_is_not_sent_again_and_brings_nothing(site: Site) -> None:
    tag = {"ETag": '"v1"', "Last-Modified": "Wed, 19 Mar 2025 18:00:00 GMT"}
    site.script("/feed.xml", lambda _: respond(rss(item("a", title="t")), 200, XML | tag), lambda _: respond("", 304))
    source = poller(site)
    await source.poll()
    again = await source.later()

    asked = site.asked[-1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"v1"', tag["Last-Modified"])
    assert (again.documents, again.setback, again.cursor) == ((), None, source.polls[0].cursor)


async def test_what_a_feed_takes_back_is_withdrawn(site: Site) -> None:
    entry = "<entry><id>urn:a</id><title>t</title></entry>"
    gone = (
        "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='urn:a' when='2025-04-07T20:00:00Z'/>"
    )
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>"
    site.answer("/feed.xml", atom.format(entry), headers=XML)
    source = poller(site)
    await source.poll()
    site.answer("/feed.xml", atom.format(gone), headers=XML)
    await source.later()
    await source.later()

    assert [(one.external_id, one.revision, str(one.status)) for one in source.stored] == [
        ("urn:a", 1, "stored"),
        ("urn:a", 2, "withdrawn"),
    ]


# ------------------------------------------------------------------------------------------------ links


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://[::1]/",
    ],
)
async def test_a_link_to_an_inner_address_is_not_followed_and_the_item_stands_for_itself(site: Site, link: str) -> None:
    site.answer("/feed.xml", rss(item("a", link, title="Look here", description="Short.")))
    source = poller(site)
    await source.poll()

    (document,) = source.documents
    assert document.content_type == "application/json"
    assert site.paths() == ["/feed.xml"]


async def test_a_page_that_robots_txt_forbids_is_not_asked_for(site: Site) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /private/\n")
    site.answer("/feed.xml", rss(item("a", "/private/a.htm", title="t"), item("b", "/b.htm", title="u")))
    site.answer("/b.htm", "<p>b</p>", headers=HTML)
    source = poller(site)
    await source.poll()

    assert "/private/a.htm" not in site.paths()
    assert {one.external_id: one.content_type for one in source.documents} == {
        "a": "application/json",
        "b": "text/html",
    }


async def test_rules_for_this_program_count_before_those_for_all(site: Site) -> None:
    site.answer("/robots.txt", "User-agent: stonks-oracle\nDisallow: /\n\nUser-agent: *\nDisallow:\n")
    site.answer("/feed.xml", rss(item("a", "/a.htm", title="t")))
    await poller(site).poll()

    assert site.paths() == ["/feed.xml", "/robots.txt"]


@pytest.mark.parametrize("status", [401, 403])
async def test_rules_that_are_kept_secret_forbid_everything(site: Site, status: int) -> None:
    site.answer("/robots.txt", "no", status)
    site.answer("/feed.xml", rss(item("a", "/a.htm", title="t")))
    await poller(site).poll()

    assert site.paths() == ["/feed.xml", "/robots.txt"]


async def test_a_page_that_is_not_there_yet_is_waited_for_and_then_done_without(site: Site) -> None:
    site.answer("/feed.xml", rss(item("a", "/a.htm", title="t")), headers=XML | {"ETag": '"v1"'})
    site.answer("/a.htm", "later", 503)
    source = poller(site)
    first = await source.poll()
    assert (first.documents, first.setback, len(first.troubles)) == ((), None, 1)

    await source.later()
    assert source.documents == []
    await source.later()
    assert [one.content_type for one in source.documents] == ["application/json"]
    await source.later()
    assert len(source.documents) == 1


async def test_a_page_that_comes_late_is_the_document(site: Site) -> None:
    site.answer("/feed.xml", rss(item("a", "/a.htm", title="t")), headers=XML | {"ETag": '"v1"'})
    site.script("/a.htm", lambda _: respond("later", 503), lambda _: respond("<p>a</p>", 200, HTML))
    source = poller(site)
    await source.poll()
    await source.later()

    assert [one.raw for one in source.documents] == [b"<p>a</p>"]


# ------------------------------------------------------------------------------------------------ settings


def test_a_feed_without_a_readable_url_names_its_setting(site: Site) -> None:
    with pytest.raises(SettingError, match=r"STONKS_NEWS_FEEDS.*Wire"):
        Desk(site, news_feeds={"Wire": "ftp://example.com/feed"}).open()


async def test_a_feed_that_left_the_settings_says_so(site: Site) -> None:
    row = next(one for one in fed(site).open().sources() if one.adapter == "feed")
    fetched = await Desk(site, news_feeds={"Other": f"{site.base}/x"}).open().fetch(row, NOW)

    assert "no feed of that name" in str(fetched.setback)


def test_without_any_setting_the_federal_reserve_is_read(site: Site) -> None:
    assert [one.name for one in Desk(site, macro_feeds=None).open().sources()] == [
        "edgar",
        "feed_federal_reserve",
        "web_scrape",
    ]
