"""A worker process that takes a job and never ends: to be killed."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.ports.stage import Work
from stonks.runtime.clock import SystemClock
from stonks.runtime.pipeline import run_stages
from stonks.settings import Settings
from tests.fakes.ports import some_ports
from tests.runtime.conftest import a_stage


async def hang(work: Work[Any]) -> None:
    async with work.commit():
        sys.stderr.write(f"{work.job.key}\n")
        sys.stderr.flush()
        await asyncio.sleep(3600)


async def main(database_url: str, redis_url: str) -> None:
    settings = Settings.model_construct(lease=timedelta(milliseconds=400))
    async with open_store(database_url) as store, open_queue(redis_url) as queue:
        ports = some_ports(store=store, queue=queue, clock=SystemClock(), settings=settings)
        await run_stages([a_stage(hang, "parsing")], ports, None, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
