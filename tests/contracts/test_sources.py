"""The promises of the Sources port, kept by every live source through its real protocol."""

import gzip
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from stonks.model.errors import Malformed, Permanent, Refused, Throttled, Transient, Unreachable
from stonks.model.identity import content_hash, object_key
from tests.fakes.live import NOW, Desk
from tests.fakes.outlets import OUTLETS, Outlet, Story, stories
from tests.fakes.web import Site, open_site, respond

LISTS = [outlet for outlet in OUTLETS.values() if outlet.first_path]


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest.fixture(params=list(OUTLETS.values()), ids=list(OUTLETS))
def outlet(request: pytest.FixtureRequest) -> Outlet:
    outlet: Outlet = request.param
    return outlet


@pytest.fixture
def told(site: Site, outlet: Outlet) -> list[Story]:
    told = stories()
    outlet.publish(site, told)
    return told


@pytest.fixture
def desk(site: Site, outlet: Outlet) -> Desk:
    return outlet.desk(site)


def names(site: Site, outlet: Outlet, told: list[Story]) -> list[str]:
    return [outlet.named(site.base, story) for story in told]


# ------------------------------------------------------------------------------------------------ complete, and once


async def test_paging_is_complete_and_no_item_comes_twice(
    site: Site, outlet: Outlet, desk: Desk, told: list[Story]
) -> None:
    poller = desk.poller(outlet.source)
    await poller.poll()

    assert sorted(poller.ids) == sorted(names(site, outlet, told))
    assert poller.polls[0].setback is None
    assert len(poller.stored) == len(told)


async def test_what_was_brought_is_not_brought_again(outlet: Outlet, desk: Desk, told: list[Story]) -> None:
    poller = desk.poller(outlet.source)
    await poller.poll()
    brought = len(poller.ids)
    for _ in range(3):
        await poller.later()

    assert len(poller.ids) == brought == len(told)


async def test_a_poll_cut_short_goes_on_where_it_was_in_another_process(
    site: Site, outlet: Outlet, desk: Desk, told: list[Story]
) -> None:
    poller = desk.poller(outlet.source)
    buckets = set(desk.budget.taken)
    for _ in range(60):
        allowed = {name: taken + 6 for name, taken in desk.budget.taken.items()}
        desk.budget.spent_after = dict.fromkeys(("polygon", "alpaca", "gdelt", "edgar", "web:127.0.0.1"), 6) | allowed
        await poller.poll()
        buckets |= set(desk.budget.taken)
        if poller.polls[-1].next_at is None:
            break

    assert len(buckets) == 1
    assert sorted(poller.ids) == sorted(names(site, outlet, told))
    assert all(poll.setback is None for poll in poller.polls)
    if outlet.source != "gdelt":  # which answers with one list
        assert len(site.asked) > 2


async def test_a_late_item_is_found_and_nothing_else_with_it(site: Site, outlet: Outlet, desk: Desk) -> None:
    told = stories()
    outlet.publish(site, [*told[:2], *told[3:]])
    poller = desk.poller(outlet.source)
    await poller.poll()
    outlet.publish(site, told)
    await poller.later(timedelta(days=1, minutes=1) if outlet.source == "edgar" else timedelta(minutes=10))

    assert [one.external_id for one in poller.polls[1].documents] == names(site, outlet, told[2:3])


CHANGING = [outlet for outlet in OUTLETS.values() if outlet.source != "edgar"]
"""A filing never changes: an amendment is a filing of its own."""


@pytest.mark.parametrize("outlet", CHANGING, ids=[outlet.source for outlet in CHANGING])
async def test_a_changed_document_is_a_new_revision(site: Site, outlet: Outlet) -> None:
    told = stories()
    outlet.publish(site, told)
    poller = outlet.desk(site).poller(outlet.source)
    await poller.poll()
    outlet.publish(site, [*told[:4], Story(told[4].name, "Apple takes story 4 back", told[4].at)])
    await poller.later()

    name = outlet.named(site.base, told[4])
    assert [(one.external_id, one.revision, str(one.action)) for one in poller.stored[5:]] == [(name, 2, "updated")]


# ------------------------------------------------------------------------------------------------ when it is known


async def test_every_document_says_when_it_was_known_and_never_from_the_future(
    outlet: Outlet, desk: Desk, told: list[Story]
) -> None:
    poller = desk.poller(outlet.source)
    await poller.poll()

    assert told
    assert all(one.known_at <= NOW for one in poller.documents)
    dated = {one.published_at for one in poller.documents} - {None}
    assert dated == (set() if outlet.source == "web_scrape" else {story.at for story in told})


async def test_an_undated_document_is_kept_and_known_only_from_its_fetch_on(site: Site, desk: Desk) -> None:
    """A replay's instants lie before the fetch: no read at one of them finds it."""
    site.script(
        "/v2/reference/news",
        lambda _: respond('{"results": [{"id": "a", "title": "t"}]}', headers={"Content-Type": "application/json"}),
    )
    poller = OUTLETS["polygon_news"].desk(site).poller("polygon_news")
    await poller.poll()

    (document,) = poller.stored
    assert (document.published_at, document.known_at, document.status) == (None, NOW, "stored")
    assert desk.kept.objects == {}


# ------------------------------------------------------------------------------------------------ on record


