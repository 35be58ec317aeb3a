from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.company import CompanyEdge
from stonks.model.identity import trend_id
from stonks.model.job import AggregationJob, Job, RecommendationJob
from stonks.model.signal import Layer
from stonks.settings import Settings
from stonks.stages.aggregation.core.event_study import EventReturn
from stonks.stages.aggregation.worker import Aggregator
from tests.fakes.bundle import some_ports
from tests.fakes.facts import bar, weekdays
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.work import FakeWork

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DOCUMENT = UUID(int=77)
CLOSE = "session:2025-04-09:close"
OFF = Settings.model_construct(competitive_enabled=False)


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


async def earnings(database: Database, *, names: tuple[str, ...] = ("AAPL",)) -> None:
    """Put news of AAPL's earnings, in a document that names these companies."""
    await database.document(DOCUMENT, NOW, names=names)
    await database.signals([make_signal(1, event_type="earnings_beat", document_id=DOCUMENT)])


async def competitive(database: Database) -> list[dict[str, Any]]:
    return await database.rows(
        "SELECT s.ticker, s.direction, s.strength, s.confidence, s.known_at, s.document_id, s.layer, r.relation, "
        "r.hops, r.origin_signal_id, r.path, r.lag_expected_days, r.pattern "
        "FROM signals s JOIN competitive_signal_records r ON r.signal_id = s.id ORDER BY s.ticker"
    )


async def layers(database: Database, ticker: str, at: datetime) -> dict[str, float]:
    found = await database.value("SELECT layer_scores FROM trend_history WHERE id = $1", trend_id(ticker, "1d", at))
    return msgspec.convert(found, dict[str, float])


def edge(dst: str, *, src: str = "AAPL", **fields: Any) -> CompanyEdge:  # noqa: ANN401 - as the type has them
    plain: dict[str, Any] = {"relation": "partner", "weight": 1.0, "confidence": 0.9, "source": "test"}
    return CompanyEdge(**(plain | {"src": src, "dst": dst, "valid_from": NOW - DAY} | fields))


# ------------------------------------------------------------------------------------------------ related companies


async def test_earnings_reach_the_rest_of_the_sub_industry_once(store: PostgresStore, database: Database) -> None:
    await earnings(database)

    followed = await aggregate(store)
    again = await aggregate(store, cause="again", at=NOW + HOUR)

    (reached,) = await competitive(database)
    assert (reached["ticker"], reached["relation"], reached["hops"]) == ("DELL", "sub_industry", 1)
    assert (reached["direction"], reached["strength"], reached["confidence"]) == pytest.approx((1.0, 0.2, 0.6))
    assert (reached["known_at"], reached["document_id"]) == (NOW, DOCUMENT)
    assert [(step["src"], step["dst"], step["source"]) for step in reached["path"]] == [("AAPL", "DELL", "test")]
    assert reached["lag_expected_days"] == 5.0
    assert [job.ticker for job in followed if isinstance(job, AggregationJob)] == ["DELL"]
    assert again == []


async def test_the_company_reached_adds_it_up_and_passes_nothing_on(store: PostgresStore, database: Database) -> None:
    await earnings(database)
    await aggregate(store)

    followed = await aggregate(store, "DELL", cause="competitive:1")

    assert not any(isinstance(job, AggregationJob) for job in followed)
    assert (await layers(database, "DELL", NOW))["competitive"] > 0
    assert len(await competitive(database)) == 1


async def test_a_company_that_the_document_names_is_not_told_twice(store: PostgresStore, database: Database) -> None:
    await earnings(database, names=("AAPL", "DELL"))

    await aggregate(store)

    assert await competitive(database) == []


@pytest.mark.parametrize(
    ("fields", "reached"),
    [
        ({}, True),
        ({"valid_from": NOW - 9 * DAY, "valid_to": NOW - DAY}, False),
        ({"valid_from": NOW + DAY}, False),
        ({"valid_from": NOW - 9 * DAY, "known_at": NOW + HOUR}, False),
        ({"valid_from": NOW - 9 * DAY, "known_at": NOW}, False),
        ({"valid_from": NOW - 9 * DAY, "valid_to": NOW}, True),
    ],
    ids=["stands", "has ended", "is to come", "is learned later", "is learned at this instant", "ends at this instant"],
)
async def test_a_relation_counts_as_it_was_known_before_the_instant(
    store: PostgresStore,
    database: Database,
    fields: dict[str, Any],
    reached: bool,  # noqa: FBT001
) -> None:
    await database.edge(edge("UNH", **fields))
    await database.document(DOCUMENT, NOW)
    await database.signals([make_signal(1, event_type="contract_win", document_id=DOCUMENT)])

    await aggregate(store)

    assert bool(await competitive(database)) is reached


