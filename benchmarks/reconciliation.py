"""What becomes of executions, however the stream of hints fares and however they happen (trading.md, P2 and P3).

    python -m benchmarks.reconciliation [--json]

Each cell has an exchange of its own, served over HTTP on loopback with a database of its own, and the broker stage on
Alpaca's protocol. The exchange's time is moved: a poll comes at once where the stream hints, and else within ten
seconds, as it happens to fall (here 7, 17 and 27 seconds after the event). A cell holds if within 30 seconds of the
exchange's time every execution is in our books exactly once and positions agree, or the ticker is stopped by a named
mismatch; and if a minute later that is still so.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from stonks.adapters.broker.alpaca.broker import AlpacaBroker
from stonks.adapters.broker.alpaca.prices import BarPrices
from stonks.adapters.broker.alpaca.stream import TradeUpdates
from stonks.adapters.broker.alpaca.wire import TRADING, Keys, Outlet, Pace, Wire, open_session
from stonks.adapters.store import migrate, open_store
from stonks.model.job import BrokerOrderJob
from stonks.ports.store import Store
from stonks.runtime.clock import SystemClock
from stonks.stages.broker.line import Line
from stonks.supervisor import Supervisor
from tests.fakes.exchange import Exchange, exchange
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after, three_stocks
from tests.fakes.market import FakeMarket
from tests.fakes.rows import Database, open_database
from tests.fakes.web import OpenBudget
from tests.fakes.work import FakeWork

PROMISE = timedelta(seconds=30)
_POLLS = tuple(timedelta(seconds=seconds) for seconds in (7, 17, 27))
_LATER = tuple(PROMISE + timedelta(seconds=seconds) for seconds in (7, 17, 27, 37, 47, 57))
_HINT = 0.5  # seconds that a hint may take
_ON_FILLS = "SELECT ticker, side, quantity, price FROM fills WHERE NOT synthetic"
_ON_TRADES = "SELECT ticker, side, quantity, price FROM exchange_executions"


class Result(NamedTuple):
    """What became of one cell."""

    verdict: str
    """``booked``, ``inferred`` (booked, at the average, until the execution is told), ``stopped`` or ``LOST``."""
    seconds: float | None
    """The exchange's time until that was so; None where it never was."""

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return self.seconds is not None and self.seconds <= PROMISE.total_seconds()


class Scene:
    """A stage that trades at an exchange, with one order of its own on the book."""

    def __init__(self, floor: TradingFloor, served: Exchange, line: Line) -> None:
        """Play with these; ``order`` is the client's id of the order on the book."""
        self.floor, self.served, self.line = floor, served, line
        self.order, self.shares = "", 0
        self.now = ELEVEN

    async def place(self) -> None:
        """Have an order decided and brought to the exchange, and the stream heard."""
        await self.floor.book(TODAY.opens_at)
        await self.floor.recommend(1)
        await self.floor.deliver(await self.floor.trade(ELEVEN), ELEVEN)
        (placed,) = await self.floor.database.rows("SELECT * FROM exchange_orders")
        self.order, self.shares = placed["client_order_id"], int(placed["quantity"])

    async def listen(self) -> None:
        """Wait until the stream stands."""
        await self.hint()
        await asyncio.wait_for(self.served.updates.somebody.wait(), 5)

    async def hint(self) -> bool:
        """Return whether the stream hints at something within half a second."""
        try:
            await asyncio.wait_for(self.line.news(), _HINT)
        except TimeoutError:
            return False
        return True

    async def fill(self, shares: int, name: str = "", price: str = "100", ago: timedelta = timedelta()) -> None:
        """Execute a part of an order at the exchange, some time ago."""
        at = (self.now - ago).isoformat()
        await self.served.simulate("fill", client_order_id=name or self.order, quantity=str(shares), price=price, at=at)

    async def move(self, to: datetime) -> None:
        """Have it be later."""
        self.now = to
        await self.served.move(to)

    async def poll(self) -> None:
        """One turn of the stage: its poll, and the orders that follow."""
        await self.floor.deliver(await self.floor.book(self.now), self.now)


# ------------------------------------------------------------------------------------------------ what happens


async def plain_fill(scene: Scene) -> None:
    """Trade the whole order at once."""
    await scene.fill(scene.shares)


async def partial_fills(scene: Scene) -> None:
    """Trade it in three parts."""
    for part, price in ((3, "100"), (5, "100.5"), (scene.shares - 8, "99.9")):
        await scene.fill(part, price=price)


