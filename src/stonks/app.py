"""The composition root: settings in, open ports and the pipeline out. Nothing else imports stages and adapters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry

from stonks.model.document import DocumentType
from stonks.model.errors import Refused, SettingError
from stonks.model.tape import Tape
from stonks.ports.bundle import Ports
from stonks.ports.clock import Clock
from stonks.ports.sources import Fetched, Keep
from stonks.ports.stage import Stage
from stonks.ports.store import Store
from stonks.replay.clock import ClockRow, ReplayClock
from stonks.replay.outage import sat_out
from stonks.runtime.telemetry import Telemetry
from stonks.settings import Settings
from stonks.supervisor import Supervisor

if TYPE_CHECKING:
    from stonks.adapters.sources.live import Surroundings
    from stonks.stages.parser.files import FileReader
    from stonks.stages.scheduler.desk import SourceDesk
    from stonks.stages.scheduler.universe import Roster

T = TypeVar("T")

LIVE = "live:"
"""The URL of sources that are the real world."""

_GLANCE = 0.1  # seconds between looks for a replay that another process is to start


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where PostgreSQL and Redis are, and which of them are our own children."""

    database_url: str
    redis_url: str
    embedded: tuple[str, ...] = ()
    migrated: tuple[str, ...] = ()
    """Steps of the schema that were taken now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Everything one process has open."""

    ports: Ports
    stages: tuple[Stage, ...]
    telemetry: Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class App(Running):
    """Everything one process has open, and the replay it takes part in."""

    clock: ReplayClock
    tape: Tape
    replay: ClockRow


def data_dir(settings: Settings) -> Path:
    """Return the directory of the embedded default, absolute."""
    return settings.data_dir.expanduser().absolute()


def log_to_file(settings: Settings) -> Path:
    """Send log lines to a file in the data directory, and return it.

    Raises:
        SettingError: there is no writing there.
    """
    from stonks.runtime.logs import configure_logs

    file = data_dir(settings) / "log" / "stonks.jsonl"
    try:
        configure_logs(settings.log_level, file)
    except OSError as error:
        raise SettingError("STONKS_DATA_DIR", f"{file} cannot be written: {error.strerror}") from error
    return file


def tape_of(settings: Settings) -> Tape:
    """Return the tape that the settings name, or the bundled one."""
    from stonks.adapters.sources import tape_directory
    from stonks.adapters.sources.tape import read_tape

    return read_tape(tape_directory(settings.sources_url))


def schema() -> tuple[str, ...]:
    """Return the names of this version's migrations, oldest first."""
    from stonks.adapters.store.migrate import migrations

    return tuple(step.name for step in migrations())


@asynccontextmanager
async def open_servers(settings: Settings, *, durable: bool = True, shared: bool = True) -> AsyncIterator[Servers]:
    """Find or start PostgreSQL and Redis, and bring the schema up to date.

    What has a URL is used; what another process runs on the same data directory is used where it may be shared; the
    rest is started and ends with the block. What is started not durable forgets in a power cut: for what can be done
    again. What is not shared holds the data directory, even where all servers have URLs.

    Raises:
        DirectoryInUse: another process holds the data directory, and it was not to be shared.
        Unreachable: a server that was started will not live; the block is cancelled first.
    """
    from stonks.adapters.store import migrate

    given = [url.get_secret_value() if url else None for url in (settings.database_url, settings.redis_url)]
    async with AsyncExitStack() as stack:
        running = Supervisor.running(data_dir(settings)) if shared and not all(given) else None
        started: tuple[str, ...] = ()
        if running is None and not (shared and all(given)):
            missing = {"postgres": given[0] is None, "valkey": given[1] is None}
            supervisor = Supervisor.start(data_dir(settings), **missing, durable=durable)
            running = await stack.enter_async_context(supervisor)
            await stack.enter_async_context(running.needed())
            started = tuple(running.pids)
        database_url = given[0] or str(running and running.database_url)
        yield Servers(
            database_url=database_url,
            redis_url=given[1] or str(running and running.redis_url),
            embedded=started,
            migrated=tuple(await _first_met(started, lambda: migrate(database_url))),
        )


