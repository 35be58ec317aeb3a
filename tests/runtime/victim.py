"""A worker process that a test starts, to be killed or to be told to stop; it logs JSON lines to standard error."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
import typer

from stonks.adapters.queue import open_queue
from stonks.adapters.store import open_store
from stonks.cli.session import run, stop_on_signal
from stonks.ports.stage import Stage, Work
from stonks.runtime.clock import SystemClock
from stonks.runtime.logs import configure_logs
from stonks.runtime.pipeline import run_stages
from stonks.settings import Settings
from tests.fakes.ports import some_ports
from tests.runtime.conftest import SHORT, a_stage, effect

BLOCKED = 6.0  # seconds
DEADLINE = timedelta(seconds=3)
LEASES = {"block": timedelta(seconds=1)}
"""Of roles in which a lease has to be kept while the machine may be busy."""
POISON = "00000000-0000-0000-0000-000000000666"
LONG = "00000000-0000-0000-0000-000000000007"
_log = structlog.get_logger()


async def leave_a_mark(work: Work[Any]) -> None:
    async with work.commit() as commit:
        await effect(commit, work.job.subject)


async def hang(work: Work[Any]) -> None:
    async with work.commit():
        _log.info("started", job=work.job.key)
        await asyncio.sleep(3600)


async def die_of_poison(work: Work[Any]) -> None:
    if work.job.subject == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    await asyncio.sleep(0.02)
    await leave_a_mark(work)


async def take_a_while(work: Work[Any]) -> None:
    await asyncio.sleep(0.3)
    await leave_a_mark(work)


async def block(work: Work[Any]) -> None:
    _log.info("started", job=work.job.key)
    time.sleep(BLOCKED)
    async with work.commit() as commit:
        await effect(commit, "late")


async def take_long_or_not(work: Work[Any]) -> None:
    _log.info("started", job=work.job.key)
    await asyncio.sleep(3600 if work.job.subject == LONG else 0.3)
    await leave_a_mark(work)


ROLES: dict[str, Callable[[], Sequence[Stage]]] = {
    "hang": lambda: [a_stage(hang, "parsing")],
    "poison": lambda: [a_stage(die_of_poison, "parsing", concurrency=8)],
    "two stages": lambda: [
        replace(a_stage(take_a_while, "parsing"), name="slow"),
        replace(a_stage(die_of_poison, "extraction"), name="deadly"),
    ],
    "block": lambda: [a_stage(block, "parsing", deadline=DEADLINE)],
    "take long": lambda: [a_stage(take_long_or_not, "parsing")],
}


async def main(role: str, database_url: str, redis_url: str, grace: str) -> None:
    configure_logs("info")
    stop = stop_on_signal()
    settings = Settings.model_construct(lease=LEASES.get(role, SHORT))
    async with open_store(database_url) as store, open_queue(redis_url) as queue:
        ports = some_ports(store=store, queue=queue, clock=SystemClock(), settings=settings)
        await run_stages(ROLES[role](), ports, None, stop, grace=timedelta(seconds=float(grace)))


if __name__ == "__main__":
    try:
        run(main(*sys.argv[1:]))
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
