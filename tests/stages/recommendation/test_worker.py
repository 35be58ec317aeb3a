from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.identity import trend_id
from stonks.model.job import RecommendationJob
from stonks.model.recommendation import Mode
from stonks.model.trend import Trend, Window
from stonks.model.weights import FEATURES, PRIOR_WEIGHTS, LearnedWeights, Platt, WindowModel
from stonks.settings import Settings
from stonks.stages.recommendation.core.decide import recommend
from stonks.stages.recommendation.core.situation import Situation
from stonks.stages.recommendation.worker import Recommender, ceiling_of
from tests.fakes.bundle import some_ports
from tests.fakes.facts import bar, weekdays
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.situations import DAY, HOUR, ZIGZAG, trend
from tests.fakes.work import FakeWork

SESSIONS = [session for session in weekdays(date(2024, 12, 2), 93) if session.closes_at < NOW]

LAST_CLOSE = ZIGZAG[(len(SESSIONS) - 1) % 2]


async def recommendations(store: PostgresStore, made: Trend, at: datetime = NOW) -> None:
    work = FakeWork(store, RecommendationJob(ticker="AAPL", window=made.window, trend_id=made.id), at)
    await Recommender(some_ports(store=store))(work)


async def keep(store: PostgresStore, **changes: Any) -> Trend:  # noqa: ANN401 - as trend takes them
    """Save a trend, as aggregation would."""
    made = trend(**changes)
    async with store.transaction() as transaction:
        await transaction.run("aggregation.save", trends=[made], projections=[])
    return made


async def market(database: Database) -> None:
    """Put bars that swing by 2 %, and the signals that drive the trend, the first of them from a document."""
    for number, session in enumerate(SESSIONS):
        close = ZIGZAG[number % 2]
        await database.bars([bar(session.day, (close, close, close, close), volume=50_000_000)])
    document = UUID(int=77)
    await database.document(document, NOW - 2 * HOUR)
    read = {"id": UUID(int=78), "document_id": document, "extractor_version": "test-1", "kind": "news", "summary": "-"}
    await database.insert("document_intelligence", read | {"verified_ratio": 0.9, "known_at": NOW})
    signals = [make_signal(number, known_at=NOW - 2 * HOUR, quality=0.8) for number in (2, 3)]
    await database.signals([make_signal(1, document_id=document, quality=0.7, known_at=NOW - 2 * HOUR), *signals])


async def kept(database: Database) -> list[dict[str, Any]]:
    return await database.rows("SELECT * FROM recommendations ORDER BY generated_at, id")


async def test_a_recommendation_is_kept_with_its_evidence_and_evaluation(
    store: PostgresStore, database: Database
) -> None:
    await market(database)
    made = await keep(store)

    await recommendations(store, made)

    (row,) = await kept(database)
    evidence = await database.rows("SELECT * FROM recommendation_evidence ORDER BY signal_id")
    (evaluation,) = await database.rows("SELECT * FROM risk_evaluations")
    assert (row["action"], row["mode"], row["suppressions"]) == ("buy", "paper", [])
    assert (row["trend_id"], row["generated_at"], row["price"]) == (made.id, NOW, Decimal(str(LAST_CLOSE)))
    assert "earnings beat" not in row["thesis_template"]
    assert "product (The Wire, 2025-04-10 11:40 UTC, 30% of the weight)" in row["thesis_template"]
    assert [reason["side"] for reason in evidence] == ["for", "for", "against"]
    assert (evaluation["subject_kind"], evaluation["subject_id"], evaluation["verdict"]) == (
        "recommendation",
        row["id"],
        "eligible",
    )
    assert {check["passed"] for check in evaluation["checks"] if check["hard"]} == {True}


async def situation_of(store: PostgresStore, made: Trend, at: datetime = NOW) -> Situation | None:
    async with store.transaction() as transaction:
        return await transaction.row(Situation, "recommendation.situation", trend_id=made.id, account="paper", now=at)


async def test_what_the_core_sees_is_what_was_known_by_then(store: PostgresStore, database: Database) -> None:
    await market(database)
    await database.bars([bar(date(2025, 4, 10), (1, 1, 1, 1))])
    for day, known_at in ((date(2025, 4, 14), NOW - DAY), (date(2025, 4, 11), NOW + HOUR), (date(2025, 4, 9), NOW)):
        event = {"type": "earnings", "ticker": "AAPL", "day": day, "at": "bmo", "known_at": known_at}
        await database.insert("calendar_events", event)
    made = await keep(store)

    seen = await situation_of(store, made)

    assert seen is not None
    assert seen.trend == made
    assert len(seen.closes) == 61
    assert seen.closes[-1] == float(seen.price or 0) > 1
    assert seen.closed_at[-1] == SESSIONS[-1].closes_at
    assert seen.earnings_in_days == 4
    assert seen.dollar_volume == pytest.approx(101 * 50e6)
    assert {voice.signal_id.int: voice.verified_ratio for voice in seen.voices} == {1: 0.9, 2: None, 3: None}


@pytest.mark.parametrize(("when", "days"), [("amc", 0), ("bmo", None)])
async def test_results_after_todays_close_are_still_ahead(
    store: PostgresStore, database: Database, when: str, days: int | None
) -> None:
    event = {"type": "earnings", "ticker": "AAPL", "day": NOW.date(), "at": when, "known_at": NOW - DAY}
    await database.insert("calendar_events", event)

    seen = await situation_of(store, await keep(store, drivers=()))

    assert seen is not None
    assert seen.earnings_in_days == days


