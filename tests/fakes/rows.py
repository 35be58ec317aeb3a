"""Rows that other stages would have written, put straight into the database of a test."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import msgspec

from stonks.model.company import CompanyEdge
from stonks.model.market import Bar
from stonks.model.signal import WeightedSignal


class Row(Protocol):
    """What ``insert`` takes: a Struct whose fields are columns."""

    __struct_fields__: tuple[str, ...]


class Database:
    """A test's own database, to put rows into and to look at."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def insert(self, table: str, *rows: dict[str, Any]) -> None:
        """Insert rows given by column; what is None or absent is the column's default."""
        for row in rows:
            given = {name: value for name, value in row.items() if value is not None}
            places = ", ".join(f"${number}" for number in range(1, len(given) + 1))
            statement = f"INSERT INTO {table} ({', '.join(given)}) VALUES ({places})"  # noqa: S608 - a test's own words
            await self._connection.execute(statement, *given.values())

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        """Return what a statement selects."""
        return [dict(record) for record in await self._connection.fetch(statement, *arguments)]

    async def value(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - its type is the statement's
        """Return the first column of the first row."""
        return await self._connection.fetchval(statement, *arguments)

    async def companies(self, *tickers: str) -> None:
        """Follow these companies."""
        await self.insert("companies", *({"ticker": ticker, "name": f"{ticker} Inc"} for ticker in tickers))

    async def signals(self, signals: Sequence[WeightedSignal]) -> None:
        """Keep these signals."""
        await self.insert("signals", *map(_columns, signals))

    async def bars(self, bars: Sequence[Bar]) -> None:
        """Keep these bars."""
        await self.insert("bars", *map(_columns, bars))

    async def edge(self, edge: CompanyEdge) -> None:
        """Keep this relation."""
        await self.insert("company_edges", _columns(edge) | {"known_at": edge.known_at or edge.valid_from})

    async def document(self, document: UUID, known_at: datetime, *, names: Sequence[str] = (), **columns: Any) -> None:  # noqa: ANN401
        """Keep a parsed document of the source "wire" that names these companies."""
        await self._connection.execute(
            "INSERT INTO sources (name, adapter, cadence, freshness_slo) "
            "VALUES ('wire', 'tape', interval '5 min', interval '15 min') ON CONFLICT DO NOTHING"
        )
        plain: dict[str, Any] = {
            "id": document,
            "source": "wire",
            "external_id": str(document),
            "revision": 1,
            "action": "created",
            "document_type": "news",
            "publisher": "The Wire",
            "title": "News",
            "known_at": known_at,
            "content_hash": "0",
            "raw_sha256": "0",
            "content_type": "text/plain",
            "status": "extracted",
            "status_at": known_at,
        }
        await self.insert("documents", plain | columns)
        for ticker in names:
            await self.insert("mentions", {"document_id": document, "ticker": ticker, "role": "primary", "spans": []})


def _columns(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Open a test's database beside the store under test."""
    connection = await asyncpg.connect(url)
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )
    try:
        yield Database(connection)
    finally:
        await connection.close()
