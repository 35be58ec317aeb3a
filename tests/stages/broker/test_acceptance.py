"""Differences that a person accepts: the broker's word is booked, on record, and the stage opens."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from stonks.model.errors import Refused
from stonks.model.reconciliation import Comparison
from stonks.stages.broker.acceptance import ReconciliationDesk
from stonks.stages.broker.clerk import Clerk
from stonks.stages.broker.opening import Opening
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.ports import some_ports

POLL = timedelta(seconds=10)
WHY = "transferred by hand"


def desk(floor: TradingFloor) -> ReconciliationDesk:
    return ReconciliationDesk(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks))


async def hold(floor: TradingFloor, shares: int) -> None:
    """Have our books say that we hold shares, through a trade that the broker knows nothing of."""
    order, now = UUID(int=5), TODAY.opens_at
    await floor.database.rows(
        "INSERT INTO orders (id, account, leg, attempt, client_order_id, ticker, side, type, quantity, time_in_force,"
        " reduce_only, source, status, filled_quantity, created_at, updated_at)"
        " VALUES ($1, 'paper', 'external', 1, 'gone', 'UNH', 'buy', 'other', $2, '', false, 'external', 'filled', $2,"
        " $3, $3)",
        *(order, shares, now),
    )
    await floor.database.rows(
        "INSERT INTO fills (id, order_id, account, execution_id, ticker, side, quantity, price, fee, at)"
        " VALUES ($1, $1, 'paper', 'gone', 'UNH', 'buy', $2, 90, 0, $3)",
        *(order, shares, now),
    )
    position = {"account": "paper", "ticker": "UNH", "quantity": shares, "average_price": 90, "realized": 0}
    await floor.database.insert("positions", position | {"opened_at": now, "updated_at": now})


async def stopped(floor: TradingFloor) -> Comparison:
    """Start a stage whose books differ, and let it come to the end of its patience."""
    await floor.book(TODAY.opens_at)
    await hold(floor, 3)
    ports = some_ports(store=floor.store, broker=floor.broker, queue=floor.marks)
    opening = Opening(ports)
    floor.clerk = Clerk(ports, opening)
    for number in range(4):
        await floor.book(ELEVEN + number * POLL)
    assert not opening.is_open
    return await desk(floor).compare(ELEVEN + 4 * POLL)


async def test_the_brokers_word_is_booked_on_record_and_the_stage_opens(floor: TradingFloor) -> None:
    found = await stopped(floor)
    (each,) = found.differences
    before = [row["state"] for row in await floor.all("trading_state")]

    accepted = await desk(floor).accept(found.run, WHY, "cli:ann", ELEVEN + 5 * POLL)
    await floor.book(ELEVEN + 6 * POLL)

    (position,) = await floor.all("positions")
    (correction,) = await floor.database.rows("SELECT * FROM orders WHERE cause = 'accepted'")
    (entry,) = await floor.database.rows("SELECT * FROM audit WHERE action = 'reconciliation.accept'")
    assert (found.outcome, each.kind, each.ours, each.theirs) == ("halted", "position", Decimal(3), Decimal(0))
    assert (accepted.outcome, position["quantity"]) == ("accepted", 0)
    assert (correction["source"], correction["side"], correction["status"]) == ("external", "sell", "filled")
    assert (entry["actor"], entry["reason"]) == ("cli:ann", WHY)
    assert (before, [row["state"] for row in await floor.all("trading_state")]) == (["halted"], ["active"])
    assert [(row["scope"], row["state"]) for row in await floor.all("breakers")] == [("ticker:UNH", "closed")]
    assert (await desk(floor).compare(ELEVEN + 7 * POLL)).outcome == "ok"


async def test_a_run_is_accepted_once_for_a_reason_and_only_while_it_is_so(floor: TradingFloor) -> None:
    found = await stopped(floor)

    with pytest.raises(Refused, match="reason"):
        await desk(floor).accept(found.run, " ", "cli:ann", ELEVEN)
    with pytest.raises(Refused, match="no run"):
        await desk(floor).accept(UUID(int=1), WHY, "cli:ann", ELEVEN)
    await floor.database.rows("UPDATE positions SET quantity = 4")
    with pytest.raises(Refused, match="moved"):
        await desk(floor).accept(found.run, WHY, "cli:ann", ELEVEN)
    await floor.database.rows("UPDATE positions SET quantity = 3")
    await desk(floor).accept(found.run, WHY, "cli:ann", ELEVEN)
    with pytest.raises(Refused, match="no run"):
        await desk(floor).accept(found.run, WHY, "cli:ann", ELEVEN)

    assert len(await floor.database.rows("SELECT FROM orders WHERE cause = 'accepted'")) == 1


async def test_a_run_in_which_all_agrees_has_nothing_to_accept(floor: TradingFloor) -> None:
    found = await desk(floor).compare(ELEVEN)

    with pytest.raises(Refused, match="nothing"):
        await desk(floor).accept(found.run, WHY, "cli:ann", ELEVEN)
    assert (found.outcome, found.differences) == ("ok", ())
