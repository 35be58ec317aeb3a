"""What becomes of projections and of momentum from one recomputation to the next."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.job import AggregationJob
from stonks.model.trend import Window
from stonks.stages.aggregation.core.projection import FEWEST
from stonks.stages.aggregation.worker import Aggregator
from tests.fakes.bundle import some_ports
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.work import FakeWork

DAY = timedelta(days=1)
MIDNIGHT = datetime(2025, 4, 10, tzinfo=UTC)


async def session(store: PostgresStore, at: datetime) -> None:
    """Recompute AAPL as at a session's open, which always writes."""
    work = FakeWork(store, AggregationJob(ticker="AAPL", cause="session:one:open"), at)
    await Aggregator(some_ports(store=store))(work)


async def settled(database: Database) -> list[dict[str, Any]]:
    return await database.rows("SELECT * FROM projection_outcomes ORDER BY trend_id, horizon")


async def test_a_projection_is_settled_at_the_very_instant_it_was_made_for(
    store: PostgresStore, database: Database
) -> None:
    await database.signals([make_signal(1), make_signal(2, direction=-1.0, known_at=NOW + DAY)])
    await session(store, NOW)
    await session(store, NOW + DAY - timedelta(minutes=1))
    assert await settled(database) == []

    await session(store, NOW + DAY)

    rows = await settled(database)
    kept = await database.rows(
        "SELECT p.trend_id, n.score - p.value AS residual, n.score BETWEEN p.low AND p.high AS covered, h.score "
        "FROM trend_projections p JOIN trend_history h ON h.id = p.trend_id "
        "JOIN trend_history n ON n.window_name = h.window_name AND n.as_of = h.as_of + interval '1 day' "
        "WHERE h.as_of = $1 AND p.horizon = interval '1 day'",
        NOW,
    )
    expected = {row["trend_id"]: (row["residual"], row["covered"]) for row in kept}
    assert {row["trend_id"]: (row["residual"], row["covered"]) for row in rows} == expected
    assert len(rows) == len(Window)
    assert {row["third"] for row in rows} == {2}


async def test_a_second_run_at_the_instant_leaves_what_it_saw(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1)])
    await session(store, NOW)
    await session(store, NOW + DAY)
    before = await settled(database)
    await database.signals([make_signal(2, direction=-1.0, known_at=NOW + DAY)])

    await session(store, NOW + DAY)

    after = await settled(database)
    assert [row["trend_id"] for row in after] == [row["trend_id"] for row in before]
    assert all(new["residual"] < old["residual"] for new, old in zip(after, before, strict=True))


async def outcomes(database: Database, residuals: list[float], settled_at: datetime = MIDNIGHT - DAY) -> None:
    """Put outcomes of clear projections of the 1d window over a day, off by these amounts."""
    await database.rows("ALTER TABLE projection_outcomes DROP CONSTRAINT IF EXISTS projection_outcomes_trend_id_fkey")
    for residual in residuals:
        number = await database.value("SELECT count(*) FROM projection_outcomes")
        row = {"trend_id": UUID(int=number), "horizon": DAY, "window_name": "1d", "third": 2, "residual": residual}
        await database.insert("projection_outcomes", row | {"covered": residual < 0.1, "settled_at": settled_at})


async def errors(database: Database) -> list[dict[str, Any]]:
    return await database.rows(
        "SELECT outcomes, radius, coverage FROM projection_errors "
        "WHERE window_name = '1d' AND horizon = interval '1 day' AND third = 2 ORDER BY day"
    )


@pytest.mark.parametrize(("count", "rank"), [(FEWEST, 25), (39, 32), (FEWEST - 1, None)])
async def test_an_interval_reaches_to_the_residual_of_its_rank(
    store: PostgresStore, database: Database, count: int, rank: int | None
) -> None:
    # Rank (n + 1) x .8, rounded up: 24.8 of 30, 32 of 39.
    await outcomes(database, [(-1.0) ** n * n / 100 for n in range(1, count + 1)])

    await session(store, NOW)

    (kept,) = await errors(database)
    assert (kept["outcomes"], kept["radius"]) == (count, None if rank is None else rank / 100)
    assert await database.value("SELECT count(*) FROM projection_errors") == len(Window) * 3 * 3


async def test_a_day_goes_by_what_was_settled_before_it_however_late_it_is_asked(
    store: PostgresStore, database: Database
) -> None:
    await outcomes(database, [0.05, 0.2])
    await outcomes(database, [0.3], settled_at=MIDNIGHT)
    await session(store, NOW)
    await outcomes(database, [0.4])

    await session(store, NOW + timedelta(hours=1))
    await session(store, NOW + DAY)

    assert [(row["outcomes"], row["coverage"]) for row in await errors(database)] == [(2, 0.5), (4, 0.25)]


async def test_momentum_is_compared_with_what_stood_before(store: PostgresStore, database: Database) -> None:
    await database.signals([make_signal(1), make_signal(2, direction=-1.0, known_at=NOW + 9 * DAY)])
    for days in (0, 3, 9):
        await session(store, NOW + days * DAY)
    await session(store, NOW + 9 * DAY)

    first, second, third = await database.rows("SELECT * FROM momentum_history ORDER BY as_of")

    assert (first["momentum_z"], second["momentum_z"]) == (None, None)
    assert third["momentum_norm"]["mass"] == pytest.approx(1 - 2 ** (-9 / 60))
    assert second["momentum"] < first["momentum"] == third["momentum"]
    assert third["momentum_z"] > 0