async def late_fill(scene: Scene) -> None:
    """Have a part appear that is older than one which is booked."""
    await scene.fill(scene.shares - 2)
    await scene.poll()
    await scene.fill(2, price="99", ago=timedelta(seconds=90))


async def very_late_fill(scene: Scene) -> None:
    """Have a part appear that is far older than executions are read back to."""
    await scene.fill(scene.shares - 2)
    await scene.poll()
    await scene.fill(2, price="99", ago=timedelta(minutes=25))


async def fills_out_of_order(scene: Scene) -> None:
    """Trade in parts that appear the latest first."""
    for number in range(3):
        await scene.fill(2 + number, ago=timedelta(seconds=20 * number))


async def fill_after_cancel(scene: Scene, ago: timedelta = timedelta()) -> None:
    """Trade what was cancelled, and has ended in our books."""
    await scene.floor.database.rows("UPDATE orders SET cancel_requested = 'a person' WHERE leg = 'entry'")
    (order,) = await scene.floor.database.rows("SELECT id FROM orders WHERE leg = 'entry'")
    job = BrokerOrderJob(order_id=order["id"], wish="cancel")
    await scene.floor.courier(FakeWork(scene.floor.store, job, scene.now))
    await scene.poll()
    await scene.fill(4, ago=ago)


async def very_late_after_cancel(scene: Scene) -> None:
    """Have a part of what has ended appear that is far older than executions are read back to, while nothing works."""
    await trade_outside(scene)
    await scene.poll()
    await fill_after_cancel(scene, timedelta(minutes=25))


async def stop_replaced(scene: Scene) -> None:
    """Have the stop that protects a position be replaced under another name, and that one trade."""
    await scene.fill(scene.shares)
    await scene.poll()
    (stop,) = await scene.floor.database.rows("SELECT client_order_id FROM exchange_orders WHERE type = 'stop'")
    path = f"{scene.served.address}/_sim/replace"
    async with scene.served.session.post(path, json={"client_order_id": stop["client_order_id"]}) as answer:
        renamed = (await answer.json())["client_order_id"]
    await scene.fill(scene.shares, renamed, "95")


async def trade_outside(scene: Scene) -> None:
    """Have somebody else buy another stock in the account."""
    order = {"symbol": "UNH", "qty": "7", "side": "buy", "type": "market", "time_in_force": "day"}
    order |= {"client_order_id": "by-hand"}
    async with scene.served.session.post(f"{scene.served.address}/v2/orders", json=order) as answer:
        answer.raise_for_status()
    await scene.fill(7, "by-hand")


async def split_overnight(scene: Scene, *, known: bool) -> None:
    """Hold shares over a night in which they are split, known to us or not."""
    await scene.fill(scene.shares)
    await scene.poll()
    opens = after(1).opens_at
    if known:
        action = {"ticker": "AAPL", "type": "split", "ex_date": after(1).day, "ratio": Decimal(2), "known_at": ELEVEN}
        await scene.floor.database.insert("corporate_actions", action | {"source": "wire"})
    await scene.move(opens)
    if not known:
        await scene.served.simulate("split", symbol="AAPL", ratio="2")


async def known_split(scene: Scene) -> None:
    """Split shares over night as it was announced."""
    await split_overnight(scene, known=True)


async def unknown_split(scene: Scene) -> None:
    """Split shares over night as nobody had told us."""
    await split_overnight(scene, known=False)


Event = Callable[[Scene], Awaitable[None]]
EVENTS: dict[str, Event] = {
    "plain fill": plain_fill,
    "partial fills": partial_fills,
    "late fill": late_fill,
    "very late fill": very_late_fill,
    "out of order": fills_out_of_order,
    "after a cancel": fill_after_cancel,
    "late, cancelled": very_late_after_cancel,
    "stop replaced": stop_replaced,
    "trade outside": trade_outside,
    "known split": known_split,
    "unknown split": unknown_split,
}
STREAMS = ("healthy", "dropped", "muted", "duplicated", "reordered")

# ------------------------------------------------------------------------------------------------ one cell