async def test_the_competitive_layer_can_be_switched_off(store: PostgresStore, database: Database) -> None:
    await earnings(database)

    followed = await aggregate(store, settings=OFF)
    await aggregate(store, settings=OFF, cause=CLOSE, at=NOW + HOUR)

    assert await competitive(database) == []
    assert await database.value("SELECT count(*) FROM event_returns") == 0
    assert [type(job) for job in followed] == [RecommendationJob] * 3


async def test_what_was_passed_on_before_counts_no_more_once_it_is_switched_off(
    store: PostgresStore, database: Database
) -> None:
    await earnings(database)
    await aggregate(store)

    for settings, hours in ((None, 1), (OFF, 2)):
        await aggregate(store, "DELL", cause=f"session:{hours}:open", at=NOW + hours * HOUR, settings=settings)

    assert (await layers(database, "DELL", NOW + HOUR))["competitive"] > 0
    assert (await layers(database, "DELL", NOW + 2 * HOUR)).get("competitive", 0.0) == 0.0


# ------------------------------------------------------------------------------------------------ patterns

CALM = weekdays(date(2024, 12, 2), 60)
PAST = weekdays(date(2025, 2, 24), 12)


async def past_sessions(database: Database, count: int) -> None:
    """Calm sessions of AAPL and UNH, then some before which good news of AAPL came and in which AAPL rose 3 %."""
    for number, session in enumerate(CALM):
        calm = 100 + number % 2
        await database.bars([bar(session.day, (100, 104, 96, calm), ticker=ticker) for ticker in ("AAPL", "UNH")])
    for number, session in enumerate(PAST[:count], 100):
        await database.bars([bar(session.day, (100, 104, 99, 103))])
        await database.bars([bar(session.day, (100, 104, 99, 100), ticker="UNH")])
        await database.signals([make_signal(number, known_at=session.opens_at - HOUR)])


async def test_news_of_a_kind_that_moved_the_stock_before_is_also_a_pattern(
    store: PostgresStore, database: Database
) -> None:
    await past_sessions(database, 12)
    await aggregate(store, cause=CLOSE, at=NOW - DAY)
    await database.signals([make_signal(1, direction=-0.7)])

    followed = await aggregate(store)

    (pattern,) = await competitive(database)
    assert (pattern["layer"], pattern["relation"], pattern["pattern"]["events"]) == (Layer.COMPETITIVE, "pattern", 12)
    assert pattern["pattern"]["past"][0]["signal_ids"] == [str(UUID(int=111))]
    assert pattern["direction"] < 0
    assert [type(job) for job in followed] == [RecommendationJob] * 3


async def test_seven_sessions_are_no_pattern(store: PostgresStore, database: Database) -> None:
    await past_sessions(database, 7)
    await aggregate(store, cause=CLOSE, at=NOW - DAY)
    await database.signals([make_signal(1)])

    await aggregate(store)

    assert await competitive(database) == []


async def test_what_events_came_to_is_written_once_and_counts_from_the_next_instant_on(
    store: PostgresStore, database: Database
) -> None:
    await past_sessions(database, 12)
    await database.signals([make_signal(1)])
    await aggregate(store, cause=CLOSE)
    measured = await database.rows("SELECT * FROM event_returns ORDER BY entered_at, horizon")

    await aggregate(store, cause=CLOSE, at=NOW)
    same = await competitive(database)
    await aggregate(store, cause=CLOSE, at=NOW + HOUR)

    assert len(measured) == 12 + 8
    assert await database.rows("SELECT * FROM event_returns ORDER BY entered_at, horizon") == measured
    assert same == []
    assert len(await competitive(database)) == 1


