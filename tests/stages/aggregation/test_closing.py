from datetime import date, datetime, timedelta

import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.job import AggregationJob
from stonks.model.market import Bar
from stonks.stages.aggregation.worker import Aggregator
from tests.fakes.bundle import some_ports
from tests.fakes.facts import bar, weekdays
from tests.fakes.rows import Database
from tests.fakes.signals import make_signal
from tests.fakes.work import FakeWork

DAYS = [one.day for one in weekdays(date(2025, 2, 17), 40)]
HOUR = timedelta(hours=1)


def daily(ticker: str, day: date, close: float = 101.0) -> Bar:
    return bar(day, (100.0, 150.0, 100.0, close), ticker=ticker)


async def close(store: PostgresStore, at: datetime, ticker: str = "AAPL") -> None:
    work = FakeWork(store, AggregationJob(ticker=ticker, cause=f"session:{at.date()}:close"), at)
    await Aggregator(some_ports(store=store))(work)


async def outcomes(database: Database) -> list[dict[str, object]]:
    return await database.rows("SELECT * FROM signal_outcomes ORDER BY signal_id, horizon")


async def test_a_sessions_close_judges_what_has_run_its_course(store: PostgresStore, database: Database) -> None:
    bars = [daily(ticker, day) for ticker in ("AAPL", "UNH") for day in DAYS]
    await database.bars(bars)
    own = [one for one in bars if one.ticker == "AAPL"]
    await database.signals([make_signal(1, known_at=own[-5].starts_at - HOUR)])

    await close(store, own[-2].ends_at)
    first = await outcomes(database)
    await close(store, own[-1].ends_at)
    second = await outcomes(database)

    assert [row["horizon"] for row in first] == [timedelta(days=1)]
    assert [row["horizon"] for row in second] == [timedelta(days=1), timedelta(days=5)]
    assert second[0] == first[0]  # with when it was computed: it was not computed again
    assert second[1]["entry_at"] == own[-5].starts_at
    assert second[1]["exit_at"] == own[-1].ends_at
    assert second[1]["known_at"] == own[-1].ends_at


async def test_a_close_delivered_twice_writes_one_outcome(store: PostgresStore, database: Database) -> None:
    bars = [daily("AAPL", day) for day in DAYS]
    await database.bars(bars)
    await database.signals([make_signal(1, known_at=bars[-2].starts_at - HOUR)])

    await close(store, bars[-1].ends_at)
    once = await outcomes(database)
    await close(store, bars[-1].ends_at)

    assert await outcomes(database) == once
    assert len(once) == 1


async def test_bars_of_others_that_come_later_change_nothing_that_is_written(
    store: PostgresStore, database: Database
) -> None:
    bars = [daily("AAPL", day) for day in DAYS]
    await database.bars(bars)
    await database.signals([make_signal(1, known_at=bars[-2].starts_at - HOUR)])
    await close(store, bars[-2].ends_at)
    before = await outcomes(database)

    late = [daily("UNH", day, 150.0) for day in DAYS]
    await database.bars(late)
    await close(store, bars[-1].ends_at)

    assert [row for row in await outcomes(database) if row["horizon"] == timedelta(days=1)] == before
    assert before[0]["abnormal"] == pytest.approx(0.0)


async def test_a_withdrawn_signal_and_one_without_bars_are_not_judged(store: PostgresStore, database: Database) -> None:
    bars = [daily("AAPL", day) for day in DAYS]
    await database.bars(bars)
    known_at = bars[-2].starts_at - HOUR
    await database.signals([make_signal(1, known_at=known_at), make_signal(2, ticker="UNH", known_at=known_at)])
    await database.value(
        "UPDATE signals SET withdrawn_at = known_at + interval '1 hour' WHERE ticker = 'AAPL' RETURNING 1"
    )

    await close(store, bars[-1].ends_at)
    await close(store, bars[-1].ends_at, "UNH")

    assert await outcomes(database) == []


async def test_only_a_sessions_close_judges(store: PostgresStore, database: Database) -> None:
    bars = [daily("AAPL", day) for day in DAYS]
    await database.bars(bars)
    await database.signals([make_signal(1, known_at=bars[-2].starts_at - HOUR)])
    work = FakeWork(store, AggregationJob(ticker="AAPL", cause="a document"), bars[-1].ends_at)

    await Aggregator(some_ports(store=store))(work)

    assert await outcomes(database) == []
