"""What every writing route promises, shown on two small ones."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from litestar.params import JSONBody

from stonks.api.answers.asked import Asked
from stonks.api.probes import hardened, vitals
from stonks.api.writing import OpenAct, write
from stonks.model.errors import Refused
from stonks.model.job import AggregationJob
from stonks.model.principal import Scope
from tests.api.test_admission import key
from tests.fakes.seed import NOW
from tests.fakes.world import World, client_of


class Named(Asked, frozen=True, kw_only=True):
    name: str = "a"


class Counted(msgspec.Struct, frozen=True):
    entries: int
    by: str


async def carry_out(act: OpenAct, data: JSONBody[Named]) -> Counted:
    """Count the entries of the audit, this command's own included."""
    if data.name == "refused":
        await act.audit("test.refused", data.name, data.reason)
        raise Refused("not this one")
    await act.audit("test.count", data.name, data.reason, after={"name": data.name})
    await act.commit.follow(AggregationJob(ticker="AAPL", cause=data.name))
    return Counted(
        len(await act.commit.rows(int, "audit.page", before_seq=2**40, actor=None, action=None, limit=100)),
        act.principal.name,
    )


MONEY = write("POST", "/money", "moveMoney", "test", scope=Scope.TRADE, money=True)(carry_out)
PLAIN = write("PUT", "/plain", "setPlain", "test", scope=Scope.ADMIN, status_code=201)(carry_out)
KEYED = write("POST", "/keyed", "setKeyed", "test", scope=Scope.ADMIN, opt={"keyed": True})(carry_out)


