"""A month of a small world, written straight into the tables: for tests of what reads, and for the dashboard.

The prices, documents and companies are the bundled tape's; what was made of them here is invented, but hangs together
as the pipeline's would: every quote stands in its stored text, every decision has its gates, every position is the fold
of its fills. ``python -m tests.fakes.seed`` serves the API over it.
"""

import asyncpg
import msgspec

from stonks.ports.objects import Objects
from stonks.ports.queue import Queue
from tests.fakes.seed.conclusions import sow_trends
from tests.fakes.seed.operations import sow_operations, sow_queue
from tests.fakes.seed.readings import sow_competitive, sow_documents
from tests.fakes.seed.sower import NOW, Seeded, Sower
from tests.fakes.seed.trades import sow_account
from tests.fakes.seed.world import sow_companies, sow_prices, sow_sources

__all__ = ["NOW", "Seeded", "sow"]


async def sow(
    connection: asyncpg.Connection,
    objects: Objects,
    queue: Queue | None = None,
    *,
    companies: int = 20,
    documents: int = 400,
) -> Seeded:
    """Fill an empty database, its objects and its queue; the same arguments give the same rows."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )
    sower = Sower(companies, documents)
    sow_companies(sower)
    sow_prices(sower)
    sow_sources(sower)
    sow_documents(sower)
    sow_competitive(sower)
    sow_trends(sower)
    sow_account(sower)
    sow_operations(sower)
    await sower.write(connection, objects)
    if queue is not None:
        await sow_queue(queue)
    await connection.execute("ANALYZE")
    return sower.seeded
