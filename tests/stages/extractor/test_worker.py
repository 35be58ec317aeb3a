from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.errors import Malformed, Superseded
from stonks.model.identity import content_hash, object_key
from stonks.model.job import AggregationJob, ExtractionJob, Job, MacroClassificationJob
from stonks.stages.extractor.worker import NO_EVENT, NOTHING_SAID, Extractor
from tests.fakes.articles import COMPANIES, spans_of
from tests.fakes.bundle import some_ports
from tests.fakes.extractions import NOW
from tests.fakes.pool import InlinePool
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeCommit, FakeWork

NEWS, OLDER = UUID(int=200), UUID(int=100)
BEAT = ("Boeing beats estimates", "Boeing said its quarterly loss narrowed. Visa is a member of the same index.")
TARIFFS = (
    "US imposes sweeping tariffs on all imports in a shock move",
    "Washington announced duties of 25% on goods from China and Europe. Boeing falls as airlines delay orders.",
)


class Shelf:
    """Objects in memory, as put there by the parser."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self._kept.setdefault(key, data)

    async def get(self, key: str) -> bytes:
        return self._kept[key]


class Desk:
    """A database and objects with parsed documents on them, and an extractor to read these."""

    def __init__(self, database: Database, store: PostgresStore) -> None:
        self.database = database
        self._store = store
        self._shelf = Shelf()
        self._extractor = Extractor(some_ports(store=store, objects=self._shelf, pool=InlinePool()))

    async def parsed(self, story: tuple[str, str], document: UUID = NEWS, **columns: Any) -> None:  # noqa: ANN401
        """Leave a document as the parser leaves it."""
        title, body = story
        data = f"{title}\n\n{body}".encode()
        await self._shelf.put(object_key("normalized", content_hash(data)), data)
        plain: dict[str, Any] = {
            "title": title,
            "status": "parsed",
            "normalized_sha256": content_hash(data),
            "quality": 0.8,
        }
        await self.database.document(document, columns.pop("known_at", NOW), **(plain | columns))
        for ticker, spans in spans_of(data.decode()).items():
            role = "primary" if spans[0].start < len(title) else "secondary"
            places = [{"start": span.start, "end": span.end} for span in spans]
            row = {"document_id": document, "ticker": ticker, "role": role, "spans": places}
            await self.database.insert("mentions", row)

    async def extract(self, document: UUID = NEWS) -> list[Job]:
        work = FakeWork(self._store, ExtractionJob(document_id=document), NOW)
        await self._extractor(work)
        return work.followed

    async def classify(self, document: UUID = NEWS) -> list[Job]:
        work = FakeWork(self._store, MacroClassificationJob(document_id=document), NOW)
        await self._extractor(work)
        return work.followed

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await self.database.rows(f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - a test's own words

    async def status(self, document: UUID = NEWS) -> tuple[str, str | None]:
        (row,) = await self.database.rows("SELECT status, status_reason FROM documents WHERE id = $1", document)
        return row["status"], row["status_reason"]


@pytest_asyncio.fixture
async def desk(database_url: str, store: PostgresStore) -> AsyncIterator[Desk]:
    async with open_database(database_url) as database:
        for ticker, name in COMPANIES.items():
            sector = "Industrials" if ticker in ("BA", "CAT") else "Financials"
            await database.insert("companies", {"ticker": ticker, "name": name, "sector": sector})
        yield Desk(database, store)


async def test_what_a_document_says_of_a_company_is_kept_with_its_words(desk: Desk) -> None:
    await desk.parsed(BEAT)

    await desk.extract()

    (intelligence,), (impact,) = await desk.rows("document_intelligence"), await desk.rows("document_impact_records")
    text = "\n\n".join(BEAT)
    assert (impact["ticker"], impact["event_types"][0]) == ("BA", "earnings_beat")
    assert impact["intelligence_id"] == intelligence["id"]
    assert impact["evidence"]
    assert all(text[one["start"] : one["end"]] == one["quote"] for one in impact["evidence"])
    assert (intelligence["extractor_version"], intelligence["kind"]) == ("embedded-2", "news")
    assert await desk.status() == ("extracted", None)


async def test_an_impact_becomes_one_signal_and_asks_for_the_companys_trends(desk: Desk) -> None:
    await desk.parsed(BEAT)

    followed = await desk.extract()

    (signal,) = await desk.rows("signals")
    assert followed == [AggregationJob(ticker="BA", cause=str(NEWS))]
    assert (signal["layer"], signal["event_type"], signal["document_id"]) == ("company", "earnings_beat", NEWS)
    assert (signal["known_at"], signal["quality"], signal["novelty"]) == (NOW, 0.8, 1.0)
    assert signal["direction"] > 0


async def test_a_document_that_says_nothing_of_a_company_ends_as_read(desk: Desk) -> None:
    await desk.parsed(("Visa to present at a conference", "Visa will speak in Boston on Tuesday."))

    followed = await desk.extract()

    assert followed == []
    assert len(await desk.rows("document_intelligence")) == 1
    assert await desk.rows("document_impact_records") == await desk.rows("signals") == []
    assert await desk.status() == ("extracted", NOTHING_SAID)


async def test_of_a_filing_only_what_is_new_is_read(desk: Desk) -> None:
    title, old, new = "Boeing 10-Q", "Boeing's loss widened sharply.", "Boeing won a record order."
    await desk.parsed((title, f"{old}\n{new}"), document_type="filing")
    start = len(title) + 2 + len(old) + 1
    filing = {"document_id": NEWS, "company": "BA", "form": "10-Q", "amends": False, "known_at": NOW}
    fresh = [{"start": start, "end": start + len(new)}]
    await desk.database.insert("filings", filing | {"sentences": b"", "fresh": fresh})

    await desk.extract()

    (impact,) = await desk.rows("document_impact_records")
    assert [one["quote"] for one in impact["evidence"]] == [new]
    assert impact["direction"] > 0


async def test_a_second_delivery_writes_nothing_new(desk: Desk) -> None:
    await desk.parsed(BEAT)
    await desk.extract()
    before = [await desk.rows(table) for table in ("document_intelligence", "document_impact_records", "signals")]

    followed = await desk.extract()

    assert followed == []
    assert before == [
        await desk.rows(table) for table in ("document_intelligence", "document_impact_records", "signals")
    ]


@pytest.mark.parametrize("status", ["stored", "duplicate", "rejected", "withdrawn", "extracted"])
async def test_a_document_that_is_not_parsed_is_left_alone(desk: Desk, status: str) -> None:
    await desk.parsed(BEAT, status=status)

    followed = await desk.extract()

    assert followed == []
    assert await desk.rows("signals") == []
    assert await desk.status() == (status, None)


async def test_a_job_for_no_document_is_malformed(desk: Desk) -> None:
    with pytest.raises(Malformed, match="no such document"):
        await desk.extract(UUID(int=404))


async def test_work_done_by_someone_else_is_given_up(desk: Desk, store: PostgresStore) -> None:
    await desk.parsed(BEAT)
    work = FakeWork(store, ExtractionJob(document_id=NEWS), NOW)
    work.commits = 1

    with pytest.raises(Superseded):
        await desk._extractor(work)  # noqa: SLF001 - the desk's own extractor
    assert await desk.rows("signals") == []


async def test_of_a_document_that_is_withdrawn_while_it_is_read_nothing_is_kept(
    desk: Desk, store: PostgresStore
) -> None:
    await desk.parsed(BEAT)

    class Slow(FakeWork[ExtractionJob]):
        @asynccontextmanager
        async def commit(self) -> AsyncIterator[FakeCommit]:
            await desk.database.value("UPDATE documents SET status = 'withdrawn' RETURNING 1")
            async with super().commit() as commit:
                yield commit

    await desk._extractor(Slow(store, ExtractionJob(document_id=NEWS), NOW))  # noqa: SLF001 - the desk's own extractor

    for table in ("document_intelligence", "document_impact_records", "signals"):
        assert await desk.rows(table) == []
    assert (await desk.status())[0] == "withdrawn"


async def test_a_story_told_before_is_less_new(desk: Desk) -> None:
    await desk.parsed(("Boeing beats estimates by far", "Its loss narrowed."), OLDER, known_at=NOW - timedelta(days=2))
    await desk.parsed(BEAT)

    await desk.extract()

    (signal,) = await desk.rows("signals")
    assert 0.0 < signal["novelty"] < 0.5


async def test_only_documents_that_come_before_this_one_make_it_old(desk: Desk) -> None:
    later, week = UUID(int=300), timedelta(days=8)
    await desk.parsed(BEAT, later)
    await desk.parsed((BEAT[0], "In another week."), OLDER, known_at=NOW - week)
    await desk.parsed(BEAT)

    await desk.extract(later)
    await desk.extract()

    signals = {row["document_id"]: row["novelty"] for row in await desk.rows("signals")}
    assert signals == {NEWS: 1.0, later: 0.0}


async def test_documents_of_one_instant_may_be_read_in_any_order(desk: Desk) -> None:
    stories = {
        UUID(int=number): (f"Boeing beats estimates {word}", "Its loss narrowed.")
        for number, word in enumerate(("again", "by far"))
    }
    for document, story in stories.items():
        await desk.parsed(story, document)

    for document in reversed(stories):
        await desk.extract(document)

    signals = {row["document_id"]: row["novelty"] for row in await desk.rows("signals")}
    assert signals[UUID(int=0)] == 1.0
    assert signals[UUID(int=1)] < 1.0


async def test_a_macro_event_is_kept_with_what_it_means_for_every_company(desk: Desk) -> None:
    await desk.parsed(TARIFFS, document_type="macro_event")

    await desk.classify()

    (event,), impacts = await desk.rows("global_events"), await desk.rows("macro_impact_records")
    assert (event["type"], event["direction"], event["severity"]) == ("tariff_trade", -1, 5)
    assert {row["ticker"] for row in impacts} == set(COMPANIES)
    assert all(row["event_id"] == event["id"] and row["terms"] for row in impacts)
    assert await desk.status() == ("classified", None)


async def test_a_large_macro_impact_becomes_a_signal_of_the_macro_layer(desk: Desk) -> None:
    await desk.parsed(TARIFFS, document_type="macro_event")

    followed = await desk.classify()

    signals, impacts = await desk.rows("signals"), await desk.rows("macro_impact_records")
    large = {row["ticker"]: row["impact"] for row in impacts if abs(row["impact"]) >= 0.05}
    assert large
    assert {row["ticker"]: row["direction"] * row["strength"] for row in signals} == pytest.approx(large)
    assert {row["layer"] for row in signals} == {"macro"}
    assert followed == [AggregationJob(ticker=ticker, cause=str(NEWS)) for ticker in sorted(large)]


async def test_a_company_named_in_a_macro_document_has_a_term_of_its_own(desk: Desk) -> None:
    await desk.parsed(TARIFFS, document_type="macro_event")

    await desk.classify()

    terms = {row["ticker"]: row["terms"] for row in await desk.rows("macro_impact_records")}
    assert terms["BA"]["named:BA"] < 0
    assert "named:BA" not in terms["CAT"]


async def test_a_macro_document_without_an_event_ends_with_that_reason(desk: Desk) -> None:
    await desk.parsed(("A museum opens in Lyon", "Visitors came from near and far."), document_type="macro_event")

    followed = await desk.classify()

    assert followed == []
    assert await desk.rows("global_events") == await desk.rows("signals") == []
    assert await desk.status() == ("classified", NO_EVENT)


async def test_a_second_classification_writes_nothing_new(desk: Desk) -> None:
    await desk.parsed(TARIFFS, document_type="macro_event")
    await desk.classify()
    before = [await desk.rows(table) for table in ("global_events", "macro_impact_records", "signals")]

    followed = await desk.classify()

    assert followed == []
    assert before == [await desk.rows(table) for table in ("global_events", "macro_impact_records", "signals")]


async def test_a_macro_story_told_before_is_less_new(desk: Desk) -> None:
    await desk.parsed(
        (TARIFFS[0], "Told first."), OLDER, document_type="macro_event", known_at=NOW - timedelta(hours=1)
    )
    await desk.parsed(TARIFFS, document_type="macro_event")

    await desk.classify()

    assert {row["novelty"] for row in await desk.rows("signals")} == {0.0}
