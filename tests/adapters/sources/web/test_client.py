"""Bad answers end in named errors, good ones are on record before they are read, and nothing tells a key."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given, strategies as st

from stonks.adapters.sources.web.answer import Due, Missing, http_date, without_secrets
from stonks.adapters.sources.web.body import MOST_RAW
from stonks.adapters.sources.web.client import Endpoint, OutOfTime, Web, open_web
from stonks.model.errors import Malformed, Refused, StonksError, Throttled, Unreachable
from stonks.model.identity import content_hash
from tests.fakes.web import NOW, Kept, OpenBudget, Site, open_site, respond, some_outlets

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
KEY = "s3cr3t-k3y-0f-0urs"


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def budget() -> OpenBudget:
    return OpenBudget()


@pytest_asyncio.fixture
async def client(kept: Kept, budget: OpenBudget) -> AsyncIterator[Web]:
    outlets = some_outlets(keep=kept, budget=budget, timeout=timedelta(seconds=2))
    async with open_web(outlets) as client:
        yield client


def endpoint(site: Site, **given: Any) -> Endpoint:  # noqa: ANN401 - whatever the field takes
    secrets = {"Authorization": f"Bearer {KEY}"}
    return Endpoint(**{"name": "api", "base": site.base, "setting": "STONKS_API_KEY", "secrets": secrets} | given)


# ------------------------------------------------------------------------------------------------ on record


async def test_an_answer_is_kept_under_its_hash_with_what_was_asked_and_when(
    site: Site, client: Web, kept: Kept
) -> None:
    site.answer("/a", '{"n": 1}', headers=JSON | {"ETag": '"7"', "Set-Cookie": "id=9", "X-Other": "no"})
    answer = await client.ask(endpoint(site), "/a", {"page": "2"}, due=Due.JSON)

    (row,) = client.answers
    sha256 = content_hash(b'{"n": 1}')
    assert answer.json(dict[str, int]) == {"n": 1}
    assert kept.objects == {f"raw/sha256/{sha256[:2]}/{sha256[2:]}": b'{"n": 1}'}
    assert (row.url, row.status, row.sha256, row.size, row.fetched_at) == (
        f"{site.base}/a?page=2",
        200,
        sha256,
        8,
        NOW,
    )
    assert row.headers["etag"] == '"7"'
    assert set(row.headers) == {"content-type", "date", "etag"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_what_comes_with_a_bad_status_is_kept_too(site: Site, client: Web, kept: Kept, status: int) -> None:
    site.answer("/a", "<h1>no</h1>", status, HTML)
    with pytest.raises(StonksError):
        await client.ask(endpoint(site), "/a", due=Due.JSON)

    assert [(row.status, row.sha256) for row in client.answers] == [(status, content_hash(b"<h1>no</h1>"))]
    assert list(kept.objects.values()) == [b"<h1>no</h1>"]


async def test_bytes_are_put_away_before_they_are_read(site: Site) -> None:
    async def full(_key: str, _data: bytes) -> None:
        raise Unreachable("the disk is full")

    site.answer("/a", "not JSON", headers=JSON)
    async with open_web(some_outlets(keep=full)) as client:
        with pytest.raises(Unreachable, match="the disk is full"):
            await client.ask(endpoint(site), "/a", due=Due.JSON)


async def test_validators_are_sent_and_an_unchanged_answer_has_nothing(site: Site, client: Web, kept: Kept) -> None:
    site.answer("/a", status=304)
    answer = await client.ask(endpoint(site), "/a", due=Due.JSON, validators={"If-None-Match": '"7"'})

    assert answer.unchanged
    assert site.asked[0].headers["If-None-Match"] == '"7"'
    assert (client.answers[0].status, client.answers[0].sha256, kept.objects) == (304, None, {})


# ------------------------------------------------------------------------------------------------ named errors

GZIP = {"Content-Encoding": "gzip"}
BOMB = gzip.compress(b"\0" * 49_000_000, mtime=0)
LAYERS = gzip.compress(b"a" * 300_000, mtime=0) * 200


@pytest.mark.parametrize(
    ("body", "status", "headers", "error", "says"),
    [
        (b"", 200, JSON, Malformed, "empty, and JSON was due"),
        (b"  \n", 200, HTML, Malformed, "empty"),
        (b"<!DOCTYPE html><html>login</html>", 200, JSON, Malformed, "an HTML page where JSON was due"),
        (b"<html>login</html>", 200, HTML, Malformed, "an HTML page where JSON was due"),
        (b"\n <!-- x --><html>", 200, {}, Malformed, "an HTML page where JSON was due"),
        (b"{", 200, JSON, Malformed, "truncated"),
        (b'{"\xff\xfe": 1}', 200, JSON, Malformed, "utf-?8"),
        (b"[1]", 200, JSON, Malformed, "Expected `object`"),
        (b"", 401, {}, Refused, r"refuses us \(401\): check STONKS_API_KEY"),
        (b"x", 403, HTML, Refused, r"refuses us \(403\): check STONKS_API_KEY"),
        (b"x", 404, HTML, Missing, "there is nothing"),
        (b"x", 410, HTML, Missing, "there is nothing"),
        (b"x", 400, HTML, Refused, "answers 400"),
        (b"x", 418, HTML, Refused, "answers 418"),
        (b"x", 429, HTML, Throttled, "slow down"),
        (b"x", 500, HTML, Unreachable, r"not available \(500\)"),
        (b"x", 503, HTML, Unreachable, r"not available \(503\)"),
        (b"x", 599, HTML, Unreachable, r"not available \(599\)"),
        (b"", 302, {}, Malformed, "redirect to nowhere"),
        (gzip.compress(b'{"n": 1}' * 999, mtime=0)[:-20], 200, JSON | GZIP, Unreachable, "cut off"),
        (b"no gzip at all", 200, JSON | GZIP, Malformed, "not packed the way it says"),
        (zlib.compress(b"{}")[:-2], 200, JSON | {"Content-Encoding": "deflate"}, Unreachable, "cut off"),
        (BOMB, 200, JSON | GZIP, Malformed, "more than 100 times its size"),
        (LAYERS, 200, JSON | GZIP, Malformed, "more than (100 times|50 MB)"),
        (b"x", 200, JSON | {"Content-Encoding": "br"}, Malformed, "which was not asked for"),
        (b" " * (MOST_RAW + 1), 200, JSON, Malformed, "longer than 10 MB"),
        (b"<html>" + b"x" * 20_000_000, 200, HTML, Malformed, "longer than 10 MB"),
    ],
)
async def test_a_bad_answer_ends_in_a_named_error(  # noqa: PLR0913 - a table
    body: bytes, status: int, headers: dict[str, str], error: type[StonksError], *, says: str, site: Site, client: Web
) -> None:
    site.answer("/a", body, status, headers)

    with pytest.raises(error, match=f"(?i){says}") as raised:
        (await client.ask(endpoint(site), "/a", due=Due.JSON)).json(dict[str, int])
    assert type(raised.value) is error
    assert f"{site.base}/a" in str(raised.value)
    assert [row.status for row in client.answers] == [status]


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream"])
async def test_what_is_no_page_is_not_taken_for_one(site: Site, client: Web, kind: str) -> None:
    site.answer("/a", b"%PDF-1.7", headers={"Content-Type": kind})
    with pytest.raises(Malformed, match="where a page was due"):
        await client.ask(endpoint(site), "/a", due=Due.PAGE)


async def test_packed_answers_are_unpacked_also_where_they_are_several_in_one(site: Site, client: Web) -> None:
    site.answer("/gzip", gzip.compress(b'{"n": ') + gzip.compress(b"1}"), headers=JSON | GZIP)
    site.answer("/zlib", zlib.compress(b'{"n": 1}'), headers=JSON | {"Content-Encoding": "deflate"})

    for path in ("/gzip", "/zlib"):
        assert (await client.ask(endpoint(site), path, due=Due.JSON)).json(dict[str, int]) == {"n": 1}


async def test_an_answer_that_ends_before_its_end_is_no_answer(site: Site, client: Web, kept: Kept) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=JSON | {"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"n": 1')
        assert request.transport is not None
        request.transport.close()
        return response

    site.handle_with("/a", cut)
    with pytest.raises(Unreachable, match="cut off"):
        await client.ask(endpoint(site), "/a", due=Due.JSON)
    assert list(kept.objects.values()) == [b'{"n": 1']


async def test_nobody_there_is_unreachable(client: Web) -> None:
    async with open_site() as gone:
        pass
    with pytest.raises(Unreachable, match="cannot be reached: ClientConnectorError"):
        await client.ask(endpoint(gone), "/a", due=Due.JSON)


async def test_a_server_that_never_answers_is_given_up(site: Site) -> None:
    async def never(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return respond()

    site.handle_with("/a", never)
    async with open_web(some_outlets(timeout=timedelta(milliseconds=100))) as client:
        with pytest.raises(Unreachable, match="TimeoutError"):
            await client.ask(endpoint(site), "/a", due=Due.JSON)


# ------------------------------------------------------------------------------------------------ waiting


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("1.5", timedelta(seconds=1.5)),
        ("0", timedelta(seconds=1)),
        ("99999999", timedelta(days=1)),
        ("Mon, 07 Apr 2025 21:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 07 Apr 2025 20:00:00 GMT", timedelta(seconds=1)),
        ("soon", timedelta(minutes=1)),
        ("-5", timedelta(minutes=1)),
        (None, timedelta(minutes=1)),
    ],
)
async def test_a_server_that_asks_to_wait_is_waited_for_by_everyone(
    told: str | None, wait: timedelta, *, site: Site, client: Web, budget: OpenBudget
) -> None:
    retry = {"Retry-After": told} if told else {}
    site.answer("/a", "slow down", 429, HTML | retry | {"Date": "Mon, 07 Apr 2025 21:00:00 GMT"})

    with pytest.raises(Throttled) as raised:
        await client.ask(endpoint(site), "/a", due=Due.JSON)
    assert raised.value.retry_after == wait
    assert budget.held == {"api": wait}


async def test_a_503_with_a_time_to_wait_is_a_request_to_wait(site: Site, client: Web) -> None:
    site.answer("/a", "later", 503, HTML | {"Retry-After": "120"})
    with pytest.raises(Throttled) as raised:
        await client.ask(endpoint(site), "/a", due=Due.JSON)
    assert raised.value.retry_after == timedelta(minutes=2)


async def test_every_request_takes_its_turn_and_a_spent_budget_ends_the_poll(
    site: Site, client: Web, budget: OpenBudget
) -> None:
    budget.spent_after["api"] = 2
    site.script("/a", lambda _: respond("", 302, {"Location": "/b"}), lambda _: respond("", 302, {"Location": "/b"}))
    site.answer("/b", "{}", headers=JSON)
    await client.ask(endpoint(site), "/a", due=Due.JSON)

    with pytest.raises(OutOfTime, match="budget of api") as raised:
        await client.ask(endpoint(site), "/a", due=Due.JSON)
    assert raised.value.retry_after == timedelta(hours=1)
    assert len(site.asked) == 2


async def test_a_poll_whose_time_is_over_asks_nothing_more(site: Site) -> None:
    async with open_web(some_outlets(patience=timedelta(seconds=-1))) as client:
        with pytest.raises(OutOfTime):
            await client.ask(endpoint(site), "/a", due=Due.JSON)
    assert site.asked == []


# ------------------------------------------------------------------------------------------------ secrets


async def test_no_error_no_record_and_no_repr_tells_a_key(site: Site, client: Web) -> None:
    told: list[str] = []
    site.answer("/missing", "x", 404)
    site.answer("/denied", f"bad key {KEY}", 401)
    site.answer("/moved", "", 302, {"Location": f"http://127.0.0.1:1/{KEY}?apiKey={KEY}"})
    site.answer("/good", "{}", headers=JSON)
    api = endpoint(site)
    for path in ("/missing", "/denied", "/moved", "/good", f"/good/{KEY}"):
        try:
            await client.ask(api, path, {"apiKey": KEY, "q": "x", "page_token": "p"}, due=Due.JSON)
        except StonksError as error:
            told.append(f"{error!r} {error.__cause__!r}")
    async with open_site() as gone:
        pass
    with pytest.raises(Unreachable) as raised:
        await client.ask(endpoint(gone), f"/{KEY}", {"token": KEY}, due=Due.JSON)

    told += [repr(raised.value), repr(api), msgspec.json.encode(client.answers).decode()]
    assert [line for line in told if KEY in line] == []
    assert site.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert client.answers[0].url == f"{site.base}/missing?apiKey=-&q=x&page_token=p"


async def test_a_proxy_of_the_environment_is_not_used(site: Site, client: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    site.answer("/a", "{}", headers=JSON)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    await client.ask(endpoint(site), "/a", due=Due.JSON)


async def test_a_server_knows_whom_it_answers(site: Site, client: Web) -> None:
    site.answer("/a", "{}", headers=JSON)
    await client.ask(endpoint(site), "/a", due=Due.JSON)
    await client.ask(endpoint(site, agent="Example me@example.com"), "/a", due=Due.JSON)

    assert [request.headers["User-Agent"] for request in site.asked] == ["stonks-oracle", "Example me@example.com"]


@given(name=st.text(max_size=20), value=st.text(min_size=1, max_size=20))
def test_any_url_can_be_shown(name: str, value: str) -> None:
    assert "hidden" not in without_secrets(f"https://hidden:hidden@example.com/{name}?{name}={value}&api_key=hidden")


@given(text=st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    at = http_date(text)
    assert at is None or at.tzinfo is not None