async def _first_met(embedded: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T:
    """Return a server's first answer: our own will come back if they died meanwhile, others may not even exist."""
    return await (sat_out("start", ask) if embedded else ask())


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
    from stonks.stages import PIPELINE

    tape = tape_of(settings)
    async with AsyncExitStack() as stack:
        opening = partial(open_store, servers.database_url)
        store = await _first_met(servers.embedded, lambda: stack.enter_async_context(opening()))
        span = tape.manifest.span
        if not follows:
            await sat_out("start", lambda: _begin(store, tape, starts_at or span.start, ends_at or span.end))
        replay = await sat_out("start", lambda: _begun(store, tape))
        clock = ReplayClock(store, replay, alone=alone)
        ports = await _open_ports(stack, settings, settings.sources_url, servers, Ground(store, clock))
        telemetry = Telemetry(CollectorRegistry())
        yield App(ports=ports, stages=PIPELINE, clock=clock, tape=tape, replay=replay, telemetry=telemetry)


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
    from stonks.stages import PIPELINE

    async with AsyncExitStack() as stack:
        opening = partial(open_store, servers.database_url)
        store = await _first_met(servers.embedded, lambda: stack.enter_async_context(opening()))
        ground = Ground(store, SystemClock())
        ports = await _open_ports(stack, settings, settings.sources_url, servers, ground)
        await sat_out("start", lambda: _begin_live(ports))
        yield Running(ports=ports, stages=PIPELINE, telemetry=Telemetry(CollectorRegistry()))


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
        yield await _open_ports(stack, settings, sources_url, servers, ground)


def open_desk(ports: Ports) -> "SourceDesk":
    """Return what people see of sources and may ask of them."""
    from stonks.stages.scheduler.desk import SourceDesk

    return SourceDesk(ports.store, ports.sources)


def open_roster(ports: Ports) -> "Roster":
    """Return the companies that a user follows."""
    from stonks.stages.scheduler.universe import Roster

    return Roster(ports.store)


@asynccontextmanager
async def open_reader(universe: Path | None = None, kind: DocumentType | None = None) -> AsyncIterator["FileReader"]:
    """Give what reads files as documents, in as many children as there are cores; nothing else is opened.

    Args:
        universe: a CSV file of the companies to find; None: the S&P 500.
        kind: what the files are; None: what each says it is.

    Raises:
        Refused: the companies' file cannot be read, or is not what it should be.
    """
    from stonks.runtime.pool import ChildPool
    from stonks.stages.parser.files import FileReader
    from stonks.stages.scheduler.listing import read_listing, sp500

    try:
        listing = None if universe is None else await asyncio.to_thread(universe.read_text, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{universe} cannot be read: {error}") from error
    companies = sp500() if listing is None else read_listing(listing, str(universe))
    async with ChildPool.opened() as pool:
        yield FileReader(pool, companies, kind)


async def try_source(ports: Ports, servers: Servers, name: str) -> Fetched:
    """Return what one poll of a source would bring now; it is asked for real, and nothing of it is kept.

    Raises:
        Refused: there is no such source, or it refuses us.
        Transient: it does not answer, or asks to wait.
    """
    from stonks.adapters.sources import open_sources

    async def forget(key: str, data: bytes) -> None:
        """Keep nothing."""

    source = await open_desk(ports).source(name)
    if source.stopped is not None:
        raise Refused(f"{name} is stopped: {source.stopped}")
    sources = ports.sources
    async with AsyncExitStack() as stack:
        if source.adapter != "tape":
            surroundings = await _surroundings(stack, ports.settings, servers, ports.store, forget)
            sources = open_sources(LIVE, surroundings)
        return await sources.fetch(source, ports.clock.now())


class Ground(NamedTuple):
    """What the other ports stand on."""

    store: Store
    clock: Clock


async def _open_ports(
    stack: AsyncExitStack, settings: Settings, sources_url: str | None, servers: Servers, ground: Ground
) -> Ports:
    from stonks.adapters.alerts import open_alerts
    from stonks.adapters.broker import open_broker
    from stonks.adapters.calendar import open_calendar
    from stonks.adapters.lake import open_lake
    from stonks.adapters.objects import open_objects
    from stonks.adapters.queue import open_queue
    from stonks.adapters.sources import is_live, open_market, open_sources, tape_directory
    from stonks.runtime.pool import ChildPool

    store, clock = ground

    pool = await stack.enter_async_context(ChildPool.opened())
    opening = partial(open_queue, servers.redis_url)
    objects_url = settings.objects_url or f"file://{data_dir(settings) / 'objects'}"
    objects = open_objects(objects_url)
    world = LIVE if is_live(sources_url) else f"tape://{tape_directory(sources_url)}"
    surroundings = await _surroundings(stack, settings, servers, store, objects.put) if is_live(world) else None
    return Ports(
        settings=settings,
        clock=clock,
        store=store,
        queue=await _first_met(servers.embedded, lambda: stack.enter_async_context(opening())),
        objects=objects,
        sources=open_sources(world, surroundings),
        broker=open_broker(settings.broker_url, store, open_market(world, store), settings),
        calendar=open_calendar("xnys:" if surroundings else world),
        lake=open_lake(objects_url, pool),
        alerts=open_alerts(settings.alerts_url),
        pool=pool,
    )


async def _surroundings(
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
