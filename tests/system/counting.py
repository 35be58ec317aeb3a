"""A broker stage as a process of its own that counts the account every minute of a session, to be killed."""

import asyncio
import sys
from datetime import timedelta

from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.ports.store import Store
from stonks.stages.broker.clerk import Clerk
from tests.fakes.floor import TODAY, three_stocks
from tests.fakes.market import FakeMarket
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork


async def count(database_url: str, redis_url: str) -> None:
    """Poll a minute later each time, and say so."""
    async with open_store(database_url) as store, open_queue(redis_url) as queue:
        clerk = clerk_on(store, queue)
        for minutes in range(1, 380):
            await clerk.poll(FakeWork[None](store, None, TODAY.opens_at + timedelta(minutes=minutes)))
            sys.stdout.write(f"{minutes}\n")
            sys.stdout.flush()


def clerk_on(store: Store, queue: object) -> Clerk:
    """Return the clerk of the built-in exchange on a floor's bars."""
    from stonks.adapters.broker import open_broker

    broker = open_broker("paper:", store, FakeMarket(three_stocks()), some_ports().settings)
    return Clerk(some_ports(store=store, broker=broker, queue=queue))


if __name__ == "__main__":
    asyncio.run(count(*sys.argv[1:]))
