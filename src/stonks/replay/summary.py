"""What a replay came to, and the digest by which two runs are compared."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from stonks.model.errors import Refused
from stonks.ports.store import Reader, Store
from stonks.replay.clock import ClockRow
from stonks.replay.evaluation.sharpe import plain_ratio


class Count(msgspec.Struct, frozen=True):
    """How many rows carry a name."""

    name: str
    count: int


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as it enters the digest."""

    id: UUID
    ticker: str
    window: str
    action: str
    verdict: str
    primary_reason: str | None
    quantity: str
    checks: list[dict[str, Any]]
    decided_at: datetime


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a finished replay; equity in US dollars."""

    tape: str
    starts_at: datetime
    ends_at: datetime
    documents: dict[str, int]
    signals: dict[str, int]
    trends: dict[str, int]
    recommendations: dict[str, int]
    suppressions: dict[str, int]
    decisions: dict[str, int]
    orders: dict[str, int]
    fills: int
    equity: Decimal | None
    dead_letters: int
    digest: str


_COUNTS = {
    "documents": "replay.documents_by_end",
    "signals": "replay.signals_by_layer",
    "trends": "replay.trends_by_window",
    "recommendations": "replay.recommendations_by_action",
    "suppressions": "replay.suppressions_by_code",
    "decisions": "replay.decisions_by_reason",
    "orders": "replay.orders_by_status",
}


async def conclude(store: Store, account: str) -> Summary:
    """Count what a finished replay has left, digest its decisions, and keep that beside its clock.

    The first time it also goes down as one more trial, with what its account earned a session.

    Raises:
        Refused: there is no replay in this store.
    """
    row = await store.row(ClockRow, "replay.clock")
    if row is None:
        raise Refused("nothing was replayed here")
    summary = await summarize(store, row, account)
    equity = await store.rows(float, "replay.daily_equity", account=account)
    ratio = None if len(equity) < 2 else plain_ratio(np.diff(equity) / equity[:-1])  # noqa: PLR2004 - no return of one
    async with store.transaction() as transaction:
        await transaction.run("replay.tried", periods=max(0, len(equity) - 1), ratio=ratio)
        await transaction.run("replay.finish", now=row.now, summary=summary)
    return summary


async def summarize(reader: Reader, row: ClockRow, account: str) -> Summary:
    """Count what stands in the store and digest its decisions."""
    counts = {
        field: {count.name: count.count for count in await reader.rows(Count, query)}
        for field, query in _COUNTS.items()
    }
    return Summary(
        tape=row.tape,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        fills=await reader.value("replay.fill_count"),
        equity=await reader.value("replay.equity", account=account),
        dead_letters=await reader.value("replay.dead_jobs"),
        digest=digest(await reader.rows(DecisionLine, "replay.decisions")),
        **counts,
    )


def digest(decisions: list[DecisionLine]) -> str:
    """Return one hash over the decisions in order: ids, actions, quantities and every gate's answer."""
    hashed = hashlib.sha256()
    for decision in decisions:
        hashed.update(msgspec.json.encode(decision, order="deterministic"))
    return hashed.hexdigest()[:32]