async def test_what_is_learned_later_changes_no_pattern(store: PostgresStore, database: Database) -> None:
    await past_sessions(database, 12)
    await aggregate(store, cause=CLOSE, at=NOW - DAY)
    await database.signals([make_signal(1), make_signal(2, ticker="UNH", known_at=NOW - 30 * DAY)])
    later = EventReturn(
        ticker="UNH",
        event_type="product",
        entered_at=NOW - 30 * DAY,
        horizon=1,
        direction=1.0,
        own_return=-0.5,
        market_return=0.0,
        beta=1.0,
        volatility=0.01,
        z=-5.0,
        exited_at=NOW - 29 * DAY,
        signal_ids=(UUID(int=2),),
        known_at=NOW + HOUR,
    )
    await database.insert("event_returns", {name: getattr(later, name) for name in later.__struct_fields__})

    await aggregate(store)

    (pattern,) = await competitive(database)
    assert pattern["pattern"]["of_all"] > 0
    assert pattern["pattern"]["of_all"] == pytest.approx(pattern["pattern"]["mean"] * 12 / 112, rel=1e-3)


async def test_events_whose_texts_were_withdrawn_count_no_more(store: PostgresStore, database: Database) -> None:
    await past_sessions(database, 12)
    await aggregate(store, cause=CLOSE, at=NOW - DAY)
    await database.value(
        "WITH gone AS (UPDATE signals SET withdrawn_at = $1 WHERE known_at < $1 RETURNING 1) SELECT count(*) FROM gone",
        NOW,
    )
    await database.signals([make_signal(1)])

    await aggregate(store)

    assert await competitive(database) == []


async def test_a_fund_on_the_market_is_what_returns_are_held_against(store: PostgresStore, database: Database) -> None:
    for session in PAST:
        await database.bars([bar(session.day, (100, 104, 96, 102), ticker="SPY")])
    await past_sessions(database, 12)

    await aggregate(store, cause=CLOSE, at=NOW - DAY)

    markets = await database.rows("SELECT market_return FROM event_returns WHERE horizon = 1")
    assert [row["market_return"] for row in markets] == pytest.approx([0.02] * 12)


# ------------------------------------------------------------------------------------------------ named together


async def stories(database: Database, *, together: int, apart: int) -> None:
    for number in range(together + apart):
        names = ("AAPL", "UNH") if number < together else ("AAPL",)
        at = NOW - timedelta(days=20, hours=number)
        await database.document(UUID(int=500 + number), at, names=names)
    for number in range(40):
        await database.document(UUID(int=900 + number), NOW - timedelta(days=30, hours=number), names=("DELL",))


async def edges(database: Database) -> list[tuple[str, str, datetime | None]]:
    rows = await database.rows("SELECT * FROM company_edges WHERE relation = 'co_mention' ORDER BY valid_from, src")
    return [(row["src"], row["dst"], row["valid_to"]) for row in rows]


async def test_companies_that_the_news_names_together_are_related_from_a_close_on(
    store: PostgresStore, database: Database
) -> None:
    await stories(database, together=5, apart=3)

    for ticker in ("AAPL", "UNH", "DELL", "AAPL"):
        await aggregate(store, ticker, cause=CLOSE)

    assert await edges(database) == [("AAPL", "UNH", None), ("UNH", "AAPL", None)]


async def test_a_relation_that_the_news_gives_up_ends(store: PostgresStore, database: Database) -> None:
    await stories(database, together=5, apart=3)
    await aggregate(store, cause=CLOSE)
    gone = NOW + 80 * DAY

    await aggregate(store, cause=CLOSE, at=gone)

    assert await edges(database) == [("AAPL", "UNH", gone)]


async def test_lists_of_many_companies_relate_none(store: PostgresStore, database: Database) -> None:
    many = ("AAPL", "UNH", "A", "B", "C", "D", "E")
    for number in range(9):
        await database.document(UUID(int=500 + number), NOW - timedelta(days=number + 1), names=many)

    await aggregate(store, cause=CLOSE)

    assert await edges(database) == []


def test_the_dates_of_these_tests_hang_together() -> None:
    assert CALM[-1].day < PAST[0].day < PAST[-1].day < (NOW - DAY).astimezone(UTC).date()
