"""The named queries: every statement this program sends, loaded from ``sql/<noun>.sql``."""

import logging
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import aiosql
from aiosql.adapters.asyncpg import AsyncPGAdapter

from stonks.model.errors import Malformed


class Query(NamedTuple):
    """A statement with numbered placeholders, and which parameter goes where."""

    sql: str
    parameters: tuple[str, ...]

    def arguments(self, name: str, given: dict[str, object]) -> list[object]:
        """Return the given parameters in the statement's order.

        Raises:
            Malformed: a parameter is missing or unknown.
        """
        if given.keys() != set(self.parameters):
            wrong = sorted(given.keys() ^ set(self.parameters))
            raise Malformed(f"{name}: parameters do not match: {', '.join(wrong)}")
        return [given[parameter] for parameter in self.parameters]


@cache
def load_queries() -> dict[str, Query]:
    """Return every query by its name, ``noun.verb``."""
    # Whether a query selects is said by the call, not by a sign behind its name: aiosql's hints do not apply.
    logging.getLogger("aiosql").setLevel(logging.ERROR)
    queries: dict[str, Query] = {}
    for file in sorted(files("stonks.adapters.store").joinpath("sql").iterdir(), key=lambda entry: entry.name):
        noun = file.name.removesuffix(".sql")
        if noun == file.name:
            continue
        adapter = AsyncPGAdapter()  # type: ignore[no-untyped-call] # aiosql has no annotations here
        loaded = aiosql.from_str(file.read_text(), lambda adapter=adapter: adapter, mandatory_parameters=False)
        for verb in loaded.available_queries:
            if not verb.endswith("_cursor"):
                function = getattr(loaded, verb)
                queries[f"{noun}.{verb}"] = Query(function.sql, tuple(adapter.var_sorted[verb]))
    return queries
