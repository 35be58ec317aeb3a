"""Verdicts on orders, orders by hand, approvals and limits, over a real client."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from stonks.adapters.queue import open_queue
from stonks.api.server import create_app
from stonks.ports.broker import Broker
from stonks.ports.queue import Queue
from stonks.ports.store import Store
from stonks.stages.trading.knowledge import Knowledge
from stonks.stages.trading.permits import Permits
from tests.fakes.floor import ELEVEN, TradingFloor, three_stocks
from tests.fakes.ports import some_ports
from tests.fakes.requests import SilentBroker, ask_above, floor_ports, open_floor
from tests.fakes.rows import open_database
from tests.fakes.work import FakeWork
from tests.fakes.world import client_of

ORDER = {"ticker": "AAPL", "side": "buy", "quantity": "40"}
PLACED = ORDER | {"reason": "I like it"}
DECIDED = {"decision": "approve", "reason": "I looked at it"}
_SECRET = "a-secret-that-is-long-and-random"  # noqa: S105 - of a database that ends with its test


@dataclass
class Eleven:
    """A clock that stands at eleven."""

    at: datetime = ELEVEN

    def now(self) -> datetime:
        return self.at


@dataclass
class Office:
    """A trading floor behind the API."""

    floor: TradingFloor
    queue: Queue
    clock: Eleven
    client: httpx.AsyncClient

    async def key(self, name: str, *scopes: str) -> dict[str, str]:
        """Make a key and return the header that carries it."""
        row = {"id": name, "name": name, "secret_hash": hashlib.sha256(_SECRET.encode()).hexdigest()}
        await self.floor.database.insert("api_keys", row | {"scopes": list(scopes), "created_at": ELEVEN})
        return {"authorization": f"Bearer stk_{name}_{_SECRET}"}

    async def post(self, path: str, body: dict[str, Any], key: str = "key-0001", **headers: str) -> httpx.Response:
        return await self.client.post(f"/api/v1{path}", json=body, headers={"idempotency-key": key, **headers})

    def on(self, broker: Broker) -> httpx.AsyncClient:
        """A client of the same API on another broker."""
        ports = some_ports(store=self.floor.store, broker=broker, queue=self.queue, clock=self.clock)
        return client_of(create_app(ports))


@pytest_asyncio.fixture
async def office(store: Store, database_url: str, redis_url: str) -> AsyncIterator[Office]:
    async with open_database(database_url) as database, open_queue(redis_url) as queue:
        floor = TradingFloor(store, database, three_stocks())
        await floor.furnish()
        await open_floor(floor)
        clock = Eleven()
        ports = some_ports(store=store, broker=floor.broker, queue=queue, clock=clock)
        async with client_of(create_app(ports)) as client:
            yield Office(floor, queue, clock, client)


async def waiting(office: Office, **headers: str) -> dict[str, Any]:
    """Place an order that waits for a person; return the answer."""
    await ask_above(office.floor, 0.01)
    answer = await office.post("/orders", PLACED, **headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# ------------------------------------------------------------------------------------------------ verdicts


async def test_an_order_is_answered_with_every_gate_and_decimal_strings(office: Office) -> None:
    answer = await office.post("/risk/evaluate", ORDER)

    body = answer.json()
    assert (answer.status_code, body["verdict"], body["quantity_approved"]) == (200, "approved", "40")
    assert (body["intent_id"], body["asked_by"], body["policy_version"]) == ("key-0001", "local", "moderate-1")
    assert {"gate", "code", "passed", "hard", "observed", "limit", "data_as_of"} == set(body["checks"][0])
    found = await office.client.get(f"/api/v1/risk/evaluations/{body['evaluation_id']}")
    assert found.json() == body
    assert await office.floor.all("orders") == []


async def test_the_same_key_has_the_same_answer_and_for_another_order_none(office: Office) -> None:
    first = await office.post("/risk/evaluate", ORDER)
    await office.floor.database.rows("DELETE FROM idempotency_keys")
    later = await office.post("/risk/evaluate", ORDER)
    other = await office.post("/risk/evaluate", ORDER | {"quantity": "41"})

    assert later.json() == first.json()
    assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")


async def test_an_evaluation_does_not_stand_in_for_an_order_of_the_same_key(office: Office) -> None:
    evaluated = await office.post("/risk/evaluate", ORDER)
    placed = await office.post("/orders", PLACED)

    assert evaluated.json()["order_id"] is None
    assert placed.json()["order_id"] == str((await office.floor.all("orders"))[0]["id"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ORDER | {"quantity": "0"}, 422),
        (ORDER | {"notional": "10"}, 422),
        (ORDER | {"type": "limit"}, 422),
        (ORDER | {"intent_id": "another-key"}, 422),
        (ORDER | {"side": "hold"}, 400),
        (ORDER | {"colour": "red"}, 400),
        (ORDER | {"account": "other"}, 409),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_a_problem(office: Office, body: dict[str, Any], status: int) -> None:
    answer = await office.post("/risk/evaluate", body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await office.floor.all("risk_evaluations") == []


async def test_without_a_key_nothing_is_evaluated(office: Office) -> None:
    answer = await office.client.post("/api/v1/risk/evaluate", json=ORDER)

    assert answer.status_code == 400


async def test_where_a_price_cannot_be_had_there_is_no_answer(office: Office) -> None:
    async with office.on(SilentBroker(office.floor.broker)) as client:
        answer = await client.post("/api/v1/orders", json=PLACED, headers={"idempotency-key": "key-0001"})

    assert answer.status_code == 503
    assert await office.floor.all("orders") == await office.floor.all("risk_evaluations") == []


async def test_an_evaluation_that_is_not_there_is_not_found(office: Office) -> None:
    missing = "00000000-0000-0000-0000-000000000009"

    assert (await office.client.get(f"/api/v1/risk/evaluations/{missing}")).status_code == 404


# ------------------------------------------------------------------------------------------------ orders by hand


async def test_a_placed_order_is_made_queued_and_kept_in_the_audit(office: Office) -> None:
    answer = await office.post("/orders", PLACED)

    (order,) = await office.floor.all("orders")
    (entry,) = await office.floor.all("audit")
    depths = {depth.queue: depth.waiting for depth in await office.queue.depths()}
    assert (answer.status_code, answer.json()["verdict"]) == (200, "approved")
    assert (order["quantity"], order["source"], depths["broker_orders"]) == (40, "manual", 1)
    assert (entry["actor"], entry["action"], entry["reason"]) == ("local", "order.approved", "I like it")
    assert entry["request_id"] is not None


async def test_of_the_same_order_many_times_at_once_one_is_made(office: Office) -> None:
    answers = await asyncio.gather(*(office.post("/orders", PLACED) for _ in range(15)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert len(await office.floor.all("orders")) == 1


async def test_a_denied_order_says_which_gates(office: Office) -> None:
    await office.floor.database.rows("UPDATE trading_state SET state = 'halted'")

    body = (await office.post("/orders", PLACED)).json()

    assert (body["verdict"], body["primary_reason"], body["order_id"]) == ("denied", "TRADING_HALTED", None)
    assert await office.floor.all("orders") == []


async def test_who_may_only_read_may_not_trade(office: Office) -> None:
    reader = await office.key("reader", "read")

    assert (await office.post("/orders", PLACED, **reader)).status_code == 403
    assert (await office.post("/risk/evaluate", ORDER, **reader)).status_code == 403


# ------------------------------------------------------------------------------------------------ approvals


async def test_what_waits_is_listed_allowed_by_another_key_and_sent(office: Office) -> None:
    trader, boss = await office.key("trader", "trade"), await office.key("boss", "risk:approve")
    asked = await waiting(office, **trader)
    path = f"/approvals/{asked['approval_id']}/decision"

    listed = (await office.client.get("/api/v1/approvals", params={"state": "pending"})).json()["items"]
    said = await office.post(path, DECIDED, **boss)
    again = await office.post(path, DECIDED, "key-0002", **boss)
    ports, work = floor_ports(office.floor), FakeWork[None](office.floor.store, None, ELEVEN + timedelta(minutes=1))
    await Permits(ports, Knowledge(ports)).settle(work)

    assert [row["id"] for row in listed] == [asked["approval_id"]]
    assert (asked["verdict"], listed[0]["requested_by"], listed[0]["quantity"]) == ("needs_approval", "trader", "40")
    assert (said.status_code, said.json()["state"], said.json()["decided_by"]) == (200, "approved", "boss")
    assert again.status_code == 409
    assert [str(order["id"]) for order in await office.floor.all("orders")] == [asked["order_id"]]


async def test_nobody_allows_what_he_asked_for_himself(office: Office) -> None:
    both = await office.key("both", "trade", "risk:approve")
    asked = await waiting(office, **both)

    answer = await office.post(f"/approvals/{asked['approval_id']}/decision", DECIDED, **both)

    assert (answer.status_code, "somebody else" in answer.json()["detail"]) == (409, True)
    assert [row["state"] for row in await office.floor.all("approvals")] == ["pending"]


async def test_only_who_may_approve_decides(office: Office) -> None:
    trader, other = await office.key("trader", "trade"), await office.key("other", "trade")
    asked = await waiting(office, **trader)

    assert (await office.post(f"/approvals/{asked['approval_id']}/decision", DECIDED, **other)).status_code == 403


async def test_an_approval_that_is_over_cannot_be_decided(office: Office) -> None:
    boss = await office.key("boss", "risk:approve")
    asked = await waiting(office)
    office.clock.at = ELEVEN + timedelta(minutes=60)

    assert (await office.post(f"/approvals/{asked['approval_id']}/decision", DECIDED, **boss)).status_code == 409
    missing = "/approvals/00000000-0000-0000-0000-000000000009/decision"
    assert (await office.post(missing, DECIDED, "key-0002", **boss)).status_code == 404


# ------------------------------------------------------------------------------------------------ limits


async def change(office: Office, name_cap: float, **headers: str) -> httpx.Response:
    """Change how much one name may take, from the limits as they are."""
    body = (await office.client.get("/api/v1/risk/limits")).json()
    body["limits"]["name_cap"] = name_cap
    wanted = {part: body[part] for part in ("limits", "sizes", "breakers")} | {"reason": "less of each"}
    return await office.client.put("/api/v1/risk/limits", json=wanted, headers=headers)


async def test_limits_are_shown_with_their_version_and_not_again_to_who_has_them(office: Office) -> None:
    shown = await office.client.get("/api/v1/risk/limits")
    again = await office.client.get("/api/v1/risk/limits", headers={"if-none-match": shown.headers["etag"]})

    assert (shown.headers["etag"], shown.json()["version"]) == ('"moderate-1"', "moderate-1")
    assert shown.json()["limits"]["name_cap"] == 0.05
    assert (again.status_code, again.content) == (304, b"")


async def test_a_change_is_a_new_version_that_the_next_order_is_held_to(office: Office) -> None:
    changed = await change(office, 0.02, **{"if-match": '"moderate-1"'})
    verdict = (await office.post("/risk/evaluate", ORDER)).json()

    (entry,) = await office.floor.all("audit")
    assert (changed.status_code, changed.json()["version"]) == (200, "moderate-2")
    assert (verdict["verdict"], verdict["policy_version"]) == ("clamped", "moderate-2")
    assert (entry["action"], entry["before"]["limits"]["name_cap"]) == ("risk.limits", 0.05)
    assert (entry["after"]["limits"]["name_cap"], entry["reason"]) == (0.02, "less of each")


async def test_a_change_says_what_it_was_made_from(office: Office) -> None:
    await office.client.get("/api/v1/risk/limits")

    assert (await change(office, 0.02)).status_code == 428
    assert (await change(office, 0.02, **{"if-match": '"moderate-7"'})).status_code == 412
    assert len(await office.floor.all("policy_versions")) == 1


async def test_of_changes_made_at_once_from_the_same_version_one_is_kept(office: Office) -> None:
    await office.client.get("/api/v1/risk/limits")
    seen = {"if-match": '"moderate-1"'}

    answers = await asyncio.gather(*(change(office, 0.02 + n / 1000, **seen) for n in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    assert len(await office.floor.all("policy_versions")) == 2


async def test_limits_that_contradict_each_other_are_refused_by_name(office: Office) -> None:
    answer = await change(office, 0.9, **{"if-match": '"moderate-1"'})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limits.name_cap")


async def test_limits_are_the_administrators(office: Office) -> None:
    trader = await office.key("trader", "read", "trade")

    assert (await change(office, 0.02, **{"if-match": '"moderate-1"'}, **trader)).status_code == 403
