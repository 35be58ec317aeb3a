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
from stonks.model.job import AggregationJob, IngestionJob, ParsingJob
from stonks.model.market import Bar, CalendarEvent, CorporateAction, TickerDetails
from stonks.model.signal import Layer
from stonks.ports.objects import Objects
from stonks.ports.sources import Fetched, SourceAnswer
from stonks.ports.store import Store
from stonks.stages.ingestion.worker import Ingestion
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.signals import make_signal
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


async def test_what_cites_a_removed_document_counts_no_more_and_its_tickers_are_looked_at_again(
    store: Store, objects: Objects, database: Database
) -> None:
    await database.companies("BA", "V")
    await ingest(store, objects, Fetched(documents=(fetched("text"),)))
    document = await database.value("SELECT id FROM documents")
    own = make_signal(1, ticker="BA", document_id=document)
    inferred = make_signal(2, ticker="V", layer=Layer.COMPETITIVE, origin_id=own.id)
    other = make_signal(3, ticker="V")
    await database.signals([own, inferred, other])

    removed = await ingest(store, objects, Fetched(documents=(fetched("", 2, Action.REMOVED),)))
    again = await ingest(store, objects, Fetched(documents=(fetched("", 2, Action.REMOVED),)))

    withdrawn = {row["id"]: row["withdrawn_at"] for row in await database.rows("SELECT id, withdrawn_at FROM signals")}
    assert withdrawn == {own.id: NOW, inferred.id: NOW, other.id: None}
    assert [job.ticker for job in removed.followed if isinstance(job, AggregationJob)] == ["BA", "V"]
    assert again.followed == []


CLOSE = NOW + timedelta(hours=6)
BAR = Bar(
    ticker="BA",
    resolution="1d",
    starts_at=NOW,
    ends_at=CLOSE,
    open=Decimal("135.00"),
    high=Decimal(140),
    low=Decimal("128.9"),
    close=Decimal("136.1"),
    volume=Decimal(9_000_000),
    known_at=CLOSE,
)
LATER = CLOSE + timedelta(days=1)


async def test_bars_and_events_are_kept_as_they_were_first_known(
    store: Store, objects: Objects, database: Database
) -> None:
    event = CalendarEvent(type="fomc", ticker=None, day=date(2025, 5, 7), when="18:00", amount=None, known_at=NOW)
    await ingest(store, objects, Fetched(bars=(BAR,), events=(event,)))
    await ingest(store, objects, Fetched(bars=(msgspec.structs.replace(BAR, close=Decimal(1)),), events=(event,)))

    (row,) = await database.rows("SELECT * FROM bars")
    assert msgspec.convert(row, Bar) == BAR
    assert await database.rows("SELECT type, ticker, day, at FROM calendar_events") == [
        {"type": "fomc", "ticker": "", "day": date(2025, 5, 7), "at": "18:00"}
    ]


async def test_a_corrected_bar_is_a_later_row_and_the_first_stays(
    store: Store, objects: Objects, database: Database
) -> None:
    corrected = msgspec.structs.replace(BAR, close=Decimal("136.2"), known_at=LATER)
    for bar in (BAR, msgspec.structs.replace(BAR, known_at=LATER), corrected, corrected):
        await ingest(store, objects, Fetched(bars=(bar,)))

    versions = await database.rows("SELECT close, known_at, superseded_at FROM bar_versions ORDER BY known_at")
    assert versions == [
        {"close": Decimal("136.1"), "known_at": CLOSE, "superseded_at": LATER},
        {"close": Decimal("136.2"), "known_at": LATER, "superseded_at": None},
    ]
    assert await database.value("SELECT close FROM bars") == Decimal("136.2")


async def test_a_bar_is_not_corrected_by_another_source(store: Store, objects: Objects, database: Database) -> None:
    await database.insert("bar_versions", {"source": "other"} | {n: getattr(BAR, n) for n in BAR.__struct_fields__})
    await ingest(store, objects, Fetched(bars=(msgspec.structs.replace(BAR, close=Decimal(1), known_at=LATER),)))

    assert await database.value("SELECT close FROM bars") == Decimal("136.1")