async def test_a_second_delivery_writes_nothing_new(store: PostgresStore, database: Database) -> None:
    await market(database)
    made = await keep(store)

    await recommendations(store, made)
    await recommendations(store, made, NOW + HOUR)

    assert len(await kept(database)) == 1


@pytest.mark.parametrize(("minutes", "count"), [(4, 1), (5, 2)])
async def test_a_window_gets_no_second_recommendation_within_five_minutes(
    store: PostgresStore, database: Database, minutes: int, count: int
) -> None:
    later = NOW + timedelta(minutes=minutes)
    await market(database)
    await recommendations(store, await keep(store))

    newer = await keep(store, id=trend_id("AAPL", "1d", later), as_of=later)
    await recommendations(store, newer, later)

    assert len(await kept(database)) == count


async def test_another_window_is_not_made_to_wait(store: PostgresStore, database: Database) -> None:
    await market(database)
    await recommendations(store, await keep(store))

    await recommendations(store, await keep(store, id=UUID(int=5), window="7d"))

    assert {row["window_name"] for row in await kept(database)} == {"1d", "7d"}


async def test_a_trend_that_was_replaced_leads_to_nothing(store: PostgresStore, database: Database) -> None:
    await market(database)
    old = await keep(store)
    await keep(store, id=UUID(int=5), as_of=NOW + HOUR)

    await recommendations(store, old, NOW + HOUR)

    assert await kept(database) == []


async def test_what_was_acted_on_and_recommended_before_is_seen(store: PostgresStore, database: Database) -> None:
    await market(database)
    made = await keep(store)
    await recommendations(store, made)
    (bought,) = await kept(database)
    decision = {
        "id": UUID(int=9),
        "account": "paper",
        "recommendation_id": bought["id"],
        "ticker": "AAPL",
        "verdict": "act",
        "checks": [],
        "clamps": [],
        "sizing": {},
        "quantity": Decimal(3),
        "policy_version": "-",
        "decided_at": NOW,
    }
    await database.insert("trading_decisions", decision)
    position = {"account": "paper", "ticker": "AAPL", "quantity": Decimal(3), "average_price": Decimal(1)}
    await database.insert("positions", position | {"realized": Decimal(0), "updated_at": NOW})
    newer = await keep(store, id=UUID(int=5), as_of=NOW + HOUR)

    before, after = await situation_of(store, newer), await situation_of(store, newer, NOW + HOUR)

    assert before is not None
    assert after is not None
    assert (before.acted_at, before.bought_at) == (None, None)
    assert (after.acted_at, after.bought_at, after.sold_at, after.held) == (NOW, NOW, None, Decimal(3))
    assert "duplicate" in [each.code for each in recommend(after, NOW + HOUR, Mode.PAPER).recommendation.suppressions]


async def test_the_version_in_force_before_the_instant_gives_the_probability(
    store: PostgresStore, database: Database
) -> None:
    await market(database)
    made = await keep(store)
    calibrator = Platt(slope=1.0, intercept=0.0, slope_variance=0.0, intercept_variance=0.0, covariance=0.0)
    model = WindowModel(
        coefficients=(2.0, *(0.0,) * (len(FEATURES) - 1)), calibrator=calibrator, payoff=0.5, outcomes=900
    )
    learned = LearnedWeights(version="learned-1", models={Window.D1: model})
    row = {
        "version": "learned-1",
        "body": learned,
        "fitted_at": NOW,
        "base": "prior-1",
        "outcomes": 900,
        "verdict": "-",
    }
    await database.insert("weights_versions", row | {"activated_at": NOW})

    at, after = await situation_of(store, made), await situation_of(store, made, NOW + HOUR)

    assert at is not None
    assert after is not None
    assert (at.model, at.model_version) == (None, PRIOR_WEIGHTS.version)
    assert (after.model, after.model_version) == (model, "learned-1")


def test_only_the_built_in_exchange_is_recommended_to() -> None:
    for url in ("paper:", "alpaca:paper", "alpaca+http://127.0.0.1:1"):
        assert ceiling_of(Settings.model_construct(broker_url=url)) is Mode.PAPER
    assert ceiling_of(Settings.model_construct(broker_url="alpaca://live")) is Mode.INFORMATIONAL
    phrase = "trade real money on mine"
    switches: dict[str, Any] = {"trading_mode": "live", "live_trading_enabled": True, "live_confirm": phrase}
    live = Settings.model_construct(broker_url="alpaca:live", account="mine", **switches)
    assert ceiling_of(live) is Mode.LIVE


@pytest.mark.parametrize(("state", "mode"), [("open", "informational"), ("closed", "paper")])
async def test_while_the_model_invents_recommendations_are_advisory_and_say_so(
    store: PostgresStore, database: Database, state: str, mode: str
) -> None:
    await market(database)
    row = {"scope": "signals", "kind": "LLM_QUALITY", "state": state, "observed": 0.4, "limit_": 0.2}
    await database.insert("breakers", row)

    await recommendations(store, await keep(store))

    (made,) = await kept(database)
    held = [{"code": "model_unreliable", "observed": 0.4, "limit": 0.2}] if state == "open" else []
    assert (made["action"], made["mode"], made["suppressions"]) == ("buy", mode, held)
