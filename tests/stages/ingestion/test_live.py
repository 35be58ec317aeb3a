"""Live sources through ingestion into a real store: documents, answers and bytes, once, and across failures."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from stonks.adapters.budget import open_budget
from stonks.adapters.objects import open_objects
from stonks.adapters.sources import open_sources
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.stored import StoredUniverse
from stonks.model.document import Source
from stonks.model.job import IngestionJob, ParsingJob
from stonks.ports.budget import Budget
from stonks.ports.objects import Objects
from stonks.ports.sources import Sources
from stonks.ports.store import Store
from stonks.settings import read_settings
from stonks.stages.ingestion.worker import Ingestion
from tests.fakes.outlets import OUTLETS, stories
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.web import NOW, Site, StandingClock, open_site, respond
from tests.fakes.work import FakeWork

LIVE = ("edgar", "feed_the_fed")


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await database.insert("companies", {"ticker": "AAPL", "name": "Apple Inc.", "cik": "0000320193"})
        yield database


@pytest_asyncio.fixture
async def budget(redis_url: str) -> AsyncIterator[Budget]:
    async with open_budget(redis_url) as budget:
        yield budget


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(f"file://{tmp_path}")


@pytest.fixture
def sources(site: Site, store: Store, budget: Budget, objects: Objects) -> Sources:
    given = {key: value for name in LIVE for key, value in OUTLETS[name].settings(site.base).items()}
    surroundings = Surroundings(
        settings=read_settings(edgar_contact="Test test@example.com", **given),
        clock=StandingClock(),
        keep=objects.put,
        budget=budget,
        universe=StoredUniverse(store),
    )
    return open_sources("live:", surroundings)


async def ingest(store: Store, objects: Objects, sources: Sources, name: str) -> FakeWork[IngestionJob]:
    rows = [row for row in sources.sources() if row.name == name]
    async with store.transaction() as transaction:
        await transaction.run("scheduler.seed_sources", sources=rows)
        run = uuid4()
        started = {
            "names": [name],
            "seen": [await next_at(store, name)],
            "run_ids": [run],
            "next": [NOW + rows[0].cadence],
        }
        assert await transaction.rows(str, "scheduler.start_runs", **started, now=NOW) == [name]
    work = FakeWork(store, IngestionJob(source=name, run_id=run), NOW)
    await Ingestion(some_ports(store=store, objects=objects, sources=sources))(work)
    return work


async def next_at(store: Store, name: str) -> object:
    row = await store.row(Source, "ingestion.source", name=name)
    return row.next_run_at if row else None


@pytest.mark.parametrize("name", LIVE)
async def test_a_live_source_fills_the_store_once(
    name: str, *, site: Site, store: Store, objects: Objects, sources: Sources, database: Database
) -> None:
    OUTLETS[name].publish(site, stories(2))
    first = await ingest(store, objects, sources, name)
    second = await ingest(store, objects, sources, name)

    rows = await database.rows("SELECT id, raw_sha256, status FROM documents")
    assert {row["status"] for row in rows} == {"stored"}
    assert {str(row["id"]) for row in rows} == {job.subject for job in first.followed if isinstance(job, ParsingJob)}
    assert (len(rows), second.followed) == (2, [])
    for row in rows:
        sha256 = row["raw_sha256"]
        assert b"Apple tells story" in await objects.get(f"raw/sha256/{sha256[:2]}/{sha256[2:]}")
    answers = await database.rows("SELECT url, status, sha256 FROM source_answers")
    assert len(answers) == len(site.asked)
    assert all(answer["url"].startswith(site.base) for answer in answers)


async def test_a_feed_that_fails_is_put_off_with_its_answer_on_record(
    site: Site, store: Store, objects: Objects, sources: Sources, database: Database
) -> None:
    site.script("/feed.xml", lambda _: respond("slow", 429, {"Retry-After": "600"}))
    work = await ingest(store, objects, sources, "feed_the_fed")

    (run,) = await database.rows("SELECT error, stored FROM ingestion_runs")
    (source,) = await database.rows("SELECT failures, next_run_at FROM sources")
    assert run["error"].startswith("Throttled: ")
    assert (source["failures"], source["next_run_at"]) == (1, NOW + timedelta(minutes=10))
    assert await database.value("SELECT status FROM source_answers") == 429
    assert (work.followed, run["stored"]) == ([], 0)
