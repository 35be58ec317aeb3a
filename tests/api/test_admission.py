"""Who may read."""

import hashlib

import pytest
from litestar import get

from stonks.api.admission import declared_scope
from stonks.api.probes import hardened
from stonks.model.principal import Scope
from tests.fakes.seed import NOW
from tests.fakes.world import World, client_of

SECRET = "x" * 43


async def key(world: World, ident: str = "k1", *, scopes: tuple[str, ...] = ("read",), **columns: object) -> str:
    """Store a key and return how a client sends it."""
    await world.connection.execute(
        """INSERT INTO api_keys (id, name, secret_hash, scopes, created_at, expires_at, revoked_at)
           VALUES ($1, 'test', $2, $3, $4, $5, $6)""",
        ident,
        hashlib.sha256(SECRET.encode()).hexdigest(),
        scopes,
        NOW,
        columns.get("expires_at"),
        columns.get("revoked_at"),
    )
    return f"Bearer stk_{ident}_{SECRET}"


async def test_this_machine_reads_under_a_local_name(world: World) -> None:
    for name in ("localhost", "localhost:8787", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST"):
        answer = await world.client.get("/api/v1/ui-config", headers={"host": name})

        assert answer.status_code == 200, name


@pytest.mark.parametrize("path", ["/api/v1/ui-config", "/", "/api/v1/openapi.json", "/metrics"])
async def test_a_page_that_points_its_name_at_us_reads_nothing(world: World, path: str) -> None:
    for name in ("evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.evil.example", "[::1"):
        answer = await world.client.get(path, headers={"host": name, "accept": "text/html"})

        assert answer.status_code == 400, name
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_machine_needs_a_key_whatever_name_it_uses(world: World) -> None:
    async with client_of(world.app, peer="192.0.2.7") as client:
        without = await client.get("/api/v1/ui-config")
        with_key = await client.get("/api/v1/ui-config", headers={"authorization": await key(world)})

    assert (without.status_code, with_key.status_code) == (401, 200)
    assert without.headers["www-authenticate"] == "Bearer"


async def test_a_key_that_is_not_good_opens_nothing_even_from_here(world: World) -> None:
    await key(world)
    expired = await key(world, "k2", expires_at=NOW)
    revoked = await key(world, "k3", revoked_at=NOW)
    wrong = f"Bearer stk_k1_{'y' * 43}"

    for header in (expired, revoked, wrong, "Bearer stk_none_x", "Bearer nonsense", "Basic eDp5"):
        answer = await world.client.get("/api/v1/ui-config", headers={"authorization": header})
        assert answer.status_code == 401, header


async def test_a_key_without_the_scope_is_told_which_one(world: World) -> None:
    answer = await world.client.get(
        "/api/v1/ui-config", headers={"authorization": await key(world, scopes=("lake:sql",))}
    )

    assert answer.status_code == 403
    assert "scope read" in answer.json()["detail"]


async def test_probes_are_open(world: World) -> None:
    async with client_of(world.app, peer="192.0.2.7", name="10.0.0.3") as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/metrics")).status_code == 401


async def test_every_route_says_who_may_ask(world: World) -> None:
    handlers = [handler for route in world.app.routes for handler in route.route_handlers]  # type: ignore[union-attr]

    silent = {str(handler) for handler in handlers if declared_scope(handler) is None and not handler.opt.get("open")}
    assert silent == set()
    assert {declared_scope(handler) for handler in handlers} - {None} <= set(Scope)


async def test_a_route_that_says_nothing_is_nobodys(world: World) -> None:
    @get("/undeclared")
    async def undeclared() -> str:
        return "secret"

    app = hardened([undeclared], {"ports": world.ports}, None)
    async with client_of(app) as client:
        answer = await client.get("/undeclared", headers={"authorization": await key(world, scopes=tuple(Scope))})

    assert answer.status_code == 403
    assert "secret" not in answer.text