@asynccontextmanager
async def scene_on(store: Store, database: Database) -> AsyncIterator[Scene]:
    """Give a stage and an exchange on an empty database, with an order on the book."""
    floor = TradingFloor(store, database, three_stocks())
    await floor.furnish()
    keys = Keys(id=SecretStr("any"), secret=SecretStr("key"))
    async with exchange(store, floor.bars, ELEVEN) as served, open_session() as session:
        outlet = Outlet(session=session, keys=keys, budget=OpenBudget(), pace=Pace())
        updates = TradeUpdates(outlet, served.address, timedelta())
        wire = Wire(outlet, served.address, TRADING)
        broker = AlpacaBroker(wire, BarPrices(FakeMarket(floor.bars)), updates, "paper", [timedelta()] * 2)
        floor.renew(broker)
        scene = Scene(floor, served, Line(broker, store, SystemClock(), "paper"))
        try:
            await scene.place()
            yield scene
        finally:
            await updates.aclose()


async def played(scene: Scene, stream: str, event: Event) -> Result:
    """Have something happen while the stream fares so, and return what became of it."""
    await scene.listen()
    if stream != "healthy":
        await scene.served.simulate("stream", kind=stream, times=1 if stream in {"dropped", "reordered"} else 50)
    await event(scene)
    start, settled = scene.now, None
    hinted = stream not in {"dropped", "muted"} and await scene.hint()
    for wait in (*([timedelta()] if hinted else []), *_POLLS, *_LATER):
        await scene.move(start + wait)
        await scene.poll()
        verdict = await standing(scene)
        settled = None if verdict == "LOST" else wait if settled is None else settled
    return Result(verdict, None if settled is None else settled.total_seconds())


async def standing(scene: Scene) -> str:
    """Return how our books stand beside the exchange's."""
    rows = scene.floor.database.rows
    stopped = await rows("SELECT FROM breakers WHERE kind = 'RECON_MISMATCH' AND state = 'open' AND scope <> 'global'")
    if stopped:
        return "stopped"
    ours, theirs = [Counter(map(_trade, await rows(query))) for query in (_ON_FILLS, _ON_TRADES)]
    account = await scene.floor.broker.account(scene.now)
    held = {row["ticker"]: row["quantity"] for row in await rows("SELECT * FROM positions WHERE quantity <> 0")}
    if held != account.positions or ours - theirs:
        return "LOST"
    if ours == theirs:
        return "booked" if not await rows("SELECT FROM fills WHERE synthetic") else "LOST"
    return "inferred" if await rows("SELECT FROM fills WHERE synthetic") else "LOST"


def _trade(row: dict[str, Any]) -> tuple[object, ...]:
    return tuple(row.values())


# ------------------------------------------------------------------------------------------------ the table


async def measured(events: dict[str, Event], streams: tuple[str, ...]) -> dict[tuple[str, str], Result]:
    """Play every cell, each on a database of its own."""
    results = {}
    with TemporaryDirectory() as directory:
        async with Supervisor.start(Path(directory), postgres=True, valkey=False, durable=False) as servers:
            template = str(servers.database_url)
            await migrate(template)
            name = urlsplit(template).path.removeprefix("/")
            for number, (stream, (label, event)) in enumerate(
                (stream, each) for stream in streams for each in events.items()
            ):
                url = template.replace(f"/{name}?", f"/cell_{number}?")
                async with open_database(template.replace(f"/{name}?", "/postgres?")) as postgres:
                    await postgres.rows(f"CREATE DATABASE cell_{number} TEMPLATE {name} STRATEGY file_copy")
                async with open_store(url) as store, open_database(url) as database, scene_on(store, database) as scene:
                    results[stream, label] = await played(scene, stream, event)
    return results


def as_text(results: dict[tuple[str, str], Result]) -> str:
    """Return the table, and how many cells hold."""
    streams = list(dict.fromkeys(stream for stream, _ in results))
    labels = list(dict.fromkeys(label for _, label in results))
    head = f"{'':16}" + "".join(f"{stream:>17}" for stream in streams)
    lines = [f"{label:16}" + "".join(f"{_cell(results[name, label]):>17}" for name in streams) for label in labels]
    kept = sum(result.holds for result in results.values())
    return "\n".join(
        [head, *lines, "", f"{kept} of {len(results)} cells hold: within {PROMISE.seconds} s of exchange time"]
    )


def _cell(result: Result) -> str:
    return result.verdict if result.seconds is None else f"{result.verdict} {result.seconds:.0f} s"


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    results = asyncio.run(measured(EVENTS, STREAMS))
    if asked.json:
        rows = [{"stream": stream, "event": label, **result._asdict()} for (stream, label), result in results.items()]
        print(json.dumps(rows, indent=2))
    else:
        print(as_text(results))


if __name__ == "__main__":
    main()
