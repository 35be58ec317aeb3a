"""Serve the API over the seeded world: ``python -m tests.fakes.seed --live``."""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

from tests.fakes.seed import sow
from tests.fakes.seed.sower import ACCOUNT, NOW


class Standing:
    """A clock that stands still where the world does."""

    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def open_seeded(database_url: str | None, redis_url: str | None) -> AsyncIterator[Any]:
    """Ports over a freshly seeded world; servers that were not given are started in a temporary directory."""
    from stonks.adapters.objects import open_objects
    from stonks.adapters.queue import open_queue
    from stonks.adapters.store import migrate, open_store
    from stonks.supervisor import Supervisor
    from tests.fakes.ports import some_ports

    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = await stack.enter_async_context(
            Supervisor.start(
                directory / "servers", postgres=database_url is None, valkey=redis_url is None, durable=False
            )
        )
        database, redis = database_url or str(started.database_url), redis_url or str(started.redis_url)
        await migrate(database)
        objects = open_objects(f"file://{directory / 'objects'}")
        queue = await stack.enter_async_context(open_queue(redis))
        connection = await asyncpg.connect(database)
        await sow(connection, objects, queue)
        await connection.close()
        store = await stack.enter_async_context(open_store(database))
        yield some_ports(store=store, queue=queue, objects=objects, clock=Standing()), database


async def tick(database: str) -> None:
    """Let the world move: the clock, the equity, and now and then an order."""
    connection = await asyncpg.connect(database)
    orders: Iterable[asyncpg.Record] = await connection.fetch("SELECT id FROM orders WHERE status = 'accepted'")
    waiting = [row["id"] for row in orders]
    for number in range(10_000_000):
        now = NOW + timedelta(minutes=number)
        await connection.execute("UPDATE replay_clock SET now = $1", now)
        if number % 20 == 0:
            equity = Decimal(100_000) + Decimal(number % 900)
            await connection.execute(
                "INSERT INTO portfolio_snapshots VALUES ($1, $2, $3, 40000, 40000, $4, 101000)",
                ACCOUNT,
                now,
                equity - 40000,
                equity,
            )
        if number % 50 == 49 and waiting:
            await connection.execute(
                "UPDATE orders SET status = 'canceled', updated_at = $2 WHERE id = $1", waiting.pop(), now
            )
        await asyncio.sleep(0.25)


def announce(url: str) -> None:
    """Say where the API is."""
    print(f"serving {url}", flush=True)  # noqa: T201 - a script says where it serves


async def main() -> None:
    """Serve the API over the seeded world until interrupted."""
    from stonks.api.server import create_app, serve
    from stonks.runtime.logs import configure_logs

    configure_logs("warning")

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8787)
    parser.add_argument("--database-url", help="an empty database; without it one is started")
    parser.add_argument("--redis-url", help="an empty Valkey; without it one is started")
    parser.add_argument("--live", action="store_true", help="let the clock, the equity and orders move")
    chosen = parser.parse_args()
    async with open_seeded(chosen.database_url, chosen.redis_url) as (ports, database), asyncio.TaskGroup() as group:
        if chosen.live:
            group.create_task(tick(database))
        group.create_task(serve(create_app(ports), "127.0.0.1", chosen.port, announce))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
