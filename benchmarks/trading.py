"""How fast orders are made and kept: bars through every gate beside other engines, and orders until they are durable.

    python -m benchmarks.trading [--bars 50000] [--rounds 3] [--orders 60] [--peers DIR]

The same bars of a minute and the same two crossing averages (10 and 30) for everyone, long or flat, at the market; each
engine in an environment of its own, in a process of its own, in turn. Seconds are of CPU and of the run alone, without
imports and without making bars. Ours asks every gate and the sizing for each order, asks again before it is sent, lets
the exchange match it, and writes decisions and events to a file; the others do what they do by themselves: neither has
gates. Ours has no database here: that is the second figure, orders a second from the job to the acknowledgement that is
durable on both sides, one after another and all left open, the books of the courier and of the paper exchange in one
PostgreSQL, beside what bare commits of one row come to on the same server.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from benchmarks.peers.environments import HOME, Peer, pins, prepare
from stonks.adapters.store import migrate, open_store
from stonks.model.identity import client_order_id, decision_id, intent_id
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent, OrderType, Side
from stonks.ports.store import Store
from stonks.runtime.ledger import Ledger, record
from stonks.runtime.work import LedgerWork
from stonks.supervisor import Supervisor
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, three_stocks
from tests.fakes.rows import Database, open_database

PROGRAMS = Path(__file__).parent / "peers" / "programs"
CONTENDERS = {
    "stonks": Peer("stonks", "ours, every gate asked", 1.0),
    "backtrader": Peer("backtrader", "backtrader", 1.0, "backtrader"),
    "nautilus": Peer("nautilus", "NautilusTrader", 1.0, "nautilus"),
}
FAST, SLOW = 10, 30
SESSION = 390
LEAST = {True: 12_000, False: 80_000}
"""Bars a CPU second that were to be reached, with orders and without."""
MET = {True: "reached", False: "missed"}


class Run(NamedTuple):
    """What a contender did with the bars."""

    seconds: float
    orders: int
    left: float
    log: int


def main() -> None:
    """Print the table of engines, the goals, and the rate of durable orders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bars", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=60, help="orders brought to the exchange, which stay open there")
    parser.add_argument("--peers", type=Path, default=HOME, metavar="DIR", help="where peers' environments are kept")
    arguments = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(walk(arguments.bars), file)
        file.flush()
        runs = contest(Path(file.name), arguments.rounds, arguments.peers)
    rates = show(runs, arguments.bars)
    goals(rates)
    asyncio.run(durable(arguments.orders))


def walk(count: int) -> list[list[float]]:
    """Return bars of a minute of a price that walks at random through sessions of weekdays, the same every time."""
    chance, price, bars = random.Random(7), 100.0, list[list[float]]()
    opens = datetime(2025, 1, 6, 14, 30, tzinfo=UTC)
    while len(bars) < count:
        for minute in range(SESSION if opens.weekday() < 5 else 0):  # noqa: PLR2004 - five weekdays
            close = max(5.0, price * (1 + chance.gauss(0, 0.0008)))
            high = max(price, close) * (1 + abs(chance.gauss(0, 0.0003)))
            low = min(price, close) * (1 - abs(chance.gauss(0, 0.0003)))
            prices = [round(each, 2) for each in (price, high, low, close)]
            begins = (opens + timedelta(minutes=minute)).timestamp()
            bars.append([begins, *prices, chance.randrange(50_000, 150_000)])
            price = prices[-1]
        opens += timedelta(days=1)
    return bars[:count]


# ------------------------------------------------------------------------------------------------ engines


def contest(file: Path, rounds: int, home: Path) -> dict[tuple[str, bool], Run]:
    """Return how each contender did with orders and without; seconds are medians."""
    pythons = {name: prepare(peer, home) for name, peer in CONTENDERS.items()}
    seen: dict[tuple[str, bool], list[Run]] = defaultdict(list)
    for _ in range(rounds):
        for name, python in pythons.items():
            for orders in (True, False):
                seen[name, orders].append(ran(python, name, file, orders=orders))
    return {key: runs[0]._replace(seconds=statistics.median(run.seconds for run in runs)) for key, runs in seen.items()}


def ran(python: Path, name: str, file: Path, *, orders: bool) -> Run:
    """Return what a contender says in a process of its own."""
    command = [str(python), "-P", str(PROGRAMS / f"cross_{name}.py"), str(file), str(FAST), str(SLOW)]
    command += ["orders"] if orders else []
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Run(said["seconds"], said["orders"], said["left"], said.get("log", 0))


