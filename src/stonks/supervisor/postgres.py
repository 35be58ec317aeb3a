"""PostgreSQL as a child: made once, reached through a unix socket only."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from stonks.model.errors import Refused
from stonks.supervisor.binaries import postgres_program
from stonks.supervisor.child import Child
from stonks.supervisor.directory import stop_leftovers
from stonks.supervisor.identity import Identity

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


async def start_postgres(
    directory: Path, run: Path, log: Path, identity: Identity, *, durable: bool
) -> tuple[Child, str]:
    """Start PostgreSQL on a directory, making its cluster and database first if missing, and wait until it answers.

    Returns:
        The process, and the URL of the database `stonks`.

    Raises:
        Refused: the cluster could not be made.
        Unreachable: the server ended instead of answering.
    """
    cluster = directory / "postgres"
    if not cluster.exists():
        await _make_cluster(cluster, log, identity)
    stop_leftovers(cluster, "postgres", signal.SIGINT)
    # Ours is the only lock that counts: the number in this one may by now be any process.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    argv = [str(postgres_program("postgres")), "-D", str(cluster), "-k", str(run), "-c", "listen_addresses="]
    for setting in ("max_connections=200", *(() if durable else _FORGETFUL)):
        argv += ["-c", setting]
    child = await Child.spawn("PostgreSQL", argv, log, signal.SIGINT, identity)
    try:
        await child.until(lambda: _answers(run))
    except BaseException:
        await child.stop()
        raise
    return child, postgres_url(run)


async def _make_cluster(cluster: Path, log: Path, identity: Identity) -> None:
    """Make the cluster beside its place and move it there whole, so that an interrupted start leaves no half of one."""
    draft = cluster.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    await _run(str(postgres_program("initdb")), "-D", str(draft), *_INITDB, log=log, identity=identity)
    draft.rename(cluster)


async def _run(*argv: str, log: Path, identity: Identity) -> None:
    child = await Child.spawn("initdb", list(argv), log, signal.SIGTERM, identity)
    if await child.exit_code() != 0:
        raise Refused(child.obituary())


async def _answers(run: Path) -> bool:
    """Whether a query is answered; the first answer also makes the database."""
    import asyncpg

    try:
        connection = await asyncpg.connect(postgres_url(run, "postgres"))
    except (TimeoutError, OSError, asyncpg.CannotConnectNowError):
        return False
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", USER):
            await connection.execute(f"CREATE DATABASE {USER}")
    finally:
        await connection.close()
    return True


def postgres_url(run: Path, database: str = USER) -> str:
    """Return the URL of a database of the server whose socket is in this directory."""
    return f"postgresql://{USER}@/{database}?host={quote(str(run))}"