async def test_every_answer_is_on_record_and_its_bytes_are_kept(
    site: Site, outlet: Outlet, desk: Desk, told: list[Story]
) -> None:
    poller = desk.poller(outlet.source)
    fetched = await poller.poll()

    assert len(fetched.answers) == len(site.asked) >= len(told) / 5
    for answer in fetched.answers:
        if answer.sha256:
            assert content_hash(desk.kept.objects[object_key("raw", answer.sha256)]) == answer.sha256
        assert answer.url.startswith(site.base)
    record = msgspec.json.encode(fetched.answers).decode()
    assert "k3y" not in record
    assert "s3cret" not in record
    assert "k3y" not in (poller.cursor or "")


# ------------------------------------------------------------------------------------------------ bad answers

Reply = Callable[[web.Request], web.Response]


def reply(body: str | bytes, status: int = 200, kind: str = "text/html", **headers: str) -> Reply:
    return lambda _: respond(
        body, status, {"Content-Type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}
    )


CUT = gzip.compress(b'{"news": []}' * 99, mtime=0)[:-9]

BAD: dict[str, tuple[Reply, type[Transient | Permanent]]] = {
    "403": (reply("no", 403), Refused),
    "401": (reply("no", 401), Refused),
    "404": (reply("no", 404), Refused),
    "429": (reply("no", 429, Retry_After="77"), Throttled),
    "500": (reply("no", 500), Unreachable),
    "503": (reply("no", 503), Unreachable),
    "503 for a while": (reply("no", 503, Retry_After="77"), Throttled),
    "empty": (reply("", 200, "application/json"), Malformed),
    "a page": (reply("<!DOCTYPE html><html>Sign in</html>"), Malformed),
    "a page that says it is something else": (reply("<html>Sign in</html>", 200, "application/json"), Malformed),
    "20 MB": (reply(b"x" * 20_000_000), Malformed),
    "truncated gzip": (reply(CUT, 200, "application/json", Content_Encoding="gzip"), Unreachable),
    "no gzip": (reply(b"{}", 200, "application/json", Content_Encoding="gzip"), Malformed),
    "half of it": (reply('{"news": [', 200, "application/json"), Malformed),
    "no charset's bytes": (reply(b'{"news": "\xff\xfe', 200, "application/json"), Malformed),
    "another shape": (reply('{"news": 1, "results": 1, "articles": 1}', 200, "application/json"), Malformed),
    "entities": (
        reply('<!DOCTYPE a [<!ENTITY b "c">]><rss><channel/>&b;</rss>', 200, "application/xml"),
        Malformed,
    ),
}


@pytest.mark.parametrize("outlet", LISTS, ids=[outlet.source for outlet in LISTS])
@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_answer_ends_in_a_named_error_and_nothing_is_lost(bad: str, *, outlet: Outlet, site: Site) -> None:
    answer, error = BAD[bad]
    told = stories()
    outlet.publish(site, told)
    site.script(outlet.first_path, answer, site.standing(outlet.first_path))
    poller = outlet.desk(site).poller(outlet.source)
    setback = await poller.setback()

    assert type(setback) is error or (bad == "404" and isinstance(setback, error))
    assert poller.ids == []
    assert outlet.first_path in str(setback)
    if isinstance(setback, Throttled):
        assert setback.retry_after == timedelta(seconds=77)
    if bad in {"401", "403"}:
        assert "STONKS_" in str(setback)

    await poller.later()
    assert sorted(poller.ids) == sorted(names(site, outlet, told))


async def test_a_429_between_pages_keeps_what_came_before_and_waits_as_told(site: Site) -> None:
    for source in ("polygon_news", "alpaca_news"):
        outlet = OUTLETS[source]
        outlet.publish(site, stories())
        good = site.standing(outlet.first_path)
        site.script(outlet.first_path, good, reply("slow", 429, Retry_After="120"), good)
        desk = outlet.desk(site)
        poller = desk.poller(source)

        setback = await poller.setback()
        assert isinstance(setback, Throttled)
        assert setback.retry_after == timedelta(minutes=2)
        assert len(poller.ids) == 2
        assert list(desk.budget.held.values()) == [timedelta(minutes=2)]
        await poller.later()
        assert sorted(poller.ids) == sorted(names(site, outlet, stories()))


async def test_a_cursor_of_another_source_is_malformed(outlet: Outlet, desk: Desk, told: list[Story]) -> None:
    poller = desk.poller(outlet.source)
    poller.cursor = "2025-04-07T00:00:00"

    setback = await poller.setback()
    assert isinstance(setback, Malformed)
    assert "cursor" in str(setback)
    assert told


# ------------------------------------------------------------------------------------------------ what is there


def test_sources_have_names_of_their_own_and_depend_on_the_settings(site: Site) -> None:
    bare = [source.name for source in Desk(site).open().sources()]
    full = Desk(site, **{key: value for one in OUTLETS.values() for key, value in one.settings(site.base).items()})
    every = [source.name for source in full.open().sources()]

    assert bare == ["edgar", "web_scrape"]
    assert len(every) == len(set(every))
    assert set(OUTLETS) < set(every)


async def test_a_source_whose_setting_is_gone_says_so(site: Site) -> None:
    outlet = OUTLETS["polygon_news"]
    (row, *_) = [one for one in outlet.desk(site).open().sources() if one.adapter == "polygon"]

    with pytest.raises(Refused, match="settings of polygon are gone"):
        await Desk(site).open().fetch(row, NOW)
