"""Settings and servers to open ports: here each URL chooses its implementation."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry

from stonks.app.agents import Keepers, open_agents
from stonks.app.broker import broker_on
from stonks.app.servers import Servers, data_dir, first_met, open_servers
from stonks.ports.bundle import Ports
from stonks.ports.clock import Clock
from stonks.ports.sources import Keep
from stonks.ports.stage import Stage
from stonks.ports.store import Store
from stonks.replay.clock import ClockRow, ReplayClock
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings

if TYPE_CHECKING:
    from stonks.adapters.sources.live import Surroundings

LIVE = "live:"
"""The URL of sources that are the real world."""

_IN_A_REPLAY = "log:"
"""Where a replay's alerts go: nobody is to be called about what happened long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Everything one process has open."""

    ports: Ports
    stages: tuple[Stage, ...]
    telemetry: Telemetry


class Ground(NamedTuple):
    """What the other ports stand on."""

    store: Store
    clock: Clock
    registry: CollectorRegistry | None = None
    """Where figures are kept, in a process that serves any."""


@asynccontextmanager
async def open_ports(settings: Settings, servers: Servers | None = None) -> AsyncIterator[Ports]:
    """Open every port to look at what is there: no replay is begun and no stage runs.

    Where no setting says otherwise, sources are those of the replay that the database holds, or live ones. Without
    servers that are open already, those of the settings are found or started.

    Raises:
        SettingError: a URL names no implementation.
        Unreachable: a server does not answer.
    """
    from stonks.adapters.store import open_store
    from stonks.runtime.clock import SystemClock

    async with AsyncExitStack() as stack:
        if servers is None:
            servers = await stack.enter_async_context(open_servers(settings))
        store = await stack.enter_async_context(open_store(servers.database_url))
        row = await store.row(ClockRow, "replay.clock")
        ground = Ground(store, ReplayClock(store, row) if row else SystemClock())
        sources_url = settings.sources_url or (None if row else LIVE)
        yield await ports_on(stack, settings, sources_url, servers, ground)


async def ports_on(
    stack: AsyncExitStack, settings: Settings, sources_url: str | None, servers: Servers, ground: Ground
) -> Ports:
    """Return every port, open for as long as the stack is.

    Raises:
        SettingError: a URL names no implementation.
    """
    from stonks.adapters.alerts import open_alerts
    from stonks.adapters.calendar import open_calendar
    from stonks.adapters.lake import open_lake
    from stonks.adapters.objects import open_objects
    from stonks.adapters.queue import open_queue
    from stonks.adapters.sources import is_live, open_market, open_sources, tape_directory
    from stonks.runtime.clock import SystemClock
    from stonks.runtime.pool import ChildPool

    store, clock, registry = ground

    pool = await stack.enter_async_context(ChildPool.opened())
    opening = partial(open_queue, servers.redis_url)
    objects_url = settings.objects_url or f"file://{data_dir(settings) / 'objects'}"
    objects = open_objects(objects_url)
    world = LIVE if is_live(sources_url) else f"tape://{tape_directory(sources_url)}"
    surroundings = await surroundings_of(stack, settings, servers, store, objects.put) if is_live(world) else None
    return Ports(
        settings=settings,
        clock=clock,
        store=store,
        queue=await first_met(servers.embedded, lambda: stack.enter_async_context(opening())),
        objects=objects,
        sources=open_sources(world, surroundings),
        broker=await broker_on(
            stack, settings, servers, store, open_market(world, store), replaying=surroundings is None
        ),
        calendar=open_calendar("xnys:" if surroundings else world),
        lake=open_lake(objects_url, pool),
        alerts=open_alerts(settings.alerts_url.get_secret_value() if isinstance(clock, SystemClock) else _IN_A_REPLAY),
        pool=pool,
        agents=await open_agents(stack, settings, servers, Keepers(store, objects, clock, pool, registry)),
    )


async def surroundings_of(
    stack: AsyncExitStack, settings: Settings, servers: Servers, store: Store, keep: Keep
) -> "Surroundings":
    """Return what live sources stand on; their time is always the wall's, and their budgets those of all processes."""
    from stonks.adapters.budget import open_budget
    from stonks.adapters.sources.live import Surroundings
    from stonks.adapters.sources.stored import StoredUniverse
    from stonks.runtime.clock import SystemClock

    budget = await stack.enter_async_context(open_budget(servers.redis_url))
    universe = StoredUniverse(store)
    return Surroundings(settings=settings, clock=SystemClock(), keep=keep, budget=budget, universe=universe)
