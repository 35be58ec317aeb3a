import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from stonks.model.job import BrokerOrderJob
from stonks.risk.evaluate import Evaluation
from stonks.risk.policy import MODERATE
from stonks.settings import Settings
from stonks.stages.broker.caps import Caps, capped
from stonks.stages.broker.core.orders import OrderRow, claimed
from stonks.stages.broker.events import happen
from stonks.stages.broker.worker import Courier
from tests.fakes.facts import NOW
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork

CAPS = (Decimal(1000), Decimal(3000))


@pytest.mark.parametrize(
    ("cost", "spent", "failed"),
    [
        ("1000", "2000", []),
        ("1000.01", "0", ["MAX_ORDER_USD"]),
        ("1000", "2000.01", ["MAX_DAY_USD"]),
        ("5000", "0", ["MAX_ORDER_USD", "MAX_DAY_USD"]),
        (None, "0", ["CAP_UNPRICED"]),
    ],
)
def test_an_order_is_held_to_both_caps_and_one_that_cannot_be_priced_goes_nowhere(
    cost: str | None, spent: str, failed: list[str]
) -> None:
    checks = capped(None if cost is None else Decimal(cost), Decimal(spent), CAPS, NOW)
    assert [check.code for check in checks if not check.passed] == failed
    assert all(check.hard for check in checks)


async def send(floor: TradingFloor, job: BrokerOrderJob, at: datetime = ELEVEN, **settings: int) -> dict[str, Any]:
    """Bring an order to the broker under other caps; return its row."""
    given: dict[str, Any] = dict(settings)
    chosen = Settings.model_construct(**given)
    courier = Courier(some_ports(store=floor.store, broker=floor.broker, queue=floor.marks, settings=chosen))
    await courier(FakeWork(floor.store, job, at))
    (row,) = [row for row in await floor.all("orders") if row["id"] == job.order_id]
    return row


async def order_of(floor: TradingFloor, number: int, ticker: str) -> BrokerOrderJob:
    await floor.recommend(number, ticker)
    (job,) = (await floor.trade(ELEVEN + number * timedelta(minutes=1))).followed
    assert isinstance(job, BrokerOrderJob)
    return job


async def test_an_entry_above_the_cap_of_an_order_is_denied_by_name_before_anything_is_sent(
    floor: TradingFloor,
) -> None:
    await floor.book(TODAY.opens_at)
    row = await send(floor, await order_of(floor, 1, "AAPL"), max_order_usd=100)
    assert (row["status"], row["status_reason"]) == ("denied", "MAX_ORDER_USD")
    assert await floor.database.value("SELECT count(*) FROM exchange_orders") == 0
    (verdict,) = await floor.all("risk_evaluations")
    assert verdict["verdict"] == "denied"
    assert {check["code"] for check in verdict["checks"] if not check["passed"]} == {"MAX_ORDER_USD"}


async def test_the_entries_of_a_day_are_added_up_and_forgotten_after_it(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    first, second = await order_of(floor, 1, "AAPL"), await order_of(floor, 2, "JPM")
    sent = await send(floor, first)
    cost = int(sent["quantity"] * 101)

    denied = await send(floor, second, max_day_usd=cost + 1)
    await floor.database.rows("UPDATE order_events SET at = at - interval '24 hours 5 minutes'")
    third = await send(floor, await order_of(floor, 3, "UNH"), at=ELEVEN + timedelta(minutes=3), max_day_usd=cost + 1)

    assert (sent["status"], denied["status"], denied["status_reason"]) == ("accepted", "denied", "MAX_DAY_USD")
    assert third["status"] == "accepted"


async def claim(floor: TradingFloor, job: BrokerOrderJob, caps: Caps, others: asyncio.Event) -> str | None:
    """Claim an entry as its delivery does, and hold the claim until others try too; return why it may not go."""
    async with floor.store.transaction() as transaction:
        row = await transaction.row(OrderRow, "broker.order", id=job.order_id)
        assert row is not None
        passed = Evaluation(checks=(), clamps=(), sizing={}, quantity=row.quantity, primary_reason=None)
        price = await floor.broker.price(row.ticker, ELEVEN)
        verdict = await caps.on(passed, transaction, row, price, ELEVEN)
        if verdict.primary_reason is None:
            await happen(transaction, row, claimed(ELEVEN), ELEVEN)
        await others.wait()
        return verdict.primary_reason


async def test_two_entries_that_are_claimed_at_once_share_the_cap_of_the_day(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    jobs = [await order_of(floor, 1, "AAPL"), await order_of(floor, 2, "JPM")]
    most = max(int(row["quantity"] * 102) for row in await floor.all("orders"))
    settings: dict[str, Any] = {"max_day_usd": most}
    caps, both = Caps(Settings.model_construct(**settings)), asyncio.Event()

    claims = [asyncio.ensure_future(claim(floor, job, caps, both)) for job in jobs]
    waiters = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not await floor.database.value(waiters):
        pass
    both.set()

    assert sorted(map(str, await asyncio.gather(*claims))) == ["MAX_DAY_USD", "None"]


async def test_an_exit_is_exempt_from_both_caps(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    await send(floor, await order_of(floor, 1, "AAPL"))
    await floor.book(after(1).opens_at)
    (bought,) = [row for row in await floor.all("orders") if row["leg"] == "entry"]
    sale = {"id": UUID(int=99), "leg": "exit", "side": "sell", "reduce_only": True, "client_order_id": "so-exit"}
    changed = {"status": "initialized", "broker_order_id": None, "filled_quantity": Decimal(0), "average_price": None}
    await floor.database.insert("orders", bought | sale | changed | {"attempt": 2})

    row = await send(
        floor,
        BrokerOrderJob(order_id=UUID(int=99)),
        at=after(1).opens_at + timedelta(hours=1),
        max_order_usd=1,
        max_day_usd=1,
    )

    assert row["status"] == "accepted", row["status_reason"]


def test_the_caps_stand_in_the_settings_and_not_in_the_policy() -> None:
    assert not any("usd" in name for name in msgspec.json.encode(MODERATE).decode().split('"'))
    settings = Settings.model_construct()
    assert (settings.max_order_usd, settings.max_day_usd) == (25_000, 150_000)
