"""Rows collected table by table, and the ids that a test may ask for."""

import csv
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.resources import files
from typing import Any
from uuid import UUID

import asyncpg

from stonks.model.identity import content_hash
from stonks.ports.objects import Objects

NOW = datetime(2025, 4, 30, 20, 10, tzinfo=UTC)


ACCOUNT = "paper"


VERSION = "rules-1"


TAPE = files("stonks").joinpath("tapes").joinpath("april-2025")


@dataclass
class Seeded:
    """What a test may ask for by name."""

    documents: list[UUID] = field(default_factory=list)
    events: list[UUID] = field(default_factory=list)
    signals: list[UUID] = field(default_factory=list)
    trends: list[UUID] = field(default_factory=list)
    recommendations: list[UUID] = field(default_factory=list)
    acted: list[UUID] = field(default_factory=list)
    skipped: list[UUID] = field(default_factory=list)
    entries: list[UUID] = field(default_factory=list)
    stops: list[UUID] = field(default_factory=list)
    requests: list[UUID] = field(default_factory=list)


class Sower:
    """Collects rows table by table and writes them in one transaction."""

    def __init__(self, companies: int, documents: int) -> None:
        self.random = random.Random(20250430)
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.objects: dict[str, bytes] = {}
        self.seeded = Seeded()
        with TAPE.joinpath("companies.csv").open() as file:
            self.companies = list(csv.DictReader(file))[:companies]
        self.tickers = [row["ticker"] for row in self.companies]
        self.closes: dict[str, dict[date, Decimal]] = defaultdict(dict)
        lines = TAPE.joinpath("documents.jsonl").read_text().splitlines()
        wanted = [json.loads(line) for line in lines]
        concerned = [d for d in wanted if d["kind"] == "macro_event" or set(d["tickers"]) & set(self.tickers)]
        self.feed = [d for d in concerned if instant(d["known_at"]) < NOW][-documents:]
        self.by_ticker: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **row: Any) -> None:  # noqa: ANN401 - a column's value
        self.rows[table].append(row)

    def keep(self, kind: str, data: bytes) -> str:
        sha256 = content_hash(data)
        self.objects[f"{kind}/sha256/{sha256[:2]}/{sha256[2:]}"] = data
        return sha256

    async def write(self, connection: asyncpg.Connection, objects: Objects) -> None:
        for key, data in self.objects.items():
            await objects.put(key, data)
        async with connection.transaction():
            for table, names, rows in self._alike():
                columns = ", ".join(f'"{name}"' for name in names)
                places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
                statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - our own names
                await connection.executemany(statement, [[row[name] for name in names] for row in rows])

    def _alike(self) -> list[tuple[str, list[str], list[dict[str, Any]]]]:
        """The rows of each table, those with the same columns together."""
        alike: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
        for table, rows in self.rows.items():
            for row in rows:
                alike[table, tuple(row)].append(row)
        return [(table, list(names), rows) for (table, names), rows in alike.items()]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)
