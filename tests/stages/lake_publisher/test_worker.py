import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest
import pytest_asyncio

from stonks.adapters.lake import open_lake
from stonks.adapters.store.postgres import PostgresStore
from stonks.model.fact import FACTS
from stonks.model.job import LakePublishJob
from stonks.stages.lake_publisher.worker import QUERIES, LakePublisher
from tests.fakes.bundle import some_ports
from tests.fakes.pool import InlinePool
from tests.fakes.rows import Database, open_database
from tests.fakes.signals import make_signal
from tests.fakes.work import FakeWork

DAY = date(2025, 4, 9)
NOON = datetime(2025, 4, 9, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=1)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database, following one company."""
    async with open_database(database_url) as database:
        await database.companies("AAPL")
        yield database


async def publish(store: PostgresStore, lake: Path, table: str, cause: str = "test") -> None:
    job = LakePublishJob(table=table, day=DAY.isoformat(), cause=cause)
    await LakePublisher(some_ports(store=store, lake=open_lake(f"file://{lake}", InlinePool())))(
        FakeWork(store, job, NOW)
    )


def read(lake: Path, table: str) -> list[dict[str, Any]]:
    return pl.read_parquet(f"{lake}/lakehouse/{table}/**/*.parquet", hive_partitioning=False).to_dicts()


async def filled(database: Database) -> None:
    """Put an order with three fills: two of the day, one of the day before."""
    order = {
        "id": UUID(int=1),
        "account": "paper",
        "leg": "entry",
        "attempt": 1,
        "client_order_id": "so-1",
        "ticker": "AAPL",
        "side": "buy",
        "type": "market",
        "quantity": Decimal(9),
        "time_in_force": "day",
        "reduce_only": False,
        "source": "engine",
        "status": "filled",
        "average_price": Decimal(100) / Decimal(3),
        "created_at": NOON,
        "updated_at": NOON,
    }
    await database.insert("orders", order)
    for number, (side, quantity, at) in enumerate(
        [("buy", 5, NOON - timedelta(days=1)), ("buy", 4, NOON), ("sell", 6, NOON + timedelta(hours=1))]
    ):
        fill = {"id": UUID(int=number), "order_id": UUID(int=1), "account": "paper", "execution_id": str(number)}
        traded = {"ticker": "AAPL", "side": side, "quantity": Decimal(quantity), "price": Decimal("10.5")}
        await database.insert("fills", fill | traded | {"fee": Decimal("0.01"), "at": at})


def test_every_table_of_the_lake_has_its_query() -> None:
    assert QUERIES.keys() == FACTS.keys()


@pytest.mark.parametrize("table", FACTS)
async def test_every_table_can_be_published(
    store: PostgresStore, database: Database, tmp_path: Path, table: str
) -> None:
    await database.document(UUID(int=7), NOON)
    await database.signals([make_signal(1, known_at=NOON, document_id=UUID(int=7))])
    await filled(database)

    await publish(store, tmp_path, table)

    batch = (await database.rows("SELECT * FROM lake_batches"))[0]
    assert (batch["table_name"], batch["day"], batch["published_at"]) == (table, DAY, NOW)
    assert batch["rows"] == len(read(tmp_path, table))
    assert (tmp_path / batch["object_key"]).is_file()


async def test_only_rows_of_the_day_are_published(store: PostgresStore, database: Database, tmp_path: Path) -> None:
    start = datetime(2025, 4, 9, tzinfo=UTC)
    instants = [start - timedelta(microseconds=1), start, start + timedelta(days=1)]
    await database.signals([make_signal(number, known_at=at) for number, at in enumerate(instants)])

    await publish(store, tmp_path, "signals")

    assert [row["known_at"] for row in read(tmp_path, "signals")] == [start]


async def test_positions_are_the_sum_of_all_fills_up_to_the_days_end(
    store: PostgresStore, database: Database, tmp_path: Path
) -> None:
    await filled(database)

    await publish(store, tmp_path, "positions")

    (position,) = read(tmp_path, "positions")
    assert (position["quantity"], position["fills"], position["fees"]) == (3, 3, Decimal("0.03"))
    assert position["cash"] == Decimal("-31.53")


async def test_publishing_again_replaces_the_day(store: PostgresStore, database: Database, tmp_path: Path) -> None:
    await database.signals([make_signal(1, known_at=NOON)])
    await publish(store, tmp_path, "signals")
    await database.signals([make_signal(2, known_at=NOON)])

    await publish(store, tmp_path, "signals", cause="later")

    assert len(read(tmp_path, "signals")) == 2
    (batch,) = await database.rows("SELECT * FROM lake_batches")
    assert batch["rows"] == 2


async def test_two_publishers_of_one_day_leave_one_whole_file(
    store: PostgresStore, database: Database, tmp_path: Path
) -> None:
    await database.signals([make_signal(number, known_at=NOON) for number in range(50)])

    await asyncio.gather(*(publish(store, tmp_path, "signals", cause=str(number)) for number in range(4)))

    (batch,) = await database.rows("SELECT * FROM lake_batches")
    files = list((tmp_path / "lakehouse/signals").rglob("*.parquet"))
    assert files == [tmp_path / batch["object_key"]]
