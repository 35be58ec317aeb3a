"""Orders whose job died or was lost: found at the broker, never accepted there, never sent, or not to be told."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from stonks.model.errors import Conflict, Unreachable
from stonks.model.job import BrokerOrderJob
from stonks.stages.broker.strays import Strays
from tests.fakes.broker import FaultyBroker, Killed
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

SECOND = timedelta(seconds=1)
LATE = ELEVEN + 60 * SECOND


async def sent(floor: TradingFloor, **faults: str) -> BrokerOrderJob:
    """An order that was claimed, and whose answer was lost ``before`` or ``after`` the broker had it."""
    await floor.book(TODAY.opens_at)
    await floor.recommend(1)
    (job,) = (await floor.trade(ELEVEN)).followed
    assert isinstance(job, BrokerOrderJob)
    if faults:
        floor.renew(FaultyBroker(floor.broker, **faults))
        with pytest.raises((Unreachable, Killed)):
            await floor.courier(FakeWork(floor.store, job, ELEVEN))
    return job


async def record(floor: TradingFloor, job: BrokerOrderJob, *, dead: str | None) -> None:
    """Have the ledger know an order's job, as open or as dead for a reason."""
    at = None if dead is None else ELEVEN
    row: dict[str, Any] = {
        "job_id": job.key,
        "queue": job.queue,
        "subject": job.subject,
        "payload": {},
        "dead_at": at,
        "reason": dead,
    }
    await floor.database.insert("jobs", row)


async def order(floor: TradingFloor) -> tuple[str, str | None]:
    (row,) = await floor.orders()
    return row["status"], row["status_reason"]


async def told(floor: TradingFloor) -> list[tuple[str, str]]:
    return [(row["kind"], row["text"]) for row in await floor.all("alerts") if row["kind"].startswith("order_")]


async def test_what_the_broker_never_had_is_rejected_a_minute_after_it_was_sent_and_a_person_is_told_why(
    floor: TradingFloor,
) -> None:
    job = await sent(floor, submit="before")
    await record(floor, job, dead="no route to the broker")

    await floor.book(LATE - SECOND)
    early = await order(floor)
    for poll in range(3):
        await floor.book(LATE + poll * SECOND)

    assert early == ("submitting", None)
    assert await order(floor) == ("rejected", "NEVER_ACCEPTED")
    ((kind, text),) = await told(floor)
    assert (kind, "NEVER_ACCEPTED" in text, "no route to the broker" in text) == ("order_rejected", True, True)


@pytest.mark.parametrize(
    "change",
    ["UPDATE trading_state SET state = 'reducing'", "UPDATE orders SET cancel_requested = 'a person'"],
    ids=["paused", "taken-back"],
)
async def test_an_entry_that_never_arrived_is_not_sent_again_once_it_may_not_go(
    floor: TradingFloor, change: str
) -> None:
    job = await sent(floor, submit="before")
    await floor.database.rows(change)

    with pytest.raises(Conflict, match="not sent again"):
        await floor.courier(FakeWork(floor.store, job, ELEVEN + SECOND))
    at_the_broker = await floor.database.value("SELECT count(*) FROM exchange_orders")
    await record(floor, job, dead="it may not go")
    await floor.book(LATE)

    assert at_the_broker == 0
    assert await order(floor) == ("rejected", "NEVER_ACCEPTED")


async def test_an_order_that_is_asked_back_again_and_again_still_counts_as_standing_still(floor: TradingFloor) -> None:
    await sent(floor, submit="before")
    await floor.database.rows("UPDATE orders SET cancel_requested = 'a person'")
    (row,) = await floor.orders()
    async with floor.store.transaction() as transaction:
        await transaction.run("orders.recall", ids=[row["id"]], reason="again", now=LATE - SECOND)

    await floor.book(LATE)

    assert await order(floor) == ("rejected", "NEVER_ACCEPTED")


async def test_a_job_that_is_in_no_ledger_counts_as_lost(floor: TradingFloor) -> None:
    await sent(floor, submit="before")

    await floor.book(LATE)

    assert await order(floor) == ("rejected", "NEVER_ACCEPTED")


async def test_what_the_broker_has_is_acknowledged_and_its_fills_are_booked(floor: TradingFloor) -> None:
    job = await sent(floor, submit="kill")
    await record(floor, job, dead="killed too often")

    await floor.book(LATE)
    found = await order(floor)
    (row,) = await floor.orders()

    assert found == ("accepted", None) or found[0] == "filled"
    assert row["broker_order_id"] == f"px-{row['client_order_id']}"
    assert [kind for kind, _ in await told(floor) if kind != "order_filled"] == []


