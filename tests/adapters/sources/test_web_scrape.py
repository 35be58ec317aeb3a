from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from stonks.ports.sources import Listing
from tests.fakes.live import Desk
from tests.fakes.web import Site, open_site, respond

HTML = {"Content-Type": "text/html"}


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        site.answer("/news", "<p>one</p>", headers=HTML)
        yield site


def desk(site: Site, *paths: str, **settings: object) -> Desk:
    return Desk(site, scrape_pages=tuple(f"{site.base}{path}" for path in paths), **settings)


async def test_a_page_is_asked_for_only_where_robots_txt_allows(site: Site) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /secret\n")
    site.answer("/secret", "<p>two</p>", headers=HTML)
    poller = desk(site, "/news", "/secret").poller("web_scrape")
    fetched = await poller.poll()

    assert poller.ids == [f"{site.base}/news"]
    assert site.paths() == ["/robots.txt", "/news"]
    assert [trouble.partition(": ")[2] for trouble in fetched.troubles] == [
        f"{site.base}/secret: robots.txt forbids it"
    ]
    assert fetched.setback is None


@pytest.mark.parametrize("status", [500, 503])
async def test_where_the_rules_cannot_be_had_nothing_is_read(site: Site, status: int) -> None:
    site.answer("/robots.txt", "later", status)
    poller = desk(site, "/news").poller("web_scrape")
    await poller.poll()

    assert poller.ids == []
    assert "/news" not in site.paths()


async def test_one_bad_page_holds_up_no_other(site: Site) -> None:
    site.answer("/a", "no", 403)
    site.answer("/b", b"%PDF", headers={"Content-Type": "application/pdf"})
    site.answer("/c", b"<p>" + b"x" * 20_000_000, headers=HTML)
    site.answer("/d", "", headers=HTML)
    poller = desk(site, "/a", "/b", "/c", "/d", "/news").poller("web_scrape")
    fetched = await poller.poll()

    assert poller.ids == [f"{site.base}/news"]
    assert fetched.setback is None
    assert [trouble.partition(":")[0] for trouble in fetched.troubles] == [
        "Refused",
        "Malformed",
        "Malformed",
        "Malformed",
    ]
    assert "STONKS_SCRAPE_PAGES" in fetched.troubles[0]


async def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    tag = HTML | {"ETag": '"v1"'}
    site.script("/news", lambda _: respond("<p>one</p>", 200, tag), lambda _: respond("", 304))
    poller = desk(site, "/news").poller("web_scrape")
    await poller.poll()
    again = await poller.later()

    assert site.asked[-1].headers["If-None-Match"] == '"v1"'
    assert (again.documents, again.troubles) == ((), ())


async def test_a_page_that_is_gone_twice_is_withdrawn_and_comes_back_as_a_revision(site: Site) -> None:
    poller = desk(site, "/news").poller("web_scrape")
    await poller.poll()
    site.answer("/news", "gone", 404)
    await poller.later()
    assert len(poller.stored) == 1

    for _ in range(3):
        await poller.later()
    site.answer("/news", "<p>one</p>", headers=HTML)
    await poller.later()

    assert [(one.revision, str(one.action), str(one.status)) for one in poller.stored] == [
        (1, "created", "stored"),
        (2, "removed", "withdrawn"),
        (3, "updated", "stored"),
    ]


async def test_a_page_that_was_never_there_is_no_removal(site: Site) -> None:
    poller = desk(site, "/never").poller("web_scrape")
    for _ in range(3):
        await poller.later()

    assert poller.stored == []
    assert len(poller.troubles) == 3


async def test_a_companys_own_pages_are_data_and_stay_outside(site: Site) -> None:
    """Whoever may edit a company's row may not point this program at its own network."""
    shown = Desk(site, Listing(ticker="BA", name="Boeing", pages=(f"{site.base}/news", "http://localhost/")))
    poller = shown.poller("web_scrape")
    fetched = await poller.poll()

    assert poller.ids == []
    assert len(fetched.troubles) == 2
    assert site.asked == []


async def test_a_listed_page_tells_which_companies_list_it(site: Site) -> None:
    follows = Listing(ticker="BA", name="Boeing", pages=(f"{site.base}/news",))
    shown = Desk(site, follows, scrape_pages=(f"{site.base}/news",))
    poller = shown.poller("web_scrape")
    await poller.poll()

    assert [one.feed_tickers for one in poller.documents] == [("BA",)]
