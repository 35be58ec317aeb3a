from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.errors import Refused
from stonks.model.job import AggregationJob, Job, RecommendationJob
from stonks.model.signal import HalfLife
from stonks.model.trend import Trend
from stonks.settings import Settings
from stonks.stages.aggregation.core.columns import columns_of
from stonks.stages.aggregation.core.trend import recompute
from stonks.stages.aggregation.worker import Aggregator
from tests.fakes.bundle import some_ports
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.work import FakeWork

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DOCUMENT = UUID(int=77)


async def aggregate(
    store: PostgresStore,
    ticker: str = "AAPL",
    *,
    cause: str = "a document",
    at: datetime = NOW,
    settings: Settings | None = None,
) -> list[Job]:
    work = FakeWork(store, AggregationJob(ticker=ticker, cause=cause), at)
    await Aggregator(some_ports(store=store, settings=settings))(work)
    return work.followed


async def trends(database: Database, ticker: str = "AAPL") -> list[Trend]:
    """All versions of a ticker's trends, by instant and by length of their window."""
    rows = await database.rows(
        'SELECT *, window_name AS "window" FROM trend_history WHERE ticker = $1 '
        "ORDER BY as_of, array_position('{intraday,1d,7d,30d,90d}', window_name)",
        ticker,
    )
    return [msgspec.convert(row, Trend) for row in rows]


async def instants(database: Database, ticker: str = "AAPL") -> list[datetime]:
    return sorted({trend.as_of for trend in await trends(database, ticker)})


# ------------------------------------------------------------------------------------------------ trends


async def test_every_window_is_kept_as_the_core_computes_it(store: PostgresStore, database: Database) -> None:
    signals = [make_signal(n, direction=0.1 * n, known_at=NOW - n * HOUR) for n in range(1, 9)]
    await database.signals(signals)

    await aggregate(store)

    outlook = recompute("AAPL", columns_of(signals), NOW, {})
    kept = await database.rows("SELECT * FROM trend_projections ORDER BY trend_id, horizon")
    newest = await database.rows("SELECT trend_id FROM trend_windows")
    assert await trends(database) == list(outlook.trends)
    assert {row["trend_id"] for row in newest} == {trend.id for trend in outlook.trends}
    assert sorted(kept, key=str) == sorted((msgspec.structs.asdict(each) for each in outlook.projections), key=str)


async def test_what_is_known_later_is_not_read(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1), make_signal(2, direction=-1.0, known_at=NOW + HOUR)])

    await aggregate(store)

    assert [trend.contradiction for trend in await trends(database)] == [0.0] * 5


async def test_a_withdrawn_signal_counts_until_it_was_withdrawn_and_not_after(
    store: PostgresStore, database: Database
) -> None:
    await database.signals([make_signal(1), make_signal(2, direction=-1.0, known_at=NOW - HOUR)])
    await database.value("UPDATE signals SET withdrawn_at = $1 WHERE id = $2 RETURNING 1", NOW, UUID(int=2))

    await aggregate(store, at=NOW - timedelta(seconds=1), cause="the past")
    await aggregate(store)

    before, _ = await instants(database)
    first = [trend for trend in await trends(database) if trend.as_of == before]
    second = [trend for trend in await trends(database) if trend.as_of == NOW]
    assert first
    assert all(trend.score < 0 for trend in first if trend.weight)
    assert all(trend.score > 0 and trend.contradiction == 0 for trend in second)


async def test_a_new_trend_is_to_be_recommended_on_for_a_day_a_week_and_a_month(
    store: PostgresStore, database: Database
) -> None:
    await database.signals([make_signal(1)])

    followed = await aggregate(store)

    kept = {trend.window.value: trend.id for trend in await trends(database)}
    assert followed == [
        RecommendationJob(ticker="AAPL", window=name, trend_id=kept[name]) for name in ("1d", "7d", "30d")
    ]


async def test_unchanged_signals_write_nothing_new(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1)])
    await aggregate(store)

    followed = await aggregate(store, at=NOW + HOUR)

    assert followed == []
    assert await instants(database) == [NOW]


async def test_a_session_writes_although_nothing_new_was_learned(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1)])
    await aggregate(store)

    followed = await aggregate(store, cause="session:2025-04-10:open", at=NOW + HOUR)

    assert len(followed) == 3
    assert await instants(database) == [NOW, NOW + HOUR]


async def test_a_sessions_close_writes_trends_and_recommends_nothing(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1)])

    followed = await aggregate(store, cause="session:2025-04-10:close")

    assert followed == []
    assert await instants(database) == [NOW]


async def test_news_at_a_sessions_close_is_recommended_on_in_whatever_order_the_jobs_run(
    store: PostgresStore, database: Database
) -> None:
    close, news = (AggregationJob(ticker="AAPL", cause=cause) for cause in ("session:2025-04-10:close", "news"))
    aggregator = Aggregator(some_ports(store=store))
    together = FakeWork(store, news, NOW, covers=(close, news))
    apart = [FakeWork(store, job, NOW + HOUR) for job in (close, news)]

    await database.signals([make_signal(1)])
    await aggregator(together)
    await database.signals([make_signal(2, known_at=NOW + HOUR)])
    for work in apart:
        await aggregator(work)

    assert [len(work.followed) for work in (together, *apart)] == [3, 0, 3]
    assert await instants(database) == [NOW, NOW + HOUR]


async def test_a_flat_trend_asks_for_advice_only_while_the_last_may_still_stand(
    store: PostgresStore, database: Database
) -> None:
    await database.signals([make_signal(1, direction=0.5, half_life=HalfLife.B0)])
    asked = [
        [type(job) for job in await aggregate(store, cause=f"session:{days}:open", at=NOW + days * DAY)]
        for days in (0, 1, 4, 7)
    ]

    assert asked == [[RecommendationJob] * 3] * 3 + [[]]


async def test_two_runs_at_one_instant_leave_what_the_last_one_saw(store: PostgresStore, database: Database) -> None:
    first, second = make_signal(1), make_signal(2, direction=-0.5)
    await database.signals([first])
    await aggregate(store)
    await database.signals([second])

    await aggregate(store, cause="another document")

    assert await trends(database) == list(recompute("AAPL", columns_of([first, second]), NOW, {}).trends)


async def test_a_direction_is_held_against_the_version_before_this_instant(
    store: PostgresStore, database: Database
) -> None:
    # 0.4 / 0.6 is bullish; after ten hours 0.030 / 0.230 would no longer make it so, but keeps it so.
    await database.signals([make_signal(1)])
    await aggregate(store)
    later = NOW + timedelta(hours=10)

    await aggregate(store, cause="session:one", at=later)
    await aggregate(store, cause="session:two", at=later)

    intraday = (await trends(database))[5]
    assert 0.10 <= intraday.score < 0.15
    assert intraday.direction == "bullish"


async def test_an_older_instant_does_not_replace_the_newest_trend(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1)])
    await aggregate(store, at=NOW + HOUR)

    await aggregate(store, cause="session:late", at=NOW)

    assert await database.value("SELECT DISTINCT as_of FROM trend_windows") == NOW + HOUR


async def test_a_ticker_that_nobody_follows_is_refused(store: PostgresStore, database: Database) -> None:
    assert await database.value("SELECT count(*) FROM companies WHERE ticker = 'ZZZ'") == 0

    with pytest.raises(Refused):
        await aggregate(store, "ZZZ")
