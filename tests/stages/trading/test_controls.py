"""What people may do to an account, on a real floor: each in one transaction, on record, and repeatable."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from stonks.model.control import Command, Outcome, Wish
from stonks.model.errors import Conflict, Refused
from stonks.model.job import BrokerOrderJob
from stonks.model.order import Intent
from stonks.ports.audit import verify_audit
from stonks.ports.broker import BrokerOrder
from stonks.settings import Settings
from stonks.stages.broker.worker import Courier
from stonks.stages.trading.controls import Controls
from tests.fakes.broker import FaultyBroker, Killed
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

WISH = Wish(by="ann", reason="something is odd", now=ELEVEN, request_id="r1")


async def say(floor: TradingFloor, command: Command, wish: Wish = WISH, settings: Settings | None = None) -> Outcome:
    """Give a command in its transaction; the orders that it takes back are taken to the broker."""
    work = FakeWork[None](floor.store, None, ELEVEN)
    async with work.commit() as commit:
        outcome = await Controls(some_ports(settings=settings).settings).carry_out(commit, command, wish)
    await floor.deliver(work, ELEVEN)
    return outcome


async def row(floor: TradingFloor) -> dict[str, Any]:
    (found,) = await floor.all("trading_state")
    return found


async def enter(floor: TradingFloor, *tickers: str) -> FakeWork[None]:
    """Have orders for these stocks, which nobody has brought to the broker."""
    await floor.book(TODAY.opens_at)
    for number, ticker in enumerate(tickers, start=1):
        await floor.recommend(number, ticker)
    return await floor.trade(ELEVEN)


async def hold(floor: TradingFloor, *tickers: str) -> None:
    for ticker in tickers:
        position = {"account": "paper", "ticker": ticker, "quantity": 10, "average_price": 100, "realized": 0}
        await floor.database.insert("positions", position | {"opened_at": ELEVEN, "updated_at": ELEVEN})


# ------------------------------------------------------------------------------------------------ from where to where


@pytest.mark.parametrize(
    ("commands", "state"),
    [
        ([Command.PAUSE], "reducing"),
        ([Command.PAUSE, Command.PAUSE], "reducing"),
        ([Command.PAUSE, Command.RESUME], "active"),
        ([Command.RESUME], "active"),
        ([Command.HALT], "halted"),
        ([Command.PAUSE, Command.HALT], "halted"),
        ([Command.HALT, Command.REARM], "active"),
        ([Command.REARM], "active"),
        ([Command.FLATTEN], "reducing"),
        ([Command.FLATTEN, Command.RESUME], "active"),
        ([Command.HALT, Command.FLATTEN], "reducing"),
        ([Command.HALT, Command.FLATTEN, Command.REARM], "active"),
        ([Command.HALT, Command.FLATTEN, Command.HALT], "halted"),
    ],
)
async def test_a_command_leads_where_it_says(floor: TradingFloor, commands: list[Command], state: str) -> None:
    outcomes = [await say(floor, command) for command in commands]

    assert (outcomes[-1].state, (await row(floor))["state"]) == (state, state)


@pytest.mark.parametrize(
    ("before", "command", "words"),
    [
        ([Command.HALT], Command.RESUME, "rearm"),
        ([Command.HALT], Command.PAUSE, "more than paused"),
        ([Command.HALT, Command.FLATTEN], Command.RESUME, "rearm"),
        ([Command.PAUSE], Command.REARM, "resume it"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    floor: TradingFloor, before: list[Command], command: Command, words: str
) -> None:
    for each in before:
        await say(floor, each)
    was = await row(floor)

    with pytest.raises(Refused, match=words):
        await say(floor, command)

    assert await row(floor) == was


async def test_who_why_and_when_are_kept_told_and_audited_once(floor: TradingFloor) -> None:
    first = await say(floor, Command.HALT)
    again = await say(floor, Command.HALT, msgspec.structs.replace(WISH, by="bob", request_id="r2"))

    kept = await row(floor)
    (entry,) = await floor.all("audit")
    (alert,) = await floor.all("alerts")
    assert (first.changed, again.changed, again.changed_by) == (True, False, "ann")
    assert (kept["changed_by"], kept["reason"], kept["changed_at"]) == ("ann", "something is odd", ELEVEN)
    assert (entry["actor"], entry["action"], entry["reason"], entry["request_id"]) == (
        "ann",
        "trading.halt",
        "something is odd",
        "r1",
    )
    assert (entry["before"]["state"], entry["after"]["state"]) == ("active", "halted")
    assert (alert["kind"], alert["severity"]) == ("trading_halted", "critical")
    assert (await verify_audit(floor.store)).intact


async def test_a_person_takes_over_a_halt_that_reconciliation_would_end(floor: TradingFloor) -> None:
    await say(floor, Command.HALT, msgspec.structs.replace(WISH, by="reconciliation"))

    await say(floor, Command.HALT)

    assert (await row(floor))["changed_by"] == "ann"


async def test_rearming_says_which_breakers_stay_open(floor: TradingFloor) -> None:
    await floor.database.rows("INSERT INTO breakers (scope, kind, state) VALUES ('global', 'DRAWDOWN', 'open')")
    await say(floor, Command.HALT)

    outcome = await say(floor, Command.REARM)

    assert outcome.breakers == ("DRAWDOWN@global",)
    assert "DRAWDOWN@global" in outcome.meaning


# ------------------------------------------------------------------------------------------------ orders and positions


async def test_a_halt_takes_back_entries_where_that_is_asked(floor: TradingFloor) -> None:
    work = await enter(floor, "AAPL", "JPM")
    await floor.deliver(work, ELEVEN)

    kept = await say(floor, Command.HALT)
    taken = await say(floor, Command.HALT, msgspec.structs.replace(WISH, cancel_orders=True))
    again = await say(floor, Command.HALT, msgspec.structs.replace(WISH, cancel_orders=True))

    orders = await floor.all("orders")
    assert (kept.recalled, taken.recalled, again.recalled) == (0, 2, 0)
    assert {order["cancel_requested"] for order in orders} == {"ann: something is odd"}
    assert {order["status"] for order in orders} == {"canceled"}


async def test_flattening_gives_every_position_up_and_takes_entries_back(floor: TradingFloor) -> None:
    await floor.deliver(await enter(floor, "AAPL"), ELEVEN)
    await hold(floor, "JPM", "UNH")

    outcome = await say(floor, Command.FLATTEN)
    again = await say(floor, Command.FLATTEN)

    exits = await floor.all("position_exits", "ticker")
    assert [(left["ticker"], left["asked_by"], left["reason"]) for left in exits] == [
        ("JPM", "ann", "something is odd"),
        ("UNH", "ann", "something is odd"),
    ]
    assert (outcome.state, outcome.leaving, outcome.recalled, again.leaving) == ("reducing", 2, 1, 2)
    assert "2 positions are being given up" in outcome.meaning


async def test_whoever_halts_or_rearms_while_positions_are_given_up_is_told_that_they_still_are(
    floor: TradingFloor,
) -> None:
    await floor.book(TODAY.opens_at)
    await hold(floor, "JPM", "UNH")
    await say(floor, Command.FLATTEN)

    halted = await say(floor, Command.HALT)
    rearmed = await say(floor, Command.REARM)

    assert "2 positions that are to be given up are sold once the account is rearmed" in halted.meaning
    assert rearmed.meaning == "2 positions are being given up; entries pass again"


async def test_a_halt_that_flattens_first_is_complete_once_the_account_is_flat(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await hold(floor, "UNH")

    outcome = await say(floor, Command.HALT, msgspec.structs.replace(WISH, flatten=True))
    await floor.trade(ELEVEN)
    waiting = await row(floor)
    await floor.database.rows("UPDATE positions SET quantity = 0")
    await floor.trade(ELEVEN)

    halted = await row(floor)
    assert (outcome.state, outcome.halts_when_flat, waiting["state"]) == ("reducing", True, "reducing")
    assert (halted["state"], halted["halts_when_flat"]) == ("halted", False)
    assert (halted["changed_by"], halted["reason"]) == ("ann", "something is odd")
    assert [entry["action"] for entry in await floor.all("audit")] == ["trading.halt", "trading.flat"]


async def test_a_halt_that_flattens_waits_for_the_end_of_one_by_reconciliation_and_outlasts_it(
    floor: TradingFloor,
) -> None:
    await floor.book(TODAY.opens_at)
    await say(floor, Command.HALT, msgspec.structs.replace(WISH, flatten=True))
    async with floor.store.transaction() as transaction:
        await transaction.run("reconciliation.halt", account="paper", reason="the books differ", now=ELEVEN)
    await floor.trade(ELEVEN)
    meanwhile = await row(floor)

    async with floor.store.transaction() as transaction:
        await transaction.run("reconciliation.release", account="paper", reason="the books agree", now=ELEVEN)
    released = await row(floor)
    await floor.trade(ELEVEN)

    halted = await row(floor)
    assert (meanwhile["state"], meanwhile["changed_by"]) == ("halted", "reconciliation")
    assert (released["state"], released["changed_by"]) == ("reducing", "ann")
    assert (halted["state"], halted["changed_by"], halted["halts_when_flat"]) == ("halted", "ann", False)


async def test_an_order_is_taken_back_once_and_only_where_something_is_left(floor: TradingFloor) -> None:
    work = await enter(floor, "AAPL")
    order = (await floor.all("orders"))[0]["id"]
    controls = Controls(some_ports().settings)

    async def cancel(which: UUID) -> bool:
        asked = FakeWork[None](floor.store, None, ELEVEN)
        async with asked.commit() as commit:
            return (await controls.cancel(commit, which, WISH)).changed

    changed = [await cancel(order), await cancel(order)]
    await floor.deliver(work, ELEVEN)

    assert changed == [True, False]
    assert (await floor.all("orders"))[0]["status"] == "canceled"
    assert [entry["action"] for entry in await floor.all("audit")] == ["order.cancel"]
    for which, words in ((order, "has ended"), (UUID(int=1), "no order")):
        with pytest.raises(Refused, match=words):
            await cancel(which)


async def test_the_stop_of_a_position_is_not_taken_back_by_hand(floor: TradingFloor) -> None:
    await enter(floor, "AAPL")
    await floor.database.rows("UPDATE orders SET leg = 'stop'")
    order = (await floor.all("orders"))[0]["id"]

    with pytest.raises(Refused, match="close the position"):
        async with FakeWork[None](floor.store, None, ELEVEN).commit() as commit:
            await Controls(some_ports().settings).cancel(commit, order, WISH)


async def test_a_position_is_closed_once_and_not_while_nothing_may_be_sold(floor: TradingFloor) -> None:
    await hold(floor, "UNH")
    controls = Controls(some_ports().settings)

    async def close(ticker: str) -> bool:
        async with FakeWork[None](floor.store, None, ELEVEN).commit() as commit:
            return (await controls.close(commit, ticker, WISH)).changed

    assert [await close("UNH"), await close("UNH")] == [True, False]
    with pytest.raises(Refused, match="nothing of JPM"):
        await close("JPM")
    await say(floor, Command.HALT)
    with pytest.raises(Refused, match="halted"):
        await close("UNH")
    assert [entry["action"] for entry in await floor.all("audit")] == ["position.close", "trading.halt"]


# ------------------------------------------------------------------------------------------------ nothing after a halt


class Counting(FaultyBroker):
    """Notes which orders arrive, and lets others work in between."""

    def __init__(self, floor: TradingFloor, **faults: str) -> None:
        super().__init__(floor.broker, **faults)
        self.arrived: list[str] = []
        self.enough = asyncio.Event()
        self.count = 0

    async def submit(self, intent: Intent, now: Any) -> BrokerOrder:  # noqa: ANN401 - as the broker's
        self.arrived.append(str(intent.id))
        if len(self.arrived) >= self.count:
            self.enough.set()
        return await super().submit(intent, now)


async def make_orders(floor: TradingFloor, count: int) -> list[BrokerOrderJob]:
    """Have orders of one share in many stocks that were never brought to the broker."""
    await enter(floor, "AAPL")
    (order,) = await floor.all("orders")
    jobs = []
    for number in range(count):
        ident = UUID(int=number + 1)
        copy = order | {"id": ident, "client_order_id": f"c{number}", "attempt": number + 2, "quantity": 1}
        await floor.database.insert("orders", copy)
        jobs.append(BrokerOrderJob(order_id=ident))
    return jobs


@pytest.mark.parametrize("after", [0, 3, 9])
async def test_after_a_halt_committed_no_order_is_claimed_and_none_goes_out(floor: TradingFloor, after: int) -> None:
    jobs = await make_orders(floor, 24)
    broker = Counting(floor)
    broker.count = after
    couriers = [Courier(some_ports(store=floor.store, broker=broker, queue=floor.marks)) for _ in range(4)]
    claimed: set[str] = set()

    async def bring(courier: Courier, mine: list[BrokerOrderJob]) -> None:
        for job in mine:
            try:
                await courier(FakeWork(floor.store, job, ELEVEN))
            except Conflict:
                await asyncio.sleep(0)

    async def halt() -> None:
        if after:
            await broker.enough.wait()
        await say(floor, Command.HALT)
        rows = await floor.database.rows("SELECT order_id FROM order_events WHERE kind = 'claimed'")
        claimed.update(str(found["order_id"]) for found in rows)

    await asyncio.gather(halt(), *(bring(courier, jobs[n::4]) for n, courier in enumerate(couriers)))

    events = await floor.database.rows("SELECT order_id FROM order_events WHERE kind = 'claimed'")
    assert {str(found["order_id"]) for found in events} == claimed
    assert set(broker.arrived) <= claimed
    assert len(broker.arrived) < len(jobs)
    asked = [order for order in await floor.all("orders") if str(order["id"]) in {str(job.order_id) for job in jobs}]
    left = [order for order in asked if str(order["id"]) not in claimed]
    assert {order["status"] for order in left} == {"denied"}
    assert "TRADING_HALTED" in {order["status_reason"] for order in left}


async def test_an_order_that_was_claimed_before_a_halt_is_not_sent_again_after_it(floor: TradingFloor) -> None:
    (job,) = await make_orders(floor, 1)
    broker = Counting(floor, order="before")
    courier = Courier(some_ports(store=floor.store, broker=broker, queue=floor.marks))
    await floor.database.rows("UPDATE orders SET status = 'submitting', version = 1")
    await say(floor, Command.HALT)
    del broker.faults["order"]

    with pytest.raises(Conflict, match="halted"):
        await courier(FakeWork(floor.store, job, ELEVEN))

    assert broker.arrived == []
    assert [order["status"] for order in await floor.all("orders")] == ["submitting"] * 2


async def test_an_order_that_arrived_before_a_halt_is_recorded_after_it(floor: TradingFloor) -> None:
    (job,) = await make_orders(floor, 1)
    broker = Counting(floor, submit="kill")
    courier = Courier(some_ports(store=floor.store, broker=broker, queue=floor.marks))
    with pytest.raises(Killed):
        await courier(FakeWork(floor.store, job, ELEVEN))
    await say(floor, Command.HALT)

    await courier(FakeWork(floor.store, job, ELEVEN))

    (order,) = await floor.database.rows("SELECT status FROM orders WHERE id = $1", job.order_id)
    assert (order["status"], len(broker.arrived)) == ("accepted", 1)


# ------------------------------------------------------------------------------------------------ the file


def settings_at(folder: Path) -> Settings:
    return Settings.model_construct(data_dir=folder)


async def test_a_file_halts_the_account_without_api_or_command(floor: TradingFloor, tmp_path: Path) -> None:
    first, second = await make_orders(floor, 2)
    settings, broker = settings_at(tmp_path), Counting(floor)
    courier = Courier(some_ports(store=floor.store, broker=broker, queue=floor.marks, settings=settings))
    await courier(FakeWork(floor.store, first, ELEVEN))
    (tmp_path / "HALT").touch()

    await courier(FakeWork(floor.store, second, ELEVEN))

    state = await row(floor)
    assert len(broker.arrived) == 1
    assert (state["state"], state["changed_by"]) == ("halted", "file:HALT")
    assert [entry["action"] for entry in await floor.all("audit")] == ["trading.halt"]
    assert "trading_halted" in {alert["kind"] for alert in await floor.all("alerts")}
    with pytest.raises(Refused, match="remove it first"):
        await say(floor, Command.REARM, settings=settings)
    (tmp_path / "HALT").unlink()
    assert (await say(floor, Command.REARM, settings=settings)).state == "active"


async def test_a_file_that_cannot_be_looked_for_counts_as_there(floor: TradingFloor, tmp_path: Path) -> None:
    (job,) = await make_orders(floor, 1)
    broker, name = Counting(floor), "x" * 300  # longer than a name may be
    settings = settings_at(tmp_path / name)
    courier = Courier(some_ports(store=floor.store, broker=broker, queue=floor.marks, settings=settings))

    await courier(FakeWork(floor.store, job, ELEVEN))

    assert broker.arrived == []
    assert (await row(floor))["state"] == "halted"