@pytest_asyncio.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has these routes."""
    app = hardened([MONEY, PLAIN, KEYED], {**vitals(world.ports, None, (), {}), "closing": lambda: False}, None)
    async with client_of(app) as client:
        yield client


def once(name: str = "key-0001", **headers: str) -> dict[str, str]:
    return {"idempotency-key": name, **headers}


BODY = {"reason": "a test"}


async def entries(world: World) -> list[Any]:
    return list(await world.connection.fetch("SELECT * FROM audit ORDER BY seq"))


async def test_a_repeat_is_answered_again_and_done_once(world: World, client: httpx.AsyncClient) -> None:
    first = await client.post("/money", json=BODY, headers=once())
    second = await client.post(
        "/money", content=b'{"reason": "a test"}', headers=once(**{"content-type": "application/json"})
    )
    again = await client.post("/money", json=BODY, headers=once())

    assert (first.status_code, first.json()) == (200, {"entries": 1, "by": "local"})
    assert "idempotent-replayed" not in first.headers
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert second.status_code == 409
    assert len(await entries(world)) == 1


async def test_many_at_once_are_one(world: World, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/money", json=BODY, headers=once()) for _ in range(12)))

    assert [answer.json() for answer in answers] == [{"entries": 1, "by": "local"}] * 12
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 11
    assert len(await entries(world)) == 1


async def test_the_same_key_means_another_command_elsewhere_and_for_others(
    world: World, client: httpx.AsyncClient
) -> None:
    other = await key(world, scopes=("trade",))
    mine = await client.post("/money", json=BODY, headers=once())
    theirs = await client.post("/money", json=BODY, headers=once(authorization=other))
    elsewhere = await client.put("/plain", json=BODY, headers=once())

    assert [answer.json()["entries"] for answer in (mine, theirs, elsewhere)] == [1, 2, 3]
    assert theirs.json()["by"] == "test"
    assert elsewhere.status_code == 201


async def test_a_key_of_yesterday_is_forgotten(world: World, client: httpx.AsyncClient) -> None:
    await client.post("/money", json=BODY, headers=once())
    await world.connection.execute(
        "UPDATE idempotency_keys SET created_at = created_at - $1::interval", timedelta(hours=25)
    )

    assert (await client.post("/money", json=BODY, headers=once())).json()["entries"] == 2


async def test_what_was_refused_left_nothing_and_may_be_tried_again(client: httpx.AsyncClient) -> None:
    refused = await client.post("/money", json=BODY | {"name": "refused"}, headers=once())
    done = await client.post("/money", json=BODY, headers=once())

    assert (refused.status_code, refused.json()["detail"]) == (409, "not this one")
    assert (done.status_code, done.json()["entries"]) == (200, 1)


async def test_a_command_its_audit_and_its_jobs_are_one_transaction(world: World, client: httpx.AsyncClient) -> None:
    before = (await world.ports.queue.depths())[4].waiting
    await client.post("/money", json=BODY, headers=once(**{"x-request-id": "mine-1"}))

    [entry] = await entries(world)
    assert (entry["at"], entry["actor"], entry["action"], entry["reason"], entry["request_id"]) == (
        (await world.connection.fetchval("SELECT now FROM replay_clock")) or NOW,
        "local",
        "test.count",
        "a test",
        "mine-1",
    )
    assert await world.connection.fetchval("SELECT count(*) FROM jobs WHERE job_id = 'aggregation:AAPL:a'") == 1
    assert (await world.ports.queue.depths())[4].waiting == before + 1


NONE = [
    ({}, b'{"reason": "a test"}', 400),
    (once("short"), b'{"reason": "a test"}', 400),
    (once("spaces in it"), b'{"reason": "a test"}', 400),
    (once(), b"{}", 400),
    (once(), b'{"reason": "  "}', 400),
    (once(), b'{"reason": "a\\u0000b"}', 400),
    (once(), b'{"reason": "a test", "nme": "b"}', 400),
    (once(), b'{"reason": "%s"}' % (b"x" * 501), 400),
    (once(), b'{"reason": "a test"', 400),
    (once(), b'{"reason": "%s"}' % (b"x" * 70_000), 413),
    (once(**{"content-type": "text/plain"}), b'{"reason": "a test"}', 415),
    (once(**{"content-type": "application/x-www-form-urlencoded"}), b"reason=a+test", 415),
]


async def test_a_command_that_is_none_is_a_problem(world: World, client: httpx.AsyncClient) -> None:
    for headers, content, status in NONE:
        answer = await client.post("/money", content=content, headers={"content-type": "application/json", **headers})

        assert answer.status_code == status, (headers, content, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert await entries(world) == []


PAGES = [
    ({}, 200),
    ({"origin": "http://localhost"}, 200),
    ({"origin": "http://localhost", "sec-fetch-site": "same-origin"}, 200),
    ({"origin": "http://localhost:8788", "host": "localhost:8788"}, 200),
    ({"origin": "http://localhost:3000", "host": "localhost:8787"}, 403),
    ({"origin": "http://127.0.0.1", "sec-fetch-site": "same-site"}, 403),
    ({"origin": "http://evil.example"}, 403),
    ({"origin": "http://localhost.evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": ""}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "none"}, 403),
    ({"origin": "http://evil.example", "host": "evil.example"}, 400),
    ({"host": "evil.example"}, 400),
    ({"x-forwarded-for": "192.0.2.7"}, 401),
    ({"via": "1.1 proxy"}, 401),
]


async def test_no_page_but_the_dashboards_changes_anything(world: World, client: httpx.AsyncClient) -> None:
    for number, (headers, status) in enumerate(PAGES):
        before = len(await entries(world))
        answer = await client.post("/money", json=BODY, headers=once(f"key-{number:04}", **headers))

        assert answer.status_code == status, (headers, answer.text)
        assert len(await entries(world)) - before == (status == 200), headers


async def test_a_key_does_what_its_scopes_say_and_its_use_is_noted(world: World, client: httpx.AsyncClient) -> None:
    trader, reader = await key(world, "k1", scopes=("trade",)), await key(world, "k2")

    assert (await client.post("/money", json=BODY, headers=once(authorization=trader))).status_code == 200
    assert (await client.put("/plain", json=BODY, headers={"authorization": trader})).status_code == 403
    assert (await client.post("/money", json=BODY, headers=once(authorization=reader))).status_code == 403
    assert await world.connection.fetchval("SELECT last_used_at FROM api_keys WHERE id = 'k1'") == NOW


async def test_what_outlives_a_request_needs_a_key_on_this_machine_too(world: World, client: httpx.AsyncClient) -> None:
    admin = await key(world, scopes=("admin",))

    assert (await client.post("/keyed", json=BODY)).status_code == 401
    assert (await client.post("/keyed", json=BODY, headers={"authorization": admin})).status_code == 200
