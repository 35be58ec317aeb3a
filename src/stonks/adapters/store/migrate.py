"""Forward-only migrations from the package, each recorded with its hash."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import NamedTuple

from stonks.adapters.store.connection import Connection, connect
from stonks.adapters.store.translation import connecting, translated
from stonks.model.errors import Refused

_LOCK = 0x5706E5
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name        text PRIMARY KEY,
    sha256      text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
)
"""


class Migration(NamedTuple):
    """One step of the schema."""

    name: str
    sql: str
    sha256: str


def migrations() -> list[Migration]:
    """Return every migration of this version, in order."""
    folder = files("stonks.adapters.store").joinpath("migrations")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    texts = [(file.name.removesuffix(".sql"), file.read_text()) for file in found]
    return [Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest()) for name, sql in texts]


async def pending(url: str) -> list[str]:
    """Return the names of migrations that this database does not have yet, oldest first."""
    async with _connected(url) as connection:
        known = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
        done = {row[0] for row in await connection.fetch("SELECT name FROM schema_migrations")} if known else set()
    return [step.name for step in migrations() if step.name not in done]


async def migrate(url: str) -> list[str]:
    """Bring a database to this version's schema and return the names of the steps that were taken.

    Raises:
        Refused: a step that was applied earlier has been changed since.
        SettingError: the URL is wrong.
        Unreachable: no server answers there, or it ceased to.
    """
    async with _connected(url) as connection:
        await connection.execute("SET lock_timeout = '30s'")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        return [step.name for step in migrations() if await _apply(connection, step)]


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    with connecting():
        connection = await connect(url)
    try:
        with translated("migrate", lambda: not connection.is_closed()):
            yield connection
    finally:
        await connection.close()


async def _apply(connection: Connection, step: Migration) -> bool:
    applied = await connection.fetchval("SELECT sha256 FROM schema_migrations WHERE name = $1", step.name)
    if applied == step.sha256:
        return False
    if applied is not None:
        raise Refused(f"migration {step.name} was changed after it was applied to this database")
    async with connection.transaction():
        await connection.execute(step.sql)
        await connection.execute("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", step.name, step.sha256)
    return True
