"""The pipeline on live sources, in real time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from prometheus_client import CollectorRegistry

from stonks.app.ports import Ground, Running, ports_on
from stonks.app.servers import Servers, first_met
from stonks.model.errors import Refused
from stonks.ports.bundle import Ports
from stonks.replay.clock import ClockRow
from stonks.replay.outage import sat_out
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings


def means_live(settings: Settings) -> bool:
    """Return whether the settings ask for the real world instead of a tape."""
    from stonks.adapters.sources import is_live

    return is_live(settings.sources_url)


@asynccontextmanager
async def open_live(settings: Settings, servers: Servers) -> AsyncIterator[Running]:
    """Open every port on live sources in real time, and give the pipeline to run.

    Where no company is followed yet, those of the S&P 500 are.

    Raises:
        SettingError: a URL names no implementation, or a setting of a live source is wrong.
        Unreachable: a server does not answer.
        Refused: the database holds a replay.
    """
    from stonks.adapters.store import open_store
    from stonks.runtime.clock import SystemClock
    from stonks.stages import pipeline

    async with AsyncExitStack() as stack:
        opening = partial(open_store, servers.database_url)
        store = await first_met(servers.embedded, lambda: stack.enter_async_context(opening()))
        registry = CollectorRegistry()
        ground = Ground(store, SystemClock(), registry)
        ports = await ports_on(stack, settings, settings.sources_url, servers, ground)
        await sat_out("start", lambda: _begin_live(ports))
        yield Running(ports=ports, stages=pipeline(asks=ports.agents is not None), telemetry=Telemetry(registry))


async def _begin_live(ports: Ports) -> None:
    """Claim the database for real time, and follow the S&P 500 where no company is followed.

    Raises:
        Refused: it holds a replay.
    """
    from stonks.stages.scheduler.listing import sp500
    from stonks.stages.scheduler.universe import seed_companies

    row = await ports.store.row(ClockRow, "replay.clock")
    if row is not None:
        raise Refused(
            f"this database holds a replay of {row.tape}: give live mode a data directory of its own (--data)"
        )
    if not await ports.store.rows(str, "scheduler.tickers"):
        await seed_companies(ports.store, sp500(), (), ports.clock.now())
    async with ports.store.transaction() as transaction:
        await transaction.run("scheduler.seed_sources", sources=list(ports.sources.sources()))
