"""Protected or flat: how long each entry's fill was without a live stop, by the paper exchange's own books.

    python -m benchmarks.protection DATA_DIR

Reads the database of a data directory that a replay (`stonks replay --data DATA_DIR --exit`) or `stonks exchange serve`
has left, which nothing else may be using. For every purchase that was executed: the exchange's time until open stops
were for all that was held, or nothing was held any more. The promise is 10 seconds (trading.md, P12). Also said: how
long positions were without enough stops, while a session ran, and how long without a sale at the market either.
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

PROMISE = timedelta(seconds=10)
_NOTHING, _NEVER = Decimal(0), timedelta.max
_CHANGES = """
SELECT ticker, at, 'held' AS what, CASE side WHEN 'buy' THEN quantity ELSE -quantity END AS change,
       side = 'buy' AS entry
FROM exchange_executions
UNION ALL
SELECT ticker, ex_date::timestamp AT TIME ZONE 'America/New_York', 'held', quantity_after - quantity_before, false
FROM exchange_adjustments WHERE kind = 'split'
UNION ALL
SELECT ticker, accepted_at, CASE type WHEN 'market' THEN 'sale' ELSE 'stop' END, quantity, false
FROM exchange_orders WHERE side = 'sell' AND type IN ('market', 'stop') AND parent IS NULL
UNION ALL
SELECT o.ticker, e.at, CASE o.type WHEN 'market' THEN 'sale' ELSE 'stop' END, -e.quantity, false
FROM exchange_executions AS e JOIN exchange_orders AS o USING (client_order_id)
WHERE o.side = 'sell' AND o.type IN ('market', 'stop') AND o.parent IS NULL
UNION ALL
SELECT ticker, ended_at, CASE type WHEN 'market' THEN 'sale' ELSE 'stop' END, filled_quantity - quantity, false
FROM exchange_orders
WHERE side = 'sell' AND type IN ('market', 'stop') AND parent IS NULL AND ended_at IS NOT NULL
ORDER BY ticker, at
"""


class Change(NamedTuple):
    """Shares of a ticker that are held, or that stops or sales at the market are open for, become more or fewer."""

    ticker: str
    at: datetime
    what: str
    change: Decimal
    entry: bool


class State(NamedTuple):
    """How many shares stand where, from an instant on."""

    at: datetime
    held: Decimal
    stops: Decimal
    sales: Decimal

    @property
    def protected(self) -> bool:
        """Whether stops are for all that is held."""
        return self.held <= self.stops

    @property
    def leaving(self) -> bool:
        """Whether what no stop is for is being sold at the market."""
        return self.held <= self.stops + self.sales


class Entry(NamedTuple):
    """A purchase's execution, how long until all was protected or flat, and until it was that or being sold."""

    ticker: str
    at: datetime
    gap: timedelta
    until_leaving: timedelta


class Report(NamedTuple):
    """All entries, and the time that positions were bare while a session ran: of stops, and of stops and sales."""

    entries: tuple[Entry, ...]
    bare: timedelta
    neither: timedelta

    @property
    def worst(self) -> timedelta:
        """The longest an entry's fill was without a live stop."""
        return max((entry.gap for entry in self.entries), default=timedelta(0))

    @property
    def late(self) -> tuple[Entry, ...]:
        """The entries that were not protected or flat in time."""
        return tuple(entry for entry in self.entries if entry.gap > PROMISE)


def states(changes: Iterable[Change]) -> list[State]:
    """Return one ticker's states, one an instant, from its changes in order."""
    found: list[State] = []
    totals = dict.fromkeys(("held", "stop", "sale"), _NOTHING)
    for change in changes:
        totals[change.what] += change.change
        state = State(change.at, totals["held"], totals["stop"], totals["sale"])
        if found and found[-1].at == change.at:
            found[-1] = state
        else:
            found.append(state)
    return found


def examine(changes: Sequence[Change], sessions: Sequence[tuple[datetime, datetime]]) -> Report:
    """Return what the books say of every entry, from all changes by ticker and time, and the runs of sessions."""
    by_ticker: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_ticker[change.ticker].append(change)
    entries: list[Entry] = []
    bare, neither = timedelta(0), timedelta(0)
    for ticker, own in by_ticker.items():
        run = states(own)
        for at in sorted({change.at for change in own if change.entry}):
            since = [state for state in run if state.at >= at]
            protected = next((state.at - at for state in since if state.protected), _NEVER)
            leaving = next((state.at - at for state in since if state.leaving), _NEVER)
            entries.append(Entry(ticker, at, protected, leaving))
        for state, following in pairwise(run):
            running = _while_running(state.at, following.at, sessions)
            bare += timedelta(0) if state.protected else running
            neither += timedelta(0) if state.leaving else running
    return Report(tuple(entries), bare, neither)


def _while_running(first: datetime, last: datetime, sessions: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """Return how much of a span lies within sessions."""
    inside = (min(last, closes) - max(first, opens) for opens, closes in sessions)
    return sum((span for span in inside if span > timedelta(0)), timedelta(0))


async def read(connection: "asyncpg.Connection[Any]") -> Report:
    """Return what the exchange's books in a database say."""
    changes = [Change(*row) for row in await connection.fetch(_CHANGES)]
    sessions = await connection.fetch("SELECT opens_at, closes_at FROM market_sessions ORDER BY opens_at")
    return examine(changes, [(row["opens_at"], row["closes_at"]) for row in sessions])


def show(report: Report) -> None:
    """Print the figures, and every entry that was late."""
    seconds = sorted(entry.gap for entry in report.entries)
    print(f"{len(seconds)} fills of entries, {len(report.late)} of them not protected or flat within {PROMISE}")
    if seconds:
        print(f"without a live stop: {report.worst} at most, {seconds[len(seconds) // 2]} in the middle")
    print(f"later, while a session ran: {report.bare} without enough stops, {report.neither} without a sale either")
    for entry in report.late:
        print(f"late: {entry.ticker} {entry.at:%Y-%m-%d %H:%M:%S} {entry.gap}, a sale after {entry.until_leaving}")


async def _main(data: Path) -> None:
    from stonks.app import open_servers
    from stonks.settings import read_settings

    async with open_servers(read_settings(data_dir=data)) as servers:
        connection = await asyncpg.connect(servers.database_url)
        try:
            show(await read(connection))
        finally:
            await connection.close()


def main() -> None:
    """Print what the books of a data directory say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    asyncio.run(_main(parser.parse_args().data))


if __name__ == "__main__":
    main()
