import re
from pathlib import Path

import asyncpg
import pytest

import stonks
from stonks.adapters.store.queries import Query, load_queries
from stonks.model.errors import Malformed

PACKAGE = Path(stonks.__file__).parent


@pytest.fixture
def referenced() -> set[str]:
    """Every string in the code that looks like the name of a query."""
    quoted = re.compile(r'"([a-z_]+\.[a-z_0-9]+)"')
    return {name for file in PACKAGE.rglob("*.py") for name in quoted.findall(file.read_text())}


async def test_every_query_is_understood_by_the_migrated_database(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    refused = {}
    try:
        for name, query in load_queries().items():
            try:
                await connection.prepare(query.sql)
            except asyncpg.PostgresError as error:
                refused[name] = str(error)
    finally:
        await connection.close()

    assert refused == {}


def test_no_query_is_unused(referenced: set[str]) -> None:
    assert sorted(load_queries().keys() - referenced) == []


def test_every_query_says_what_it_is_for() -> None:
    for file in (PACKAGE / "adapters/store/sql").glob("*.sql"):
        for head in re.findall(r"^-- name:.*\n(.*)\n", file.read_text(), re.MULTILINE):
            assert head.startswith("-- "), f"{file.name}: {head}"


def test_a_parameter_that_the_query_does_not_know_is_refused() -> None:
    query = Query("SELECT $1", ("id",))

    with pytest.raises(Malformed, match="typo"):
        query.arguments("noun.verb", {"typo": 1})
