"""Which PostgreSQL and Redis the settings mean, found or started, and where our own keep their files."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from stonks.model.errors import SettingError
from stonks.replay.outage import sat_out
from stonks.settings import Settings
from stonks.supervisor import Supervisor

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where PostgreSQL and Redis are, and which of them are our own children."""

    database_url: str
    redis_url: str
    embedded: tuple[str, ...] = ()
    migrated: tuple[str, ...] = ()
    """Steps of the schema that were taken now."""


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
            migrated=tuple(await first_met(started, lambda: migrate(database_url))),
        )


async def first_met(embedded: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T:
    """Return a server's first answer: our own will come back if they died meanwhile, others may not even exist."""
    return await (sat_out("start", ask) if embedded else ask())
