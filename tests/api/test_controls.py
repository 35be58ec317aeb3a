"""Commands to the account over HTTP: the whole application, one seeded world each."""

import asyncio
from typing import Any

import httpx

from stonks.model.principal import Scope
from tests.api.test_admission import key
from tests.fakes.world import World

WHY = {"reason": "something is odd"}
NOBODY = "00000000-0000-4000-8000-000000000000"


def once(name: str = "key-0001") -> dict[str, str]:
    return {"idempotency-key": name}


async def say(world: World, command: str, name: str | None = None, **more: object) -> httpx.Response:
    return await world.client.post(
        f"/api/v1/trading/{command}", json=WHY | more, headers=once(name or f"key-{command}")
    )


async def test_a_command_changes_what_the_status_says_and_who_and_why(world: World) -> None:
    paused = await say(world, "pause")
    status = await world.get("/trading/status")

    assert paused.status_code == 200
    assert (paused.json()["state"], paused.json()["changed"]) == ("reducing", True)
    assert (status["state"], status["changed_by"], status["reason"]) == ("reducing", "local", "something is odd")
    assert status["mode"] == "REPLAY"
    assert (status["halt_file"], status["halts_when_flat"], status["pending_approvals"]) == (False, False, 0)
    assert status["changed_at"] >= "2"


async def test_a_repeat_changes_nothing_and_says_what_was_said(world: World) -> None:
    first, again = await say(world, "halt"), await say(world, "halt")
    anew = await say(world, "halt", "another-key")
    other = await say(world, "halt", flatten=True)

    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert (anew.json()["changed"], anew.json()["state"]) == (False, "halted")
    assert other.status_code == 409
    assert await world.connection.fetchval("SELECT count(*) FROM audit") == 1