def show(runs: dict[tuple[str, bool], Run], bars: int) -> dict[tuple[str, bool], float]:
    """Print bars a CPU second, and return them."""
    print(f"{bars:,} bars of a minute; " + "; ".join(pins(peer) for peer in CONTENDERS.values() if peer.environment))
    print(f"{'bars a CPU second':28}{'with orders':>13}{'orders':>8}{'without':>13}{'log':>9}")
    rates = {key: bars / run.seconds for key, run in runs.items()}
    for name, peer in CONTENDERS.items():
        run = runs[name, True]
        log = f"{run.log / 1e6:.1f} MB" if run.log else ""
        print(f"{peer.label:28}{rates[name, True]:13,.0f}{run.orders:8,}{rates[name, False]:13,.0f}{log:>9}")
    return rates


def goals(rates: dict[tuple[str, bool], float]) -> None:
    """Print what was to be reached, and how that is to the others."""
    for orders, least in LEAST.items():
        ours = rates["stonks", orders]
        ratios = ", ".join(f"{ours / rates[name, orders]:.1f}x {name}" for name in ("backtrader", "nautilus"))
        words = "with orders" if orders else "without"
        print(f"{words}: {ours:,.0f} bars a CPU second, goal {least:,}: {MET[ours >= least]}; {ratios}")


# ------------------------------------------------------------------------------------------------ durable orders


async def durable(count: int) -> None:
    """Print orders a second until they are durable on both sides, beside commits of one row."""
    with tempfile.TemporaryDirectory() as directory:
        async with Supervisor.start(Path(directory), postgres=True, valkey=False) as servers:
            url = str(servers.database_url)
            await migrate(url)
            async with open_store(url) as store, open_database(url) as database:
                commits = await bare(database, count * 5)
                rate = await brought(store, database, count)
    print(
        f"{count} orders one after another: {rate:.0f} a second from job to durable acknowledgement; "
        f"bare commits of one row: {commits:.0f} a second, {commits / rate:.1f} for each order"
    )


async def bare(database: Database, count: int) -> float:
    """Return how many transactions of one row the server makes durable a second, one after another."""
    await database.rows("CREATE TABLE bare (n int)")
    started = time.perf_counter()
    for number in range(count):
        await database.rows("INSERT INTO bare VALUES ($1)", number)
    return count / (time.perf_counter() - started)


async def brought(store: Store, database: Database, count: int) -> float:
    """Return how many decided orders a second are judged, claimed, sent, accepted and written down."""
    floor = TradingFloor(store, database, three_stocks())
    await floor.furnish()
    await floor.book(TODAY.opens_at)
    await widen(database)
    jobs = await decide(store, database, count)
    ledger = Ledger(store)
    entries = await ledger.load("broker_orders", {job.key: job for job in jobs})
    started = time.perf_counter()
    for job in jobs:
        await floor.courier(LedgerWork(store, job, ELEVEN, lambda: "", entries[job.key]))
    seconds = time.perf_counter() - started
    accepted = await database.value("SELECT count(*) FROM orders WHERE status = 'accepted'")
    if accepted != count:
        raise SystemExit(f"{accepted} of {count} orders were accepted")
    return count / seconds


async def widen(database: Database) -> None:
    """Let the account order as often as the benchmark does."""
    often = {"orders_a_minute": 10_000, "orders_a_day": 10_000}
    await database.rows(
        """INSERT INTO policy_versions (tier, version, body, author, reason)
           SELECT tier, version + 1, jsonb_set(body, '{limits}', body -> 'limits' || $1), 'benchmark', 'many orders'
           FROM policy_versions ORDER BY version DESC LIMIT 1""",
        often,
    )


async def decide(store: Store, database: Database, count: int) -> list[BrokerOrderJob]:
    """Put down decisions to buy one share with their orders and jobs."""
    await database.rows("SET session_replication_role = replica")  # the recommendations behind them do not matter here
    intents = [intent(number) for number in range(count)]
    for each in intents:
        await database.insert("trading_decisions", decided(each))
    jobs = [BrokerOrderJob(order_id=each.id) for each in intents]
    async with store.transaction() as transaction:
        await transaction.run("trading.order", intents=intents, now=ELEVEN)
        await record(transaction, jobs)
    return jobs


def intent(number: int) -> Intent:
    """Return an order for one share."""
    decision = decision_id("paper", UUID(int=number))
    order = intent_id("paper", decision, "entry", 1)
    return Intent(
        id=order,
        decision_id=decision,
        account="paper",
        leg="entry",
        attempt=1,
        client_order_id=client_order_id(order),
        ticker="AAPL",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(1),
    )


def decided(each: Intent) -> dict[str, Any]:
    """Return the row of the decision behind an order."""
    return {
        "id": each.decision_id,
        "account": each.account,
        "recommendation_id": each.decision_id,
        "ticker": each.ticker,
        "verdict": "act",
        "checks": [],
        "clamps": [],
        "sizing": {"price": 100.0},
        "quantity": each.quantity,
        "policy_version": "moderate-1",
        "decided_at": ELEVEN,
    }


if __name__ == "__main__":
    main()
