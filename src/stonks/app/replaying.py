"""The pipeline on a tape, in the virtual time of a replay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry

from stonks.app.ports import Ground, Running, ports_on
from stonks.app.servers import Servers, first_met
from stonks.model.errors import Refused
from stonks.model.tape import Tape
from stonks.ports.store import Store
from stonks.replay.clock import ClockRow, ReplayClock
from stonks.replay.outage import sat_out
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings

_GLANCE = 0.1  # seconds between looks for a replay that another process is to start


@dataclass(frozen=True, slots=True, kw_only=True)
class App(Running):
    """Everything one process has open, and the replay it takes part in."""

    clock: ReplayClock
    tape: Tape
    replay: ClockRow


def tape_of(settings: Settings) -> Tape:
    """Return the tape that the settings name, or the bundled one."""
    from stonks.adapters.sources import tape_directory
    from stonks.adapters.sources.tape import read_tape

    return read_tape(tape_directory(settings.sources_url))


@asynccontextmanager
async def open_app(
    settings: Settings,
    servers: Servers,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    follows: bool = False,
    alone: bool = True,
) -> AsyncIterator[App]:
    """Open every port and give the pipeline to run.

    Starts the replay's clock where there is none; one that follows waits until another process has started it. A
    process that is not alone has its clock followed by others.

    Raises:
        SettingError: a URL names no implementation.
        Unreachable: a server does not answer.
        Refused: the database holds another tape's replay, or what live sources brought.
    """
    from stonks.adapters.store import open_store
    from stonks.stages import pipeline

    tape = tape_of(settings)
    async with AsyncExitStack() as stack:
        opening = partial(open_store, servers.database_url)
        store = await first_met(servers.embedded, lambda: stack.enter_async_context(opening()))
        span = tape.manifest.span
        if not follows:
            await sat_out("start", lambda: _begin(store, tape, starts_at or span.start, ends_at or span.end))
        replay = await sat_out("start", lambda: _begun(store, tape))
        clock = ReplayClock(store, replay, alone=alone)
        registry = CollectorRegistry()
        ports = await ports_on(stack, settings, settings.sources_url, servers, Ground(store, clock, registry))
        telemetry = Telemetry(registry)
        yield App(
            ports=ports,
            stages=pipeline(asks=ports.agents is not None),
            clock=clock,
            tape=tape,
            replay=replay,
            telemetry=telemetry,
        )


async def _begin(store: Store, tape: Tape, starts_at: datetime, ends_at: datetime) -> None:
    from stonks.stages.scheduler.universe import seed_companies

    await _refuse_live(store)
    async with store.transaction() as transaction:
        await transaction.run("replay.begin", tape=tape.manifest.name, starts_at=starts_at, ends_at=ends_at)
    await seed_companies(store, tape.companies, tape.edges, starts_at)


async def _begun(store: Store, tape: Tape) -> ClockRow:
    """Return the replay's clock once somebody has started it."""
    while (row := await store.row(ClockRow, "replay.clock")) is None:  # another process starts it
        await _refuse_live(store)
        await asyncio.sleep(_GLANCE)
    name = tape.manifest.name
    if row.tape != name:
        raise Refused(f"this database holds a replay of {row.tape}: give {name} a data directory of its own")
    return row


async def _refuse_live(store: Store) -> None:
    """Raise Refused where the database holds what live sources brought: a replay's time would not be its own."""
    if await store.value("scheduler.lives"):
        raise Refused(
            "this database holds what live sources brought: run `stonks up --live` or set STONKS_SOURCES_URL=live:"
            " to go on, or give the replay a data directory of its own (--data)"
        )
