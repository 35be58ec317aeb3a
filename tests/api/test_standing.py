"""Mode, clock, pipeline and dead letters."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from stonks.api.standing import STAGE_QUEUES, Tallying, ui_config
from stonks.model.job import QUEUES
from stonks.settings import Settings
from tests.fakes.world import World


async def test_a_replay_is_named_with_its_clock(world: World) -> None:
    shell = await world.get("/ui-config")

    assert shell["mode"] == "REPLAY"
    assert shell["now"] == shell["replay"]["now"] == "2025-04-30T20:10:00Z"
    assert 0.98 < shell["replay"]["progress"] < 1
    assert shell["replay"]["finished_at"] is None


async def test_real_time_with_the_paper_broker_is_paper(world: World) -> None:
    await world.connection.execute("TRUNCATE replay_clock")

    shell = await world.get("/ui-config")

    assert (shell["mode"], shell["replay"]) == ("PAPER", None)


@pytest.mark.parametrize(
    ("url", "mode"), [("alpaca:paper", "PAPER"), ("alpaca+http://127.0.0.1:1", "PAPER"), ("alpaca:live", "LIVE")]
)
async def test_only_where_real_money_is_traded_the_mode_is_live(world: World, url: str, mode: str) -> None:
    await world.connection.execute("TRUNCATE replay_clock")
    settings = Settings.model_construct(broker_url=url)
    assert (await ui_config(replace(world.ports, settings=settings))).mode == mode


async def test_the_pipeline_shows_every_queue_in_order_with_what_is_where(world: World) -> None:
    found = await world.get("/pipeline")

    shown = [queue["queue"] for stage in found["stages"] for queue in stage["queues"]]
    assert shown == list(QUEUES)
    by_name = {queue["queue"]: queue for stage in found["stages"] for queue in stage["queues"]}
    assert (by_name["extraction"]["waiting"], by_name["parsing"]["dead"], by_name["aggregation"]["in_flight"]) == (
        7,
        2,
        1,
    )
    assert sum(queue["open"] for queue in by_name.values()) == 26
    assert sum(queue["done_total"] for queue in by_name.values()) == 1174
    assert all(queue["oldest_age_seconds"] >= 0 for queue in by_name.values() if queue["open"])
    assert any(queue["done_last_5m"] < queue["done_total"] for queue in by_name.values())


async def done_jobs(world: World) -> int:
    found = await world.get("/pipeline")
    return sum(queue["done_total"] for stage in found["stages"] for queue in stage["queues"])


async def do_more(world: World, count: int, ago: timedelta) -> None:
    insert = """INSERT INTO jobs (job_id, queue, subject, payload, done_at)
                SELECT gen_random_uuid(), 'parsing', n, '{}', now() - $1::interval FROM generate_series(1, $2) AS n"""
    await world.connection.execute(insert, ago, count)


async def test_a_tally_changes_no_count_whoever_asks_and_whatever_is_done_meanwhile(world: World) -> None:
    before = await done_jobs(world)

    await do_more(world, 12_000, timedelta(minutes=1))
    counted = [await done_jobs(world), *await asyncio.gather(done_jobs(world), done_jobs(world))]
    tallied = await world.connection.fetchval("SELECT sum(done) FROM job_tallies")
    await world.connection.execute("UPDATE jobs SET done_at = now() WHERE done_at IS NULL")

    assert counted == [before + 12_000] * 3
    assert tallied > 12_000
    assert await done_jobs(world) == before + 12_000 + 26


async def test_tallies_add_up(world: World) -> None:
    before = await done_jobs(world)
    now = await world.connection.fetchval("SELECT now()")

    for ago in (timedelta(days=3), timedelta(days=2), timedelta(days=1)):
        await do_more(world, 10, ago)
        async with world.ports.store.transaction() as transaction:
            await transaction.run("read_pipeline.tally", queues=list(QUEUES), until=now - ago + timedelta(hours=1))

    assert await world.connection.fetchval("SELECT sum(done) FROM job_tallies") == 30
    assert await done_jobs(world) == before + 30


async def test_what_a_transaction_that_still_runs_has_done_is_not_tallied_away(world: World) -> None:
    async with world.connection.transaction():
        await world.connection.execute("UPDATE jobs SET done_at = now() WHERE done_at IS NULL")
        async with world.ports.store.transaction() as other:
            until = await other.row(Tallying, "read_pipeline.tally_alone", margin=timedelta(0))
        began = await world.connection.fetchval("SELECT now()")

    assert until is not None
    assert until.alone
    assert until.until <= began


def test_the_stages_are_those_of_the_pipeline() -> None:
    from stonks.stages import PIPELINE

    assert {stage.name: tuple(stage.queues) for stage in PIPELINE} == STAGE_QUEUES
    assert [stage.name for stage in PIPELINE] == list(STAGE_QUEUES)


async def test_documents_are_counted_where_they_stand(world: World) -> None:
    counts = (await world.get("/pipeline"))["documents"]

    assert sum(row["documents"] for row in counts) == len(world.seeded.documents)
    assert {(row["status"], row["reason"]) for row in counts} >= {("extracted", None), ("duplicate", "near_duplicate")}


async def test_a_source_is_late_after_its_promise_but_not_while_paused_or_replayed(world: World) -> None:
    replayed = (await world.get("/pipeline"))["sources"]
    await world.connection.execute("TRUNCATE replay_clock")
    sources = {row["name"]: row for row in (await world.get("/pipeline"))["sources"]}

    assert not any(row["late"] for row in replayed)
    assert sources["filings"]["late"]
    assert sources["filings"]["last_error"] == "HTTP 503 from the filings index"
    assert not sources["newswire"]["late"]
    assert not sources["bars"]["late"]


async def test_dead_letters_show_reason_error_and_payload(world: World) -> None:
    counts = await world.get("/dlq")
    letters = await world.get("/dlq/parsing")

    assert {row["queue"]: row["dead"] for row in counts} == dict.fromkeys(QUEUES, 0) | {"parsing": 2}
    assert [letter["place"] for letter in letters] == [0, 1]
    assert letters[0]["reason"] == "malformed"
    assert letters[0]["error"] == "document_id: expected a UUID"
    assert letters[0]["payload"].startswith('{"document_id":')


async def test_a_search_finds_tickers_names_and_words_of_titles(world: World) -> None:
    by_ticker, by_name = await world.get("/search", q="aap"), await world.get("/search", q="apple")
    by_word = await world.get("/search", q="tariffs")

    assert by_ticker["companies"] == by_name["companies"] == [{"ticker": "AAPL", "name": "Apple Inc."}]
    assert by_name["documents"]
    assert all("tariff" in document["title"].lower() for document in by_word["documents"])


async def test_a_company_tells_trends_position_signals_and_relations(world: World) -> None:
    rows = (await world.get("/companies"))["items"]
    found = await world.get("/companies/AAPL")

    assert [row["ticker"] for row in rows] == ["AAPL", "AMGN", "AMZN", "AXP", "BA", "CAT", "CRM", "GS"]
    assert found["company"] == rows[0]
    assert [cell["window"] for cell in found["company"]["trends"]] == ["intraday", "1d", "7d", "30d", "90d"]
    assert found["company"]["next_earnings"] == "2025-05-01"
    assert all(row["ticker"] == "AAPL" for row in found["signals"])


async def test_bars_come_oldest_first_up_to_now(world: World) -> None:
    bars = (await world.get("/companies/AAPL/bars", limit=5))["items"]

    assert [bar["starts_at"][:10] for bar in bars] == [
        "2025-04-24",
        "2025-04-25",
        "2025-04-28",
        "2025-04-29",
        "2025-04-30",
    ]
    assert bars[-1]["close"] == "212.5"


async def test_a_trend_shows_its_drivers_by_weight(world: World) -> None:
    matrix = await world.get("/trends")
    cell = matrix["rows"][0]["cells"][-1]

    found = await world.get(f"/trends/{cell['trend_id']}")

    weights = [abs(driver["contribution"]) for driver in found["drivers"]]
    assert matrix["windows"] == ["intraday", "1d", "7d", "30d", "90d"]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == cell["signals"]
    assert found["current_id"] == found["trend"]["id"] == found["history"][0]["trend_id"]
    assert [projection["horizon_hours"] for projection in found["projections"]] == [24, 120]