async def test_what_the_broker_has_and_somebody_wants_back_is_cancelled_there(floor: TradingFloor) -> None:
    job = await sent(floor, submit="kill")
    await record(floor, job, dead="killed too often")
    await floor.database.rows("UPDATE exchange_orders SET type = 'limit', limit_price = 1")
    await floor.database.rows("UPDATE orders SET cancel_requested = 'a person'")

    await floor.book(LATE)

    assert (await order(floor))[0] == "canceled"
    (theirs,) = await floor.all("exchange_orders")
    assert theirs["ended_at"] is not None


async def test_while_the_broker_says_nothing_certain_the_order_stays(floor: TradingFloor) -> None:
    job = await sent(floor, submit="before")
    await record(floor, job, dead="no route")
    assert isinstance(floor.broker, FaultyBroker)

    floor.broker.faults["order"] = "before"
    await floor.book(LATE)
    unclear = await order(floor)
    await floor.book(LATE + SECOND)

    assert unclear == ("submitting", None)
    assert (await order(floor))[0] == "rejected"


async def test_an_order_that_a_job_still_brings_is_left_to_it(floor: TradingFloor) -> None:
    job = await sent(floor, submit="before")
    await record(floor, job, dead=None)

    await floor.book(LATE + timedelta(minutes=10))

    assert await order(floor) == ("submitting", None)


async def test_sending_again_starts_the_minute_anew(floor: TradingFloor) -> None:
    job = await sent(floor, submit="before")
    assert isinstance(floor.broker, FaultyBroker)
    floor.broker.faults["submit"] = "before"
    with pytest.raises(Unreachable):
        await floor.courier(FakeWork(floor.store, job, ELEVEN + 50 * SECOND))

    await floor.book(LATE)
    early = await order(floor)
    await floor.book(LATE + 50 * SECOND)

    assert early == ("submitting", None)
    assert (await order(floor))[0] == "rejected"


async def test_an_order_that_was_never_sent_ends_denied_once_its_job_is_dead(floor: TradingFloor) -> None:
    job = await sent(floor)

    await floor.book(LATE)
    untouched = await order(floor)
    await record(floor, job, dead="a bug")
    for poll in range(3):
        await floor.book(LATE + poll * SECOND)
    await floor.courier(FakeWork(floor.store, job, LATE + 9 * SECOND))

    assert untouched == ("initialized", None)
    assert await order(floor) == ("denied", "JOB_DEAD")
    ((kind, text),) = await told(floor)
    assert (kind, "a bug" in text) == ("order_denied", True)
    assert await floor.all("exchange_orders") == []


async def test_another_order_under_our_name_needs_a_person(floor: TradingFloor) -> None:
    job = await sent(floor, submit="kill")
    await record(floor, job, dead="not the one we meant")
    await floor.database.rows("UPDATE exchange_orders SET quantity = quantity + 1, type = 'limit', limit_price = 1")

    for poll in range(3):
        await floor.book(LATE + poll * SECOND)

    assert (await order(floor))[0] == "unknown"
    assert [kind for kind, _ in await told(floor)] == ["order_unknown"]


# ------------------------------------------------------------------------------------------------ races


class Meddling(FaultyBroker):
    """Has something happen while it is asked for an order."""

    def __init__(self, floor: TradingFloor, meddle: Callable[[], Awaitable[object]]) -> None:
        super().__init__(floor.broker)
        self._meddle = meddle

    async def order(self, client_order_id: str) -> Any:  # noqa: ANN401 - as the broker's
        found = await super().order(client_order_id)
        await self._meddle()
        return found


@pytest.mark.parametrize(
    "happens",
    [
        "UPDATE jobs SET dead_at = NULL",
        "UPDATE orders SET updated_at = updated_at + interval '10 seconds'",
        "UPDATE orders SET status = 'accepted', version = version + 1",
    ],
)
async def test_what_was_heard_of_an_order_that_somebody_took_up_meanwhile_counts_for_nothing(
    floor: TradingFloor, happens: str
) -> None:
    job = await sent(floor, submit="before")
    await record(floor, job, dead="no route")
    meddling = Meddling(floor, lambda: floor.database.rows(happens))

    moved = await Strays(some_ports(store=floor.store, broker=meddling)).gather(LATE)

    assert not moved
    assert (await order(floor))[0] in {"submitting", "accepted"}


async def test_a_courier_that_holds_an_order_which_was_ended_meanwhile_does_not_send_it(floor: TradingFloor) -> None:
    job = await sent(floor, submit="before")
    strays = Strays(some_ports(store=floor.store, broker=floor.broker))
    floor.renew(Meddling(floor, lambda: strays.gather(LATE)))

    with pytest.raises(Conflict):
        await floor.courier(FakeWork(floor.store, job, LATE))

    assert (await order(floor))[0] == "rejected"
    assert await floor.all("exchange_orders") == []
