"""Servers that are killed, freeze, fall silent, fill up or go read-only, under load: nothing is lost or done twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from stonks.adapters.queue import open_queue
from stonks.adapters.store import migrate, open_store
from stonks.app import App
from stonks.model.errors import Unreachable
from stonks.model.job import DocumentJob, ExtractionJob, ParsingJob
from stonks.ports.stage import Work
from stonks.runtime.clock import SystemClock
from stonks.settings import Settings
from stonks.supervisor import Supervisor
from tests.fakes.line import Line
from tests.fakes.ports import some_ports
from tests.runtime.conftest import Rig, a_stage, documents, effect, reach
from tests.system.replaying import Span, Urls, empty_database, replayed

pytestmark = pytest.mark.asyncio(loop_scope="session")

JOBS = 300
PATIENCE = 1.0  # seconds that a client of these tests waits for an answer
LASTS = 1.4  # seconds that an outage lasts; longer than anybody waits


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fragile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    """Servers that no other test uses."""
    async with Supervisor.start(tmp_path_factory.mktemp("fragile"), postgres=True, valkey=True) as servers:
        yield servers


# An effect is a row of the ledger that nothing but a rollback keeps from being written twice. It is no open job.
NO_JOBS = """
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.done_at := now(); RETURN NEW; END $$;
CREATE TRIGGER note BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.queue = 'effects') EXECUTE FUNCTION note();
"""


@dataclass
class Site:
    """A pipeline at the end of two lines, and what an outage is made with."""

    servers: Supervisor
    rig: Rig
    lines: tuple[Line, Line]


@pytest_asyncio.fixture(loop_scope="session")
async def site(fragile: Supervisor) -> AsyncIterator[Site]:
    urls = Urls.of(fragile)
    database = await empty_database(urls, "outage")
    await migrate(database)
    async with AsyncExitStack() as stack:
        to_postgres = await stack.enter_async_context(Line.to(Path(socket_in(database), ".s.PGSQL.5432")))
        to_valkey = await stack.enter_async_context(Line.to(Path(unquote(urlsplit(urls.redis).path))))
        store = open_store(f"postgresql://stonks@127.0.0.1:{to_postgres.port}/outage", patience=PATIENCE)
        queue = open_queue(f"redis://127.0.0.1:{to_valkey.port}/0?socket_timeout={PATIENCE}")
        ports = some_ports(
            store=await stack.enter_async_context(store),
            queue=await stack.enter_async_context(queue),
            clock=SystemClock(),
            settings=Settings.model_construct(lease=timedelta(seconds=1), high_water=100_000),
        )
        pool = await stack.enter_async_context(asyncpg.create_pool(database, min_size=0, max_size=3))
        await pool.execute(NO_JOBS)
        server = await stack.enter_async_context(Redis.from_url(urls.redis))
        yield Site(fragile, Rig(ports, pool, server), (to_postgres, to_valkey))


def socket_in(database_url: str) -> str:
    return parse_qs(urlsplit(database_url).query)["host"][0]


# ------------------------------------------------------------------------------------------------ outages

Step = Callable[[Site], Awaitable[None]]


def kill(name: str) -> Step:
    async def step(site: Site) -> None:
        pid = site.servers.pids[name]
        os.kill(pid, signal.SIGKILL)
        while site.servers.pids[name] == pid:  # noqa: ASYNC110 - it comes back by itself
            await asyncio.sleep(0.02)

    return step


def freeze(name: str) -> Step:
    async def step(site: Site) -> None:
        processes = family(site.servers.pids[name])
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in processes:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if number == signal.SIGSTOP:
                await asyncio.sleep(LASTS)

    return step


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cut(place: int) -> Step:
    async def step(site: Site) -> None:
        site.lines[place].cut()
        await asyncio.sleep(LASTS)
        site.lines[place].mend()

    return step


async def make_postgres_read_only(site: Site) -> None:
    postgres = await asyncpg.connect(site.servers.database_url)
    for setting in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
        await postgres.execute("SET default_transaction_read_only = off")
        await postgres.execute(f"ALTER SYSTEM {setting}")
        await postgres.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(LASTS)
    await postgres.close()


async def make_valkey_a_replica(site: Site) -> None:
    await site.rig.server.replicaof("127.0.0.1", "1")
    await asyncio.sleep(LASTS)
    await site.rig.server.replicaof("NO", "ONE")


async def fill_postgres(site: Site) -> None:
    """Have it answer as it does on a full disk."""
    async with site.rig.database.acquire() as postgres:
        await postgres.execute(
            """CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RAISE 'could not extend file: no space left on device' USING ERRCODE = 'disk_full'; END $$"""
        )
        await postgres.execute("CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON jobs EXECUTE FUNCTION fill()")
        await asyncio.sleep(LASTS)
        await postgres.execute("DROP TRIGGER fill ON jobs")


async def fill_valkey(site: Site) -> None:
    await site.rig.server.config_set("maxmemory", 1)
    await asyncio.sleep(LASTS)
    await site.rig.server.config_set("maxmemory", 0)


# ------------------------------------------------------------------------------------------------ under load


# A commit whose answer is lost may have been one: what follows from it is pushed later, by the reconciler. Where that
# is likely only jobs are asked for from which nothing follows, as a test need not wait for it.
@pytest.mark.parametrize(
    ("job", "steps"),
    [
        pytest.param(ParsingJob, (kill("PostgreSQL"), kill("Valkey")), id="killed"),
        pytest.param(ExtractionJob, (freeze("PostgreSQL"), freeze("Valkey")), id="frozen"),
        pytest.param(ExtractionJob, (cut(0), cut(1)), id="cut off"),
        pytest.param(ParsingJob, (make_postgres_read_only, make_valkey_a_replica), id="read-only"),
        pytest.param(ParsingJob, (fill_postgres, fill_valkey), id="full"),
    ],
)
async def test_everything_asked_for_is_done_once_whatever_befalls_the_servers(
    site: Site, job: type[DocumentJob], steps: Sequence[Step]
) -> None:
    asked = documents(JOBS)
    await site.rig.ask(*(job(document_id=document) for document in asked))
    stages = (a_stage(hand_on, "parsing", concurrency=8), a_stage(leave_a_mark, "extraction", concurrency=8))

    async with site.rig.running(*stages), asyncio.timeout(60):
        await reach(lambda: some_done(site.rig))
        for step in steps:
            assert await left(site.rig) > 0
            await step(site)
        await reach(lambda: all_done(site.rig))

    assert await site.rig.effects() == sorted(map(str, asked))
    assert [depth.queue for depth in await site.rig.ports.queue.depths() if depth.dead] == []


async def hand_on(work: Work[Any]) -> None:
    await asyncio.sleep(0.02)
    async with work.commit() as commit:
        await commit.follow(ExtractionJob(document_id=work.job.document_id))


async def leave_a_mark(work: Work[Any]) -> None:
    await asyncio.sleep(0.02)
    async with work.commit() as commit:
        await effect(commit, work.job.subject)


async def some_done(rig: Rig) -> bool:
    return bool(await rig.effects())


async def left(rig: Rig) -> int:
    """How many jobs are open, once PostgreSQL can say so."""
    while True:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return await rig.open_jobs()
        await asyncio.sleep(0.02)


async def all_done(rig: Rig) -> bool:
    with suppress(Unreachable):
        return await left(rig) == 0 and await rig.all_done()
    return False


# ------------------------------------------------------------------------------------------------ in a replay

SPAN = Span(datetime(2025, 4, 17, 4, tzinfo=UTC), datetime(2025, 4, 17, 14, tzinfo=UTC))
"""From midnight in New York to half an hour after the open: UNH cut its guidance in between."""


async def test_a_replay_whose_servers_are_killed_decides_the_same(servers: Supervisor, tmp_path: Path) -> None:
    calm = await empty_database(Urls.of(servers), "calm")
    async with replayed(calm, str(servers.redis_url), tmp_path / "calm", span=SPAN) as (_, undisturbed):
        pass

    async with Supervisor.start(tmp_path / "servers", postgres=True, valkey=True, durable=False) as own:
        urls = Urls.of(own)
        harassed = Harassed(own)
        storm = replayed(urls.database, urls.redis, tmp_path / "storm", span=SPAN, change=harassed.begin)
        async with asyncio.timeout(100), storm as (_, summary):
            pass

    assert summary == undisturbed
    assert sum(summary.decisions.values()) > 0
    assert harassed.kills == 4


class Harassed:
    """Kills each of two servers twice from when a replay begins on."""

    def __init__(self, servers: Supervisor) -> None:
        self._servers = servers
        self._task: asyncio.Task[None] | None = None
        self.kills = 0

    def begin(self, app: App) -> App:
        self._task = asyncio.create_task(self._harass())
        return app

    async def _harass(self) -> None:
        for name in ("PostgreSQL", "Valkey") * 2:
            await asyncio.sleep(0.4)
            os.kill(self._servers.pids[name], signal.SIGKILL)
            self.kills += 1
