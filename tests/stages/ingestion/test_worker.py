from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.objects import open_objects
from stonks.model.document import Action, Document, DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed, Refused, Throttled
from stonks.model.job import IngestionJob, ParsingJob
from stonks.model.market import Bar, CalendarEvent
from stonks.ports.objects import Objects
from stonks.ports.sources import Fetched
from stonks.ports.store import Store
from stonks.stages.ingestion.worker import Ingestion
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeWork

NOW = datetime(2025, 4, 7, 12, tzinfo=UTC)
RUN = UUID(int=7)
SOURCE = Source(name="wire", adapter="fake", cadence=timedelta(minutes=5), freshness_slo=timedelta(minutes=15))


class Feed:
    """A source that answers with what it was given, or raises it."""

    def __init__(self, answer: Fetched | Exception) -> None:
        self.answer = answer

    def sources(self) -> Sequence[Source]:
        return [SOURCE]

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        assert (source.name, now) == ("wire", NOW)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def fetched(text: str, revision: int = 1, action: Action = Action.CREATED) -> FetchedDocument:
    return FetchedDocument(
        external_id="a",
        revision=revision,
        action=action,
        document_type=DocumentType.NEWS,
        publisher="Reuters",
        published_at=NOW,
        known_at=NOW,
        content_type="application/json",
        raw=text.encode(),
        title="Title",
        feed_tickers=("BA", "V"),
    )


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await database.insert(
            "sources", {name: getattr(SOURCE, name) for name in ("name", "adapter", "cadence", "freshness_slo")}
        )
        await database.insert("ingestion_runs", {"id": RUN, "source": "wire", "started_at": NOW})
        yield database


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(f"file://{tmp_path}")


async def ingest(store: Store, objects: Objects, answer: Fetched | Exception) -> FakeWork[IngestionJob]:
    work = FakeWork(store, IngestionJob(source="wire", run_id=RUN), NOW)
    await Ingestion(some_ports(store=store, objects=objects, sources=Feed(answer)))(work)
    return work


async def test_a_new_document_is_stored_with_its_raw_bytes_and_sent_to_the_parser(
    store: Store, objects: Objects, database: Database
) -> None:
    work = await ingest(
        store, objects, Fetched(documents=(fetched("text"),), cursor="c1", next_at=NOW + timedelta(hours=2))
    )

    (row,) = await database.rows("SELECT * FROM documents")
    document = msgspec.convert(row, Document)
    assert (document.status, document.feed_tickers, row["run_id"], row["status_at"]) == (
        "stored",
        ("BA", "V"),
        RUN,
        NOW,
    )
    assert await objects.get(f"raw/sha256/{document.raw_sha256[:2]}/{document.raw_sha256[2:]}") == b"text"
    assert work.followed == [ParsingJob(document_id=document.id)]


async def test_a_run_and_its_source_say_how_far_they_came(store: Store, objects: Objects, database: Database) -> None:
    again = fetched("text")
    await ingest(store, objects, Fetched(documents=(again, again), cursor="c1", next_at=NOW + timedelta(hours=2)))

    (run,) = await database.rows("SELECT fetched, stored, duplicates, cursor_after, error FROM ingestion_runs")
    (source,) = await database.rows("SELECT cursor, next_run_at, failures, last_success_at FROM sources")
    assert run == {"fetched": 2, "stored": 1, "duplicates": 1, "cursor_after": "c1", "error": None}
    assert source == {"cursor": "c1", "next_run_at": NOW + timedelta(hours=2), "failures": 0, "last_success_at": NOW}


async def test_a_second_delivery_writes_nothing_new(store: Store, objects: Objects, database: Database) -> None:
    answer = Fetched(documents=(fetched("text"),), cursor="c1")
    await ingest(store, objects, answer)
    second = await ingest(store, objects, answer)

    assert await database.value("SELECT count(*) FROM documents") == 1
    assert second.followed == []


async def test_an_update_flags_the_revision_before_it(store: Store, objects: Objects, database: Database) -> None:
    await ingest(store, objects, Fetched(documents=(fetched("one"),)))
    await ingest(store, objects, Fetched(documents=(fetched("two", 2, Action.UPDATED),)))

    rows = await database.rows("SELECT revision, status, flags FROM documents ORDER BY revision")
    assert [(row["status"], row["flags"]) for row in rows] == [("stored", ["superseded"]), ("stored", [])]


async def test_a_removal_withdraws_every_revision_and_is_not_parsed(
    store: Store, objects: Objects, database: Database
) -> None:
    await ingest(store, objects, Fetched(documents=(fetched("one"), fetched("two", 2, Action.UPDATED))))
    work = await ingest(store, objects, Fetched(documents=(fetched("", 3, Action.REMOVED),)))

    rows = await database.rows("SELECT DISTINCT status, status_reason FROM documents")
    assert rows == [{"status": "withdrawn", "status_reason": "removed by the publisher"}]
    assert work.followed == []


async def test_bars_and_events_are_kept_as_they_were_first_known(
    store: Store, objects: Objects, database: Database
) -> None:
    close = NOW + timedelta(hours=6)
    prices = {"open": Decimal("135.00"), "high": Decimal(140), "low": Decimal("128.9"), "close": Decimal("136.1")}
    bar = Bar(
        ticker="BA", resolution="1d", starts_at=NOW, ends_at=close, **prices, volume=Decimal(9_000_000), known_at=close
    )
    event = CalendarEvent(type="fomc", ticker=None, day=date(2025, 5, 7), when="18:00", amount=None, known_at=NOW)
    await ingest(store, objects, Fetched(bars=(bar,), events=(event,)))
    await ingest(store, objects, Fetched(bars=(msgspec.structs.replace(bar, close=Decimal(1)),), events=(event,)))

    (row,) = await database.rows("SELECT * FROM bars")
    assert msgspec.convert(row, Bar) == bar
    assert await database.rows("SELECT type, ticker, day, at FROM calendar_events") == [
        {"type": "fomc", "ticker": "", "day": date(2025, 5, 7), "at": "18:00"}
    ]


@pytest.mark.parametrize(
    ("error", "next_run_at"),
    [(Refused("no such key"), None), (Throttled("slow down", timedelta(minutes=9)), NOW + timedelta(minutes=9))],
)
async def test_a_source_that_fails_is_counted_and_its_cursor_stays(
    error: Exception, next_run_at: datetime | None, *, store: Store, objects: Objects, database: Database
) -> None:
    work = await ingest(store, objects, error)

    (source,) = await database.rows("SELECT cursor, failures, next_run_at FROM sources")
    assert source == {"cursor": None, "failures": 1, "next_run_at": next_run_at}
    assert await database.value("SELECT error FROM ingestion_runs") == f"{type(error).__name__}: {error}"
    assert (work.commits, work.followed) == (1, [])


async def test_a_job_for_no_source_is_malformed(store: Store, objects: Objects, database: Database) -> None:
    await database.value("DELETE FROM ingestion_runs RETURNING 1")
    await database.value("DELETE FROM sources RETURNING 1")

    with pytest.raises(Malformed, match="no source wire"):
        await ingest(store, objects, Fetched())
