"""Scratch of the review: suspicions as tests."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stonks.model.job import BrokerOrderJob
from stonks.settings import Settings
from stonks.stages.broker.clerk import Clerk
from stonks.stages.broker.opening import Opening
from stonks.stages.broker.worker import Courier
from stonks.stages.trading.worker import Trader
from tests.fakes.broker import FaultyBroker
from tests.fakes.floor import ELEVEN, TODAY, TradingFloor, after
from tests.fakes.ports import some_ports
from tests.fakes.work import FakeWork
from tests.stages.broker.test_guard import OPEN, MINUTE, at_the_exchange, buy, held, surrender, by_hand
from tests.stages.broker.test_opening import POLL, lose_shares, restart, order_one, state


async def test_two_entries_claimed_at_once_share_the_cap(floor: TradingFloor) -> None:
    await floor.book(TODAY.opens_at)
    first = await floor.database.rows("SELECT 1")
    await floor.recommend(1, "AAPL")
    await floor.recommend(2, "JPM")
    jobs = (await floor.trade(ELEVEN)).followed
    await floor.database.rows("UPDATE orders SET status='submitting'")
    a, b = [job.order_id for job in jobs]
    async with floor.store.transaction() as one:
        s1 = await one.value("caps.spent", account="paper", since=TODAY.opens_at - timedelta(days=1))
        await one.run("broker.add_event", order_id=a, kind="claimed", dedupe_key="claimed", source="local", at=ELEVEN, detail={})

        async def other() -> Any:
            async with floor.store.transaction() as two:
                return await two.value("caps.spent", account="paper", since=TODAY.opens_at - timedelta(days=1))

        task = asyncio.create_task(other())
        await asyncio.sleep(0.5)
        assert not task.done()
    s2 = await task
    assert s1 == 0
    assert s2 > 0


async def test_a_halt_file_leaves_stops_where_they_are(floor: TradingFloor, tmp_path: Path) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    before = [row["type"] for row in await at_the_exchange(floor)]
    await surrender(floor)
    settings = Settings.model_construct(data_dir=tmp_path)
    settings.halt_file.write_text("")
    ports = some_ports(store=floor.store, broker=floor.broker, queue=floor.marks, settings=settings)
    floor.courier = Courier(ports)
    floor.clerk = Clerk(ports)
    booked = await floor.book(OPEN + MINUTE)
    print(booked.followed)
    await floor.deliver(booked, OPEN + MINUTE)
    assert before == ["stop"]
    assert [row["type"] for row in await at_the_exchange(floor)] == ["stop"]


@pytest.mark.parametrize("was", ["reducing"])
async def test_a_pause_outlasts(floor: TradingFloor, was: str) -> None:
    await order_one(floor)
    await lose_shares(floor)
    restart(floor)
    await floor.database.rows("UPDATE trading_state SET state = 'reducing', changed_by = 'ann', reason='r', halts_when_flat=true")
    for number in range(5):
        await floor.book(ELEVEN + number * POLL)
    assert (await state(floor))[0] == "halted"
    await floor.database.rows("DELETE FROM positions WHERE ticker = 'UNH'")
    await floor.book(ELEVEN + 5 * POLL)
    assert await state(floor) == ("reducing", "ann")


async def test_held_forgets_decision_of_an_earlier_position(floor: TradingFloor) -> None:
    await buy(floor)
    await floor.instant(OPEN)
    (h,) = await floor.trader._knowledge.held(OPEN + MINUTE)
    assert h.stop_distance is not None
    await floor.database.rows("UPDATE positions SET opened_at = $1", OPEN + timedelta(days=1))
    (h,) = await floor.trader._knowledge.held(OPEN + timedelta(days=2))
    assert h.stop_distance is None


async def test_asking_again_to_recall_is_no_move(floor: TradingFloor) -> None:
    await buy(floor)
    ids = [row["id"] for row in await floor.all("orders")]
    for n in range(2):
        async with floor.store.transaction() as one:
            await one.run("orders.recall", ids=ids, reason="x", now=ELEVEN + n * MINUTE)
    (row,) = await floor.all("orders")
    assert row["updated_at"] == ELEVEN
