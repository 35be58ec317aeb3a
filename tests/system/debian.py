"""PostgreSQL and Redis as Debian packages them, on sockets in a directory of a test."""

import asyncio
import os
import pwd
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.system.replaying import Urls

_SERVERS = Path("/usr/lib/postgresql")


@asynccontextmanager
async def debian_servers(directory: Path) -> AsyncIterator[Urls]:
    """Start both as the user that Debian has for them, and stop them at the end."""
    programs = max(_SERVERS.glob("*/bin"), key=lambda path: int(path.parent.name))
    _give_away(directory)
    data = str(directory / "pg")
    made = await _spawn(str(programs / "initdb"), "-D", data, "-U", "stonks", "--auth=trust", "--no-sync")
    assert await made.wait() == 0
    listen = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", str(directory))
    postgres = await _spawn(str(programs / "postgres"), "-D", data, *listen)
    try:
        async with debian_redis(directory) as redis_url:
            urls = Urls(f"postgresql://stonks@/postgres?host={directory}", redis_url)
            async with asyncio.timeout(30):
                while not await _serves_sql(urls.database):  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(0.1)
            yield urls
    finally:
        postgres.terminate()
        await postgres.wait()


@asynccontextmanager
async def debian_redis(directory: Path) -> AsyncIterator[str]:
    """Start redis-server alone, the same way, and give its URL."""
    _give_away(directory)
    socket = directory / "redis.sock"
    listen = ("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "777")
    redis = await _spawn("/usr/bin/redis-server", *listen, "--save", "")
    try:
        url = f"unix://{socket}?db=0"
        async with asyncio.timeout(30):
            while not await _pings(url):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.1)
        yield url
    finally:
        redis.terminate()
        await redis.wait()


def _give_away(directory: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)


async def _spawn(*command: str) -> Process:
    as_postgres = ("/usr/sbin/runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    return await asyncio.create_subprocess_exec(*as_postgres, *command, stdout=DEVNULL, stderr=DEVNULL, cwd="/")


async def _serves_sql(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url)
        await connection.close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True


async def _pings(url: str) -> bool:
    try:
        async with Redis.from_url(url) as client:
            return bool(await client.ping())
    except (OSError, RedisError):
        return False