async def test_a_dividend_is_stored_once_and_its_correction_as_a_later_row(
    store: Store, objects: Objects, database: Database
) -> None:
    first = CorporateAction(ticker="BA", type="dividend", ex_date=date(2025, 5, 9), cash=Decimal("0.5"), known_at=NOW)
    raised = msgspec.structs.replace(first, cash=Decimal("0.6"), known_at=LATER)
    for action in (first, msgspec.structs.replace(first, known_at=CLOSE), raised, raised):
        await ingest(store, objects, Fetched(actions=(action,)))

    rows = await database.rows("SELECT cash, known_at, source FROM corporate_actions ORDER BY known_at")
    assert rows == [
        {"cash": Decimal("0.5"), "known_at": NOW, "source": "wire"},
        {"cash": Decimal("0.6"), "known_at": LATER, "source": "wire"},
    ]


async def test_details_of_a_listing_are_a_new_row_where_they_change(
    store: Store, objects: Objects, database: Database
) -> None:
    for hours, shares in enumerate((750, 750, 760)):
        facts: dict[str, str | int | float | bool | None] = {"name": "Boeing", "shares": shares}
        details = TickerDetails(ticker="BA", facts=facts, known_at=NOW + timedelta(hours=hours))
        await ingest(store, objects, Fetched(details=(details,)))

    rows = await database.rows("SELECT facts ->> 'shares' AS shares FROM ticker_details ORDER BY known_at")
    assert rows == [{"shares": "750"}, {"shares": "760"}]


ANSWER = SourceAnswer(
    url="https://wire.test/news?page=1",
    status=200,
    headers={"etag": '"7"'},
    content_type="application/json",
    fetched_at=NOW,
    sha256="ab" * 32,
    size=7,
)


async def test_every_answer_of_a_run_is_on_record_in_order(store: Store, objects: Objects, database: Database) -> None:
    empty = msgspec.structs.replace(ANSWER, status=304, sha256=None, size=0)
    await ingest(store, objects, Fetched(answers=(ANSWER, empty)))

    rows = await database.rows("SELECT * FROM source_answers ORDER BY number")
    assert [(row["number"], row["source"], row["status"], row["sha256"]) for row in rows] == [
        (1, "wire", 200, "ab" * 32),
        (2, "wire", 304, None),
    ]
    assert msgspec.convert(rows[0], SourceAnswer) == ANSWER
    assert rows[0]["run_id"] == RUN


async def test_what_went_wrong_at_the_edges_is_on_the_run_and_no_failure(
    store: Store, objects: Objects, database: Database
) -> None:
    await ingest(store, objects, Fetched(cursor="c1", troubles=("a: there is nothing (404)", "b: forbidden")))

    assert await database.value("SELECT error FROM ingestion_runs") == "a: there is nothing (404); b: forbidden"
    assert await database.rows("SELECT failures, last_success_at FROM sources") == [
        {"failures": 0, "last_success_at": NOW}
    ]


async def test_a_poll_that_ends_early_keeps_what_it_brought_and_goes_on_from_there(
    store: Store, objects: Objects, database: Database
) -> None:
    setback = Throttled("slow down", timedelta(minutes=9))
    work = await ingest(store, objects, Fetched(documents=(fetched("text"),), cursor="page 3", setback=setback))

    (source,) = await database.rows("SELECT cursor, failures, next_run_at, last_success_at FROM sources")
    (run,) = await database.rows("SELECT stored, cursor_after, error FROM ingestion_runs")
    assert source == {
        "cursor": "page 3",
        "failures": 1,
        "next_run_at": NOW + timedelta(minutes=9),
        "last_success_at": None,
    }
    assert run == {"stored": 1, "cursor_after": "page 3", "error": "Throttled: slow down"}
    assert len(work.followed) == 1


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
