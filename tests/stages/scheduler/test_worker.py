from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from stonks.model.company import Company
from stonks.model.document import Source
from stonks.model.errors import Refused
from stonks.model.fact import FACTS
from stonks.model.identity import source_run_id
from stonks.model.job import (
    AggregationJob,
    DocumentJob,
    ExtractionJob,
    IngestionJob,
    Job,
    LakePublishJob,
    MacroClassificationJob,
    ParsingJob,
)
from stonks.model.market import Session
from stonks.ports.sources import Fetched
from stonks.ports.store import Store
from stonks.stages.scheduler.desk import SourceDesk
from stonks.stages.scheduler.universe import seed_companies
from stonks.stages.scheduler.worker import Scheduler
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeWork

MONDAY = datetime(2025, 4, 7, tzinfo=UTC)
NOW = MONDAY + timedelta(hours=12)


class Feeds:
    """Two sources that nobody polls here."""

    def sources(self) -> Sequence[Source]:
        return [
            Source(
                name=name,
                adapter="fake",
                cadence=timedelta(minutes=5),
                freshness_slo=timedelta(minutes=15),
                cursor="c0",
            )
            for name in ("wire", "filings")
        ]

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        raise AssertionError((source, now))


class Weekdays:
    """A calendar without holidays that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def sessions(self, first: date, last: date) -> Sequence[Session]:
        self.asked += 1
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [
            Session(
                day=day,
                opens_at=datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC),
                closes_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
            )
            for day in days
            if day.weekday() < 5
        ]


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await database.companies("BA", "V")
        yield database


@pytest.fixture
def calendar() -> Weekdays:
    return Weekdays()


@pytest.fixture
def scheduler(store: Store, calendar: Weekdays) -> Scheduler:
    return Scheduler(some_ports(store=store, sources=Feeds(), calendar=calendar))


async def look(scheduler: Scheduler, store: Store, now: datetime) -> list[Job]:
    work = FakeWork(store, None, now)
    await scheduler(work)
    return work.followed


def of(kind: type[Job], jobs: list[Job]) -> list[Job]:
    return [job for job in jobs if isinstance(job, kind)]


# ------------------------------------------------------------------------------------------------ sources


async def test_a_new_source_is_polled_at_once_and_again_after_its_cadence(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    first = await look(scheduler, store, NOW)
    await database.value("UPDATE ingestion_runs SET ended_at = started_at RETURNING 1")
    early = await look(scheduler, store, NOW + timedelta(minutes=4))
    again = await look(scheduler, store, NOW + timedelta(minutes=5))

    assert of(IngestionJob, first) == [
        IngestionJob(source=name, run_id=source_run_id(name, NOW)) for name in ("filings", "wire")
    ]
    assert of(IngestionJob, early) == []
    assert len(of(IngestionJob, again)) == 2


async def test_a_poll_is_on_record_with_where_it_starts_from(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    await look(scheduler, store, NOW)

    rows = await database.rows(
        "SELECT id, source, started_at, cursor_before, ended_at FROM ingestion_runs ORDER BY source"
    )
    assert rows[1] == {
        "id": source_run_id("wire", NOW),
        "source": "wire",
        "started_at": NOW,
        "cursor_before": "c0",
        "ended_at": None,
    }


async def test_a_source_is_not_polled_while_a_poll_is_under_way(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    await look(scheduler, store, NOW)

    assert of(IngestionJob, await look(scheduler, store, NOW + timedelta(minutes=10))) == []
    assert len(of(IngestionJob, await look(scheduler, store, NOW + timedelta(minutes=15)))) == 2
    assert await database.value("SELECT count(*) FROM ingestion_runs") == 4


async def test_two_schedulers_start_one_poll(store: Store, calendar: Weekdays, database: Database) -> None:
    ports = some_ports(store=store, sources=Feeds(), calendar=calendar)
    jobs = [job for _ in range(2) for job in await look(Scheduler(ports), store, NOW)]

    assert len(of(IngestionJob, jobs)) == 2
    assert await database.value("SELECT count(*) FROM ingestion_runs") == 2


async def test_a_restart_does_not_move_a_source_back(
    scheduler: Scheduler, store: Store, calendar: Weekdays, database: Database
) -> None:
    await look(scheduler, store, NOW)
    await database.value("UPDATE sources SET cursor = 'c9', failures = 3 RETURNING 1")
    await look(
        Scheduler(some_ports(store=store, sources=Feeds(), calendar=calendar)), store, NOW + timedelta(minutes=1)
    )

    assert await database.rows("SELECT DISTINCT cursor, failures FROM sources") == [{"cursor": "c9", "failures": 3}]


async def test_a_source_that_somebody_asks_for_is_polled_once_and_who_asked_is_on_record(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    desk = SourceDesk(store, Feeds())
    await look(scheduler, store, NOW)
    await database.value("UPDATE ingestion_runs SET ended_at = started_at RETURNING 1")
    await desk.pause("wire", NOW, "cli:ann")
    await desk.run("wire", NOW, "cli:bob")
    soon = await look(scheduler, store, NOW + timedelta(seconds=5))
    await database.value("UPDATE ingestion_runs SET ended_at = started_at RETURNING 1")
    later = await look(scheduler, store, NOW + timedelta(minutes=6))

    assert [job.source for job in of(IngestionJob, soon) if isinstance(job, IngestionJob)] == ["wire"]
    assert [job.source for job in of(IngestionJob, later) if isinstance(job, IngestionJob)] == ["filings"]
    audit = await database.rows("SELECT actor, action, object, before, after, prev_hash, hash FROM audit ORDER BY seq")
    assert [(row["actor"], row["action"], row["object"]) for row in audit] == [
        ("cli:ann", "source.pause", "wire"),
        ("cli:bob", "source.run", "wire"),
    ]
    assert audit[0]["before"] == {"paused": False}
    assert (audit[0]["prev_hash"], audit[1]["prev_hash"]) == ("", audit[0]["hash"])
    assert len({row["hash"] for row in audit}) == 2


async def test_what_nobody_polled_yet_stands_among_the_rest_and_cannot_be_paused(store: Store) -> None:
    desk = SourceDesk(store, Feeds())

    assert [(one.name, one.due_at, one.late) for one in await desk.overview(NOW)] == [
        ("filings", None, True),
        ("wire", None, True),
    ]
    with pytest.raises(Refused, match="not in the table of sources yet"):
        await desk.pause("wire", NOW, "cli:ann")
    with pytest.raises(Refused, match="no source tape: there are filings, wire"):
        await desk.resume("tape", NOW, "cli:ann")


async def test_an_overview_says_when_a_failing_source_comes_next_and_what_it_failed_of(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    await look(scheduler, store, NOW)
    await database.value(
        "UPDATE ingestion_runs SET ended_at = started_at, error = 'Refused: no' WHERE source = 'wire' RETURNING 1"
    )
    await database.value("UPDATE sources SET failures = 2, last_success_at = $1 WHERE name = 'wire' RETURNING 1", NOW)
    fresh = {one.name: one for one in await SourceDesk(store, Feeds()).overview(NOW + timedelta(minutes=15))}["wire"]
    late = {one.name: one for one in await SourceDesk(store, Feeds()).overview(NOW + timedelta(minutes=16))}["wire"]

    assert (fresh.last_error, fresh.running_since, fresh.age_seconds) == ("Refused: no", None, 900.0)
    assert fresh.due_at is not None
    assert NOW + timedelta(minutes=12) < fresh.due_at <= NOW + timedelta(minutes=15)
    assert (fresh.late, late.late) == (False, True)


async def test_a_source_that_no_setting_turns_on_any_more_is_stopped_and_comes_back_with_it(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    row = {"name": "old", "adapter": "polygon", "cadence": timedelta(minutes=5), "freshness_slo": timedelta(hours=1)}
    await database.insert("sources", row)
    jobs = await look(scheduler, store, NOW)

    why = await database.rows("SELECT name, stopped FROM sources ORDER BY name")
    assert {one["name"]: one["stopped"] is None for one in why} == {"filings": True, "old": False, "wire": True}
    assert "old" not in {job.source for job in jobs if isinstance(job, IngestionJob)}
    with pytest.raises(Refused, match="old is stopped: no setting"):
        await SourceDesk(store, Feeds()).run("old", NOW, "cli:ann")


# ------------------------------------------------------------------------------------------------ sessions


async def test_sessions_are_kept_from_a_year_ago_to_a_month_ahead_and_asked_for_once(
    scheduler: Scheduler, store: Store, calendar: Weekdays, database: Database
) -> None:
    await look(scheduler, store, NOW)
    await look(scheduler, store, NOW + timedelta(days=1))

    span = await database.rows("SELECT min(day), max(day) FROM market_sessions")
    assert span == [{"min": date(2024, 4, 8), "max": date(2025, 5, 7)}]
    assert calendar.asked == 1


async def test_each_company_is_looked_at_after_the_open_and_at_the_close(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    del database
    looks = [
        timedelta(hours=13, minutes=35),
        timedelta(hours=13, minutes=40),
        timedelta(hours=13, minutes=45),
        timedelta(hours=20),
    ]
    jobs = [await look(scheduler, store, MONDAY + at) for at in looks]

    assert [of(AggregationJob, found) for found in jobs] == [
        [],
        [AggregationJob(ticker=ticker, cause="session:2025-04-07:open") for ticker in ("BA", "V")],
        [],
        [AggregationJob(ticker=ticker, cause="session:2025-04-07:close") for ticker in ("BA", "V")],
    ]
    assert {job.key.rpartition(":session")[0] for job in of(LakePublishJob, jobs[3])} == {
        f"lake_publish:{table}:2025-04-{day:02}" for table in FACTS for day in (4, 5, 6, 7)
    }


# ------------------------------------------------------------------------------------------------ recovery


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "stored"}, [ParsingJob(document_id=UUID(int=1))]),
        ({"status": "parsed"}, [ExtractionJob(document_id=UUID(int=1))]),
        ({"status": "parsed", "document_type": "macro_event"}, [MacroClassificationJob(document_id=UUID(int=1))]),
        ({"status": "rejected"}, []),
        ({"status": "stored", "status_at": NOW - timedelta(minutes=29)}, []),
    ],
)
async def test_a_document_that_waits_and_has_no_job_is_asked_for_again_once(
    columns: dict[str, Any], expected: list[Job], *, scheduler: Scheduler, store: Store, database: Database
) -> None:
    await database.document(UUID(int=1), NOW - timedelta(hours=1), **columns)

    first = await look(scheduler, store, NOW)
    second = await look(scheduler, store, NOW + timedelta(minutes=30))

    kinds = (ParsingJob, ExtractionJob, MacroClassificationJob)
    assert [job for job in first if isinstance(job, kinds)] == expected
    assert [job for job in second if isinstance(job, kinds) and columns.get("status_at") is None] == []


async def test_a_document_whose_job_is_open_is_left_alone(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    await database.document(UUID(int=1), NOW - timedelta(hours=1), status="stored")
    job = ParsingJob(document_id=UUID(int=1))
    await database.insert("jobs", {"job_id": job.key, "queue": job.queue, "subject": job.subject, "payload": {}})

    assert of(ParsingJob, await look(scheduler, store, NOW)) == []


async def test_work_that_the_ledger_has_as_done_is_opened_again_for_a_document_that_still_waits(
    scheduler: Scheduler, store: Store, database: Database
) -> None:
    await database.document(UUID(int=1), NOW - timedelta(hours=1), status="stored")
    job = ParsingJob(document_id=UUID(int=1))
    await database.insert(
        "jobs", {"job_id": job.key, "queue": job.queue, "subject": job.subject, "payload": {}, "done_at": NOW}
    )

    await look(scheduler, store, NOW)

    assert await database.value("SELECT done_at FROM jobs") is None


@pytest.mark.parametrize(
    ("columns", "dead", "done"),
    [
        ({"status": "stored"}, ParsingJob, []),
        ({"status": "parsed"}, ExtractionJob, [ParsingJob]),
        ({"status": "parsed", "document_type": "macro_event"}, MacroClassificationJob, [ParsingJob]),
    ],
)
async def test_a_document_whose_job_is_dead_is_left_to_people(
    columns: dict[str, Any], dead: type[DocumentJob], done: list[type[DocumentJob]], *, store: Store, database: Database
) -> None:
    await database.document(UUID(int=1), NOW - timedelta(hours=1), **columns)
    for kind in (dead, *done):
        job = kind(document_id=UUID(int=1))
        end = "dead_at" if kind is dead else "done_at"
        row = {"job_id": job.key, "queue": job.queue, "subject": job.subject, "payload": {}, end: NOW}
        await database.insert("jobs", row)

    assert await store.rows(UUID, "scheduler.stuck", before=NOW) == []


# ------------------------------------------------------------------------------------------------ companies


async def test_companies_are_followed_and_brought_up_to_date(store: Store, database: Database) -> None:
    pair = [
        Company(ticker=ticker, name=ticker, sub_industry="Soft Drinks", aliases=("Cola",)) for ticker in ("KO", "PEP")
    ]
    await seed_companies(store, pair, [], NOW)
    await seed_companies(store, [Company(ticker="KO", name="Coca-Cola"), pair[1]], [], NOW + timedelta(days=1))

    assert await database.rows("SELECT name, aliases FROM companies WHERE ticker = 'KO'") == [
        {"name": "Coca-Cola", "aliases": []}
    ]
    edges = await database.rows("SELECT src, dst, confidence, valid_from FROM company_edges ORDER BY src")
    assert [(edge["src"], edge["dst"], edge["confidence"], edge["valid_from"]) for edge in edges] == [
        ("KO", "PEP", 0.8, NOW),
        ("PEP", "KO", 0.8, NOW),
    ]
