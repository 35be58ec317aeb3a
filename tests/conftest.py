"""What every test may use: real servers, a migrated database of its own, recorded input, and a closed network."""

import ipaddress
import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from stonks.supervisor import Supervisor

if TYPE_CHECKING:
    from stonks.adapters.store.postgres import PostgresStore

# ------------------------------------------------------------------------------------------------ recorded input


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--recorded", metavar="DIR", help="folder of recorded inputs; tests marked recorded run only with it"
    )
    parser.addoption(
        "--operations", type=int, default=10_000, help="operations on the queue with which its laws are tested"
    )
    parser.addoption(
        "--external",
        action="store_true",
        help="run the tests on Debian's postgresql and redis-server, which must be there",
    )


def pytest_configure(config: pytest.Config) -> None:
    folder = config.getoption("--recorded")
    if folder is not None and not Path(folder).is_dir():
        raise pytest.UsageError(f"--recorded {folder}: no such folder")
    sys.addaudithook(refuse_outside_connections)
    keep_temporary_files_in_memory()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = {name for name in ("recorded", "external") if not config.getoption(f"--{name}")}
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in absent)]
    items[:] = sorted((item for item in items if item not in left_out), key=comes_late)
    config.hook.pytest_deselected(items=left_out)


def comes_late(item: pytest.Item) -> bool:
    """Whole systems take longest: begun first, they do not keep one worker busy when the others have nothing left."""
    return "system" not in item.path.parts


@pytest.fixture(scope="session")
def recorded(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("--recorded")).resolve()


# ------------------------------------------------------------------------------------------------ temporary files


def keep_temporary_files_in_memory() -> None:
    """Where there is room: copying a database takes 16 ms in memory and 160 ms on a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - pytest makes a private directory in it
    if memory.is_dir() and shutil.disk_usage(memory).free > 2**31:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # noqa: TID251 - pytest's own setting


# ------------------------------------------------------------------------------------------------ closed network


def refuse_outside_connections(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: only loopback and unix sockets are reached, and no name is looked up."""
    match event, arguments:
        case (("socket.connect" | "socket.sendto"), (_, (str() as host, *_))):
            refuse_unless_loopback(host)
        case "socket.getaddrinfo", (str() as host, *_):
            refuse_unless_loopback(host)


def refuse_unless_loopback(host: str) -> None:
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise RuntimeError(f"a test tried to reach {host}: tests talk to loopback and unix sockets only")


# ------------------------------------------------------------------------------------------------ servers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    """PostgreSQL and Valkey of this test process."""
    async with Supervisor.start(
        tmp_path_factory.mktemp("servers"), postgres=True, valkey=True, durable=False
    ) as servers:
        yield servers


@pytest_asyncio.fixture
async def redis_url(servers: Supervisor) -> str:
    """URL of an empty Valkey."""
    assert servers.redis_url is not None
    async with Redis.from_url(servers.redis_url) as client:
        await client.flushall()
    return servers.redis_url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template_database(servers: Supervisor) -> str:
    """Name of a migrated database that others are copied from."""
    from stonks.adapters.store import migrate

    assert servers.database_url is not None
    await migrate(servers.database_url)
    return "stonks"


@pytest.fixture(scope="session")
def database_numbers() -> "itertools.count[int]":
    return itertools.count()


@pytest_asyncio.fixture
async def database_url(
    servers: Supervisor, template_database: str, database_numbers: "itertools.count[int]"
) -> AsyncIterator[str]:
    """URL of a migrated, empty database that no other test sees."""
    assert servers.database_url is not None
    name = f"test_{next(database_numbers)}"
    maintenance = servers.database_url.replace(f"/{template_database}?", "/postgres?")
    connection = await asyncpg.connect(maintenance)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
        yield servers.database_url.replace(f"/{template_database}?", f"/{name}?")
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def store(database_url: str) -> "AsyncIterator[PostgresStore]":
    """A store on an empty database of its own."""
    from stonks.adapters.store import open_store

    async with open_store(database_url) as store:
        yield store