async def test_halts_at_once_are_one_halt(world: World) -> None:
    answers = await asyncio.gather(*(say(world, "halt", f"halt-{number:04}") for number in range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert sum(answer.json()["changed"] for answer in answers) == 1
    assert await world.connection.fetchval("SELECT count(*) FROM audit") == 1


async def test_what_makes_no_sense_is_a_conflict_with_the_reason(world: World) -> None:
    await say(world, "halt")
    answer = await say(world, "resume")

    assert answer.status_code == 409
    assert "rearm" in answer.json()["detail"]


async def test_a_body_that_lacks_something_is_answered_by_what(world: World) -> None:
    nothing = await world.client.post("/api/v1/trading/halt", json={}, headers=once())
    short = await world.client.post("/api/v1/trading/halt", json={"reason": "x"}, headers=once())

    assert (nothing.status_code, nothing.json()["detail"]) == (400, "Object missing required field `reason`")
    assert (short.status_code, short.json()["detail"].split(": ")[0]) == (400, "reason")


async def test_a_halt_that_flattens_names_what_it_gives_up(world: World) -> None:
    held = len((await world.get("/positions"))["items"])
    answer = (await say(world, "halt", flatten=True)).json()
    status = await world.get("/trading/status")

    assert held > 0
    assert (answer["state"], answer["halts_when_flat"], answer["leaving"]) == ("reducing", True, held)
    assert (status["halts_when_flat"], status["leaving"]) == (True, held)


async def test_an_order_is_asked_to_be_taken_back(world: World) -> None:
    order = await world.connection.fetchval(
        "UPDATE orders SET status = 'accepted', leg = 'entry' WHERE id = $1 RETURNING id", world.seeded.entries[0]
    )
    path = f"/api/v1/orders/{order}?reason=too+late"
    answer = await world.client.delete(path, headers=once())
    again = await world.client.delete(path, headers=once("key-0002"))
    job = await world.connection.fetchval("SELECT count(*) FROM jobs WHERE job_id LIKE $1", f"broker_orders:{order}%")

    assert (answer.status_code, answer.json()["changed"], again.json()["changed"]) == (200, True, False)
    assert job == 1
    assert [
        (await world.client.delete(f"/api/v1/orders/{where}", headers=once("key-0003"))).status_code
        for where in (f"{NOBODY}?reason=too+late", f"{order}", f"{order}?reason=++++")
    ] == [404, 400, 400]


async def test_a_position_is_given_up(world: World) -> None:
    ticker = (await world.get("/positions"))["items"][0]["ticker"]
    answer = await world.client.post(f"/api/v1/positions/{ticker.lower()}/close", json=WHY, headers=once())
    nothing = await world.client.post("/api/v1/positions/NOPE/close", json=WHY, headers=once("key-0002"))

    assert (answer.status_code, answer.json()) == (200, {"ticker": ticker, "changed": True})
    assert (nothing.status_code, nothing.json()["detail"]) == (409, "nothing of NOPE is held")
    assert await world.connection.fetchval("SELECT ticker FROM position_exits") == ticker


async def test_the_alerts_can_be_tried(world: World) -> None:
    answer = await world.client.post("/api/v1/alerts/test", json=WHY)
    wrong = await world.client.post("/api/v1/alerts/test", json={})

    assert (answer.status_code, wrong.status_code) == (200, 400)
    assert [(trial["channel"], trial["error"]) for trial in answer.json()["items"]] == [("log", None)]
    (entry,) = (await world.get("/audit"))["items"]
    assert (entry["action"], entry["after"]) == ("alerts.test", {"log": "sent"})


async def test_the_audit_is_read_page_by_page_and_proved(world: World) -> None:
    for command in ("pause", "resume", "halt"):
        await say(world, command)

    first = await world.get("/audit", limit=2)
    rest = await world.get("/audit", limit=2, before=first["next_before"])
    proof = await world.get("/audit/verify")

    actions = [entry["action"] for entry in (*first["items"], *rest["items"])]
    assert actions == ["trading.halt", "trading.resume", "trading.pause"]
    assert rest["next_before"] is None
    assert (proof["entries"], proof["intact"], proof["head"]) == (3, True, first["items"][0]["hash"])
    assert len((await world.get("/audit", action="trading.halt"))["items"]) == 1


# ------------------------------------------------------------------------------------------------ who may


def calls(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """One call of every route, with what its scope is."""
    document = world.app.openapi_schema.to_schema()
    filled = {
        "document_id": world.seeded.documents[0],
        "event_id": world.seeded.events[0],
        "trend_id": world.seeded.trends[0],
        "recommendation_id": world.seeded.recommendations[0],
        "decision_id": world.seeded.acted[0],
        "order_id": world.seeded.entries[0],
        "ticker": "AAPL",
        "queue": "parsing",
    }
    found = []
    for path, methods in document["paths"].items():
        if not path.startswith("/api/v1") or path.endswith("/stream"):
            continue
        for method, operation in methods.items():
            for name in (part["name"] for part in operation.get("parameters", []) if part["in"] == "path"):
                path = path.replace(f"{{{name}}}", str(filled.get(name, NOBODY)))  # noqa: PLW2901 - it is filled in
            found.append((method, path, operation))
    return found


def scopes(world: World) -> dict[str, tuple[str, bool]]:
    return {
        str(handler.operation_id): (str(handler.opt["scope"]), bool(handler.opt.get("keyed")))
        for route in world.app.routes
        for handler in route.route_handlers  # type: ignore[union-attr]
        if handler.operation_id and "scope" in handler.opt
    }


def allowed(who: str, scope: str, *, keyed: bool, writes: bool) -> int | None:
    """The status with which this client is turned away, or None where it is let in."""
    match who:
        case "remote":
            return 401
        case "local":
            return 401 if keyed else None
        case "foreign page":
            return 403 if writes else 401 if keyed else None
        case _:
            return None if who.removeprefix("key ") == scope else 403


async def headers_of(world: World, who: str) -> dict[str, str]:
    if who.startswith("key "):
        scope = who.removeprefix("key ")
        return {"authorization": await key(world, scope.replace(":", "-"), scopes=(scope,))}
    named = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    return {"foreign page": named, "remote": {"x-forwarded-for": "192.0.2.7"}}.get(who, {})


async def test_every_route_lets_in_whom_its_scope_says_and_nobody_else(world: World) -> None:
    declared, asked = scopes(world), calls(world)
    wrong, let_in = [], set()
    for who in ("remote", "foreign page", *(f"key {scope}" for scope in Scope), "local"):
        headers = await headers_of(world, who)
        for number, (method, path, operation) in enumerate(asked):
            scope, keyed = declared[operation["operationId"]]
            expected = allowed(who, scope, keyed=keyed, writes=method != "get")
            answer = await world.client.request(
                method,
                f"{path}?reason=a+test&q=apple",
                json=WHY if method != "get" else None,
                headers=headers | once(f"key-{number:04}"),
            )
            turned_away = answer.status_code if answer.status_code in {401, 403} else None
            let_in |= {who} if turned_away is None else set()
            if turned_away != expected or answer.status_code >= 500:
                wrong.append((who, method, path, answer.status_code, expected))

    assert wrong == []
    assert let_in >= {"local", "foreign page", "key read", "key trade", "key admin"}


async def test_a_key_is_made_used_and_revoked_by_a_key(world: World) -> None:
    admin = {"authorization": await key(world, scopes=("admin",))}
    body = WHY | {"name": "ci", "scopes": ["read", "trade"], "expires_days": 30}
    made = await world.client.post("/api/v1/keys", json=body, headers=admin)
    token = {"authorization": f"Bearer {made.json()['token']}"}
    used = await world.client.post("/api/v1/trading/pause", json=WHY, headers=token | once())
    listed = (await world.client.get("/api/v1/keys", headers=admin)).json()["items"]
    revoked = await world.client.delete("/api/v1/keys/ci?reason=gone", headers=admin)
    after = await world.client.get("/api/v1/trading/status", headers=token)

    assert (made.status_code, used.status_code, revoked.status_code, after.status_code) == (201, 200, 200, 401)
    assert used.json()["changed_by"] == "ci"
    assert made.json()["token"].split("_")[2] not in str(listed)
    assert [(row["name"], row["scopes"]) for row in listed if row["name"] == "ci"] == [("ci", ["read", "trade"])]
    audited = await world.connection.fetch("SELECT action, actor, after FROM audit ORDER BY seq")
    assert [row["action"] for row in audited] == ["key.create", "trading.pause", "key.revoke"]
    assert made.json()["token"] not in str([dict(row) for row in audited])


async def test_a_key_that_makes_no_sense_is_refused(world: World) -> None:
    admin = {"authorization": await key(world, scopes=("admin",))}
    changes: tuple[dict[str, object], ...] = (
        {"name": "local"},
        {"name": "a b"},
        {"name": "test"},
        {"scopes": []},
        {"scopes": ["root"]},
        {"expires_days": 0},
    )
    for change in changes:
        body = WHY | {"name": "ci", "scopes": ["read"]} | change

        answer = await world.client.post("/api/v1/keys", json=body, headers=admin)

        assert answer.status_code in {400, 409}, change
    assert await world.connection.fetchval("SELECT count(*) FROM api_keys") == 1


async def test_a_secret_is_not_kept_for_a_repeat(world: World) -> None:
    admin = {"authorization": await key(world, scopes=("admin",))}
    body = WHY | {"name": "ci", "scopes": ["read"]}

    answer = await world.client.post("/api/v1/keys", json=body, headers=admin | once())

    assert answer.status_code == 400
    assert await world.connection.fetchval("SELECT count(*) FROM idempotency_keys") == 0
