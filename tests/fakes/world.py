"""A seeded world behind the real application: PostgreSQL, Valkey and objects are real, only the wire is left out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from stonks.adapters.objects import open_objects
from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.api.server import create_app
from stonks.ports.bundle import Ports
from stonks.supervisor import Supervisor
from tests.fakes.ports import some_ports
from tests.fakes.seed import NOW, Seeded, sow
from tests.fakes.seed.operations import sow_queue


class Standing:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


@dataclass
class World:
    """What a test of the API may use; the database is its own."""

    ports: Ports
    app: Litestar
    seeded: Seeded
    connection: asyncpg.Connection
    client: httpx.AsyncClient
    database_url: str

    async def get(self, path: str, **parameters: str | int | bool) -> Any:  # noqa: ANN401 - JSON
        """Return what a path answers with 200."""
        answer = await self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class Field:
    """A seeded database to copy, with its objects."""

    database: str
    objects_url: str
    seeded: Seeded


def client_of(app: Litestar, peer: str = "127.0.0.1", name: str = "localhost") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 50000))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=f"http://{name}")


@asynccontextmanager
async def opened(database_url: str, redis_url: str, objects_url: str) -> AsyncIterator[Ports]:
    async with AsyncExitStack() as stack:
        yield some_ports(
            store=await stack.enter_async_context(open_store(database_url)),
            queue=await stack.enter_async_context(open_queue(redis_url)),
            objects=open_objects(objects_url),
            clock=Standing(),
        )


@pytest_asyncio.fixture
async def ports(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Ports]:
    """Ports over an empty database."""
    async with opened(database_url, redis_url, f"file://{tmp_path / 'objects'}") as ports:
        yield ports


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def field(
    servers: Supervisor, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Field]:
    """Eight companies and their newest documents, with all that came of them; sown once, copied for each test."""
    name = f"sown_{uuid4().hex}"
    objects_url = f"file://{tmp_path_factory.mktemp('objects')}"
    assert servers.database_url is not None
    maintenance = await asyncpg.connect(servers.database_url.replace(f"/{template_database}?", "/postgres?"))
    await maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
    connection = await asyncpg.connect(servers.database_url.replace(f"/{template_database}?", f"/{name}?"))
    seeded = await sow(connection, open_objects(objects_url), companies=8, documents=150)
    await connection.close()
    yield Field(name, objects_url, seeded)
    await maintenance.close()


@pytest_asyncio.fixture
async def world(field: Field, servers: Supervisor, template_database: str, redis_url: str) -> AsyncIterator[World]:
    """The seeded world, this test's alone."""
    assert servers.database_url is not None
    name = f"world_{uuid4().hex}"
    url = servers.database_url.replace(f"/{template_database}?", f"/{name}?")
    maintenance = await asyncpg.connect(servers.database_url.replace(f"/{template_database}?", "/postgres?"))
    await maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {field.database} STRATEGY file_copy")
    async with opened(url, redis_url, field.objects_url) as ports:
        await sow_queue(ports.queue)
        connection = await asyncpg.connect(url)
        app = create_app(ports)
        async with client_of(app) as client:
            yield World(ports, app, field.seeded, connection, client, url)
        await connection.close()
    await maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await maintenance.close()
