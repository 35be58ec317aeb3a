"""PostgreSQL as a child: made once, reached through a unix socket only."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from stonks.model.errors import Refused
from stonks.supervisor.binaries import postgres_program
from stonks.supervisor.child import Child, Program
from stonks.supervisor.directory import Place, stop_leftovers

USER = "stonks"
_INITDB = (
    f"--username={USER}",
    "--auth=trust",  # only the socket's owner gets as far as authentication
    "--no-sync",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
)
_FORGETFUL = ("fsync=off", "full_page_writes=off", "dynamic_shared_memory_type=mmap")
_PATIENCE = 5.0  # seconds for an answer; a server that recovers says so at once
_NO_ROOM = ("No space left on device", "Disk quota exceeded")


async def start_postgres(place: Place, *, durable: bool) -> Child:
    """Start PostgreSQL in a place, making its cluster and database first if missing, and wait until it answers.

    Raises:
        Refused: the cluster could not be made.
        Unreachable: the server ended instead of answering.
    """
    cluster, run = place.directory / "postgres", place.sockets()
    if not cluster.exists():
        await _make_cluster(cluster, place)
    await stop_leftovers(cluster, "postgres", signal.SIGINT)
    # Ours is the only lock that counts: the numbers in these may by now be any process.
    for lock in (cluster / "postmaster.pid", run / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)
    argv = [str(postgres_program("postgres")), "-D", str(cluster), "-k", str(run), "-c", "listen_addresses="]
    for setting in ("max_connections=200", *(() if durable else _FORGETFUL)):
        argv += ["-c", setting]
    program = Program(
        name="PostgreSQL", argv=tuple(argv), home=cluster, log=place.log("postgres"), stop_with=signal.SIGINT
    )
    child = await Child.spawn(program, place.identity)
    try:
        await child.until(lambda: _answers(run))
    except BaseException:
        await child.stop()
        raise
    return child


async def _make_cluster(cluster: Path, place: Place) -> None:
    """Make the cluster beside its place and move it there whole, so that an interrupted start leaves no half of one."""
    draft = cluster.with_name("postgres.new")
    # An initdb whose parent was killed removes its draft as it ends: it must not remove the next one's.
    await stop_leftovers(place.directory, "initdb", signal.SIGTERM)
    await stop_leftovers(draft, "postgres", signal.SIGTERM)
    if draft.exists():
        shutil.rmtree(draft)
    argv = (str(postgres_program("initdb")), "-D", str(draft), *_INITDB)
    log = place.log("postgres")
    program = Program(name="initdb", argv=argv, home=place.directory, log=log, stop_with=signal.SIGTERM)
    child = await Child.spawn(program, place.identity)
    try:
        failed = await child.exit_code() != 0
    except BaseException:
        await child.stop()
        raise
    if failed:
        raise Refused(_why_not(child, place.directory))
    draft.rename(cluster)


def _why_not(initdb: Child, directory: Path) -> str:
    if any(words in initdb.last_words() for words in _NO_ROOM):
        return f"{directory} has no room for a database (50 MB): free some, or choose another data directory"
    return initdb.obituary()


async def _answers(run: Path) -> bool:
    """Whether a query is answered; the first answer also makes the database."""
    import asyncpg

    not_yet = (
        OSError,
        asyncpg.InterfaceError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,  # it recovers, or it ends
    )
    try:
        connection = await asyncpg.connect(postgres_url(run, "postgres"), timeout=_PATIENCE, command_timeout=_PATIENCE)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", USER):
                await connection.execute(f"CREATE DATABASE {USER}")
        finally:
            await connection.close()
    except not_yet:
        return False
    return True


def postgres_url(run: Path, database: str = USER) -> str:
    """Return the URL of a database of the server whose socket is in this directory."""
    return f"postgresql://{USER}@/{database}?host={quote(str(run))}"
