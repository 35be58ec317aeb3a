"""Whether two runs came to the same: every table row by row, and every file that was written."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from benchmarks.chaos.sight import Sight

NAMED = (
    "documents signals trend_history recommendations trading_decisions "
    "orders order_events fills portfolio_snapshots alerts"
).split()
"""The tables that are told one by one; of the others only the number is."""

_APART = {
    "changes": "what the live stream tells; it is unlogged and a crash empties it",
    "schema_migrations": "when the schema was made",
    "poll_turns": "when a stage looked last, the reconciler among them by the wall's clock",
}
_WALL = {
    "companies": ["created_at"],
    "policy_versions": ["created_at"],
    "recon_runs": ["looks"],
    "documents": ["created_at"],
    "jobs": ["seq", "created_at", "done_at"],
    "exchange_orders": ["seq"],
    "exchange_executions": ["seq"],
    "exchange_adjustments": ["seq"],
}
"""Columns with the wall's time, or with a number that only counts attempts."""
_INSIDE = {"jobs": ["payload", "traceparent"]}
"""What changes inside a column: an id of this run's own."""
_SHOWN = 600  # characters of a row
_KEYS = {
    "exchange_executions": "execution_id",
    "exchange_adjustments": "concat_ws(' ', account, ticker, ex_date, kind)",
}
NATURAL = {
    "documents": "source, external_id, revision",
    "signals": "ticker, layer, source, document_id, origin_id, event_type",
    "trend_history": "ticker, window_name, as_of",
    "recommendations": "trend_id",
    "trading_decisions": "account, recommendation_id",
    "orders": "account, decision_id, leg, attempt",
    "order_events": "order_id, kind, at, detail",
    "fills": "account, execution_id",
    "exchange_orders": "client_order_id",
    "exchange_executions": "client_order_id, at, quantity, price",
    "alerts": "kind, subject, text, raised_at",
    "lake_batches": "table_name, day",
}
"""What makes a row the same effect, whatever its id says."""


class Difference(NamedTuple):
    """What one run has of a table and the other has not."""

    table: str
    rows: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    changed: tuple[str, ...]
    twins: int

    @property
    def duplicated(self) -> int:
        """Rows that nothing in the undisturbed run corresponds to, and effects that stand there twice."""
        return len(self.extra) + self.twins


class Facts(NamedTuple):
    """All that a run has left: table to key to the row's hash, and how many effects stand twice."""

    tables: dict[str, dict[str, str]]
    twins: dict[str, int]


async def gather(sight: Sight, data: Path) -> Facts:
    """Read every table and every file of a run."""
    tables = {name: await _rows(sight, name, key) for name, key in (await _tables(sight)).items()}
    twins = {name: await _twins(sight, name, columns) for name, columns in NATURAL.items()}
    return Facts(tables | {"files": _files(data / "objects")}, twins)


def compare(peace: Facts, storm: Facts) -> list[Difference]:
    """Return one line a table, whether or not it differs."""
    return [_compared(name, peace, storm) for name in sorted(peace.tables)]


def _compared(name: str, peace: Facts, storm: Facts) -> Difference:
    before, after = peace.tables[name], storm.tables[name]
    return Difference(
        table=name,
        rows=len(before),
        missing=tuple(sorted(before.keys() - after.keys())),
        extra=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(key for key in before.keys() & after.keys() if before[key] != after[key])),
        twins=max(0, storm.twins.get(name, 0) - peace.twins.get(name, 0)),
    )


async def show(sight: Sight, table: str, key: str) -> str:
    """Return a row as text, to be read beside the other run's."""
    expression = (await _tables(sight)).get(table)
    if expression is None:
        return key
    rows = await sight.sql(f"SELECT to_jsonb(t)::text AS row FROM {table} AS t WHERE {expression} = $1", key)  # noqa: S608
    return str(rows[0]["row"])[:_SHOWN] if rows else "(none)"


async def _tables(sight: Sight) -> dict[str, str]:
    """Return each table with the expression of its primary key."""
    rows = await sight.sql(
        """
        SELECT c.relname AS name,
               string_agg(format('t.%I::text', a.attname), ' || '' | '' || ' ORDER BY a.attnum) AS key
        FROM pg_class AS c
        JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        GROUP BY 1
        """
    )
    return {row["name"]: _KEYS.get(row["name"], row["key"]) for row in rows if row["name"] not in _APART}


async def _rows(sight: Sight, table: str, key: str) -> dict[str, str]:
    rows = await sight.sql(
        f"SELECT {key} AS key, md5(((to_jsonb(t) - $1::text[]) #- $2)::text) AS body FROM {table} AS t",  # noqa: S608
        _WALL.get(table, []),
        _INSIDE.get(table, []),
    )
    return {row["key"]: row["body"] for row in rows}


async def _twins(sight: Sight, table: str, columns: str) -> int:
    rows = await sight.sql(
        f"SELECT coalesce(sum(n - 1), 0)::int AS twins FROM (SELECT count(*) AS n FROM {table} GROUP BY {columns}) AS t"  # noqa: S608
    )
    return int(rows[0]["twins"])


def _files(objects: Path) -> dict[str, str]:
    return {
        str(path.relative_to(objects)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in objects.rglob("*")
        if path.is_file()
    }
