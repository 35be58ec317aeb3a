import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio
from aiohttp import web

from stonks.model.document import DocumentType
from tests.fakes.live import NOW, Desk
from tests.fakes.web import Site, json_answer, open_site

SLOT = timedelta(minutes=15)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


def seen(number: int, at: datetime) -> dict[str, str]:
    return {"url": f"https://n{number}.example/", "title": f"Tariffs {number}", "seendate": f"{at:%Y%m%dT%H%M%SZ}"}


async def test_an_article_is_a_macro_event_of_its_site(site: Site) -> None:
    article = seen(1, NOW - SLOT) | {"domain": "n1.example", "language": "English"}
    site.script("/api/v2/doc/doc", lambda _: json_answer(json.dumps({"articles": [article]})))
    poller = Desk(site, gdelt_url=site.base, gdelt_query="tariffs sourcelang:english").poller("gdelt")
    await poller.poll()

    (document,) = poller.documents
    assert (document.document_type, document.publisher) == (DocumentType.MACRO_EVENT, "n1.example")
    assert (document.language, document.published_at) == ("en", NOW - SLOT)
    assert site.asked[0].query["query"] == "tariffs sourcelang:english"


async def test_a_list_that_is_full_is_followed_by_one_from_its_last_article(site: Site) -> None:
    every = [seen(n, NOW - 4 * SLOT + SLOT * (n // 120)) for n in range(480)]

    def answer(request: web.Request) -> web.Response:
        start = request.query["startdatetime"]
        later = [one for one in every if one["seendate"].replace("T", "").rstrip("Z") >= start]
        return json_answer(json.dumps({"articles": later[:250]}))

    site.script("/api/v2/doc/doc", answer)
    poller = Desk(site, gdelt_url=site.base, gdelt_query="tariffs").poller("gdelt")
    await poller.poll()
    await poller.later()

    assert len(poller.ids) == len(set(poller.ids)) == 480


async def test_a_slot_with_more_articles_than_a_list_holds_does_not_hold_up_the_rest(site: Site) -> None:
    every = [seen(n, NOW - 4 * SLOT) for n in range(400)] + [seen(1000 + n, NOW - SLOT) for n in range(5)]

    def answer(request: web.Request) -> web.Response:
        start = request.query["startdatetime"]
        later = [one for one in every if one["seendate"].replace("T", "").rstrip("Z") >= start]
        return json_answer(json.dumps({"articles": later[:250]}))

    site.script("/api/v2/doc/doc", answer)
    poller = Desk(site, gdelt_url=site.base, gdelt_query="tariffs").poller("gdelt")
    await poller.poll()

    assert sum(name.startswith("https://n10") for name in poller.ids) >= 5


async def test_a_sentence_where_json_was_due_is_malformed(site: Site) -> None:
    site.answer("/api/v2/doc/doc", "Your query was too short or too long.", headers={"Content-Type": "text/html"})
    poller = Desk(site, gdelt_url=site.base, gdelt_query="x").poller("gdelt")

    assert "where JSON was due" in str(await poller.setback())
