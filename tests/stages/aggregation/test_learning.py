import asyncio
from datetime import datetime, timedelta

import msgspec

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.job import AggregationJob
from stonks.model.weights import PRIOR_WEIGHTS, LearnedWeights
from stonks.stages.aggregation.core.candidate import FEWEST_OUTCOMES
from stonks.stages.aggregation.learning import EVERY, in_force, learn
from stonks.stages.aggregation.worker import Aggregator
from tests.fakes.bundle import some_ports
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.work import FakeWork

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def version(database: Database, name: str, *, active: datetime | None, **learned: object) -> None:
    body = msgspec.to_builtins(LearnedWeights(version=name, fitted_at=NOW - DAY, **learned))  # type: ignore[arg-type]
    row = {
        "version": name,
        "body": body,
        "fitted_at": NOW - DAY,
        "base": "prior-1",
        "outcomes": 500,
        "verdict": "a test",
    }
    await database.insert("weights_versions", row | {"activated_at": active})


async def outcomes(database: Database, count: int, known_at: datetime) -> None:
    """As many judged signals of one company."""
    await database.value(
        """
        WITH made AS (
            INSERT INTO signals (id, ticker, layer, source, cluster_id, origin_id, event_type, direction, strength,
                                 confidence, credibility, novelty, quality, relevance, half_life, known_at,
                                 extractor_version)
            SELECT md5(n::text)::uuid, 'AAPL', 'company', 'wire', md5(n::text)::uuid, md5(n::text)::uuid, 'product', 1,
                   1, 1, 1, 1, 1, 1, '1d', $2::timestamptz - interval '3 days', 'test-1'
            FROM generate_series(1, $1) AS n RETURNING id
        ), judged AS (
            INSERT INTO signal_outcomes
            SELECT id, interval '1 day', $2 - interval '1 day', 100, $2, 101, 0.01, 0.01, 1, true, 'test', $2 FROM made
        )
        SELECT count(*) FROM made
        """,
        count,
        known_at,
    )


async def fit(store: PostgresStore, now: datetime) -> None:
    async with FakeWork(store, None, now).commit() as commit:
        await learn(commit, now)


async def versions(database: Database) -> list[dict[str, object]]:
    return await database.rows("SELECT version, activated_at, base, outcomes, verdict FROM weights_versions ORDER BY 1")


async def test_the_prior_is_in_force_until_the_instant_after_a_version_is_activated(
    store: PostgresStore, database: Database
) -> None:
    await version(database, "fitted-1", active=NOW)
    await version(database, "fitted-2", active=None)

    assert await in_force(store, NOW) == PRIOR_WEIGHTS
    assert (await in_force(store, NOW + MINUTE)).version == "fitted-1"


async def test_a_trend_says_which_version_made_it_and_follows_its_trust(
    store: PostgresStore, database: Database
) -> None:
    await database.signals([make_signal(1, source="wire", known_at=NOW - MINUTE)])
    await version(database, "fitted-1", active=NOW, trust={"wire": {"*": 0.2}})

    for at in (NOW, NOW + MINUTE):
        await Aggregator(some_ports(store=store))(FakeWork(store, AggregationJob(ticker="AAPL", cause=str(at)), at))

    rows = await database.rows(
        "SELECT weights_version, score FROM trend_history WHERE window_name = '1d' ORDER BY as_of"
    )
    assert [row["weights_version"] for row in rows] == ["prior-1", "fitted-1"]
    assert rows[1]["score"] < rows[0]["score"] / 1.5
    assert await database.value("SELECT credibility FROM signals") == 1.0


async def test_nothing_is_fitted_to_fewer_outcomes_than_a_model_needs(store: PostgresStore, database: Database) -> None:
    await outcomes(database, FEWEST_OUTCOMES - 1, NOW - DAY)

    await fit(store, NOW)

    assert await versions(database) == []


async def test_outcomes_of_the_same_instant_do_not_count_yet(store: PostgresStore, database: Database) -> None:
    await outcomes(database, FEWEST_OUTCOMES, NOW)

    await fit(store, NOW)

    assert await versions(database) == []


async def test_a_version_is_fitted_once_a_week_and_kept_with_why_it_is_not_in_force(
    store: PostgresStore, database: Database
) -> None:
    await outcomes(database, FEWEST_OUTCOMES, NOW - DAY)

    for at in (NOW, NOW, NOW + DAY, NOW + EVERY + MINUTE):
        await fit(store, at)

    rows = await versions(database)
    assert [row["version"] for row in rows] == ["fitted-20250410T1340", "fitted-20250417T0141"]
    assert {row["activated_at"] for row in rows} == {None}
    assert {row["verdict"] for row in rows} == {"too few sessions to judge it: kept inactive"}
    assert await in_force(store, NOW + timedelta(days=30)) == PRIOR_WEIGHTS


async def test_of_several_closes_at_one_instant_one_fits(store: PostgresStore, database: Database) -> None:
    await outcomes(database, FEWEST_OUTCOMES, NOW - DAY)

    await asyncio.gather(*(fit(store, NOW) for _ in range(4)))

    assert len(await versions(database)) == 1


async def test_what_was_learned_is_read_back_as_it_was_written(store: PostgresStore, database: Database) -> None:
    await outcomes(database, FEWEST_OUTCOMES, NOW - DAY)
    await fit(store, NOW)

    body = msgspec.convert(await database.value("SELECT body FROM weights_versions"), LearnedWeights, strict=False)

    assert body.trust["wire"]["*"] == 1.5  # all of them hit
    assert body.company == 1.5
    assert body.models == {}
