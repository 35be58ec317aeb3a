import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.objects import open_objects
from stonks.model.document import Mention, Parsed
from stonks.model.errors import Malformed
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ExtractionJob, MacroClassificationJob, ParsingJob
from stonks.ports.objects import Objects
from stonks.ports.store import Store
from stonks.stages.parser.worker import Parser
from tests.fakes.pool import InlinePool
from tests.fakes.ports import some_ports
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeWork

NOW = datetime(2025, 4, 8, 15, tzinfo=UTC)
BODY = "Boeing said on Tuesday that it had delivered 45 jets in March, which was more than analysts had expected."


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await database.insert("companies", {"ticker": "BA", "name": "Boeing"}, {"ticker": "V", "name": "Visa Inc."})
        yield database


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(f"file://{tmp_path}")


class Desk:
    """Stores documents as ingestion would, and has them parsed."""

    def __init__(self, store: Store, objects: Objects, database: Database) -> None:
        self.store, self.objects, self.database = store, objects, database
        self.parser = Parser(some_ports(store=store, objects=objects, pool=InlinePool()))

    async def store_item(self, number: int, title: str = "Jets", body: str = BODY, **columns: object) -> UUID:
        raw = json.dumps({"title": title, "body": body}).encode()
        await self.objects.put(object_key("raw", content_hash(raw)), raw)
        given: dict[str, Any] = {
            "publisher": "Reuters",
            "content_type": "application/json",
            "raw_sha256": content_hash(raw),
            "status": "stored",
            "title": title,
            "known_at": NOW - timedelta(minutes=3),
        }
        given |= columns
        await self.database.document(UUID(int=number), given.pop("known_at"), **given)
        return UUID(int=number)

    async def parse(self, number: int) -> FakeWork[ParsingJob]:
        work = FakeWork(self.store, ParsingJob(document_id=UUID(int=number)), NOW)
        await self.parser(work)
        return work

    async def row(self, number: int) -> dict[str, Any]:
        (row,) = await self.database.rows("SELECT * FROM documents WHERE id = $1", UUID(int=number))
        return row

    async def outcome(self) -> list[dict[str, Any]]:
        return await self.database.rows("SELECT id, status, status_reason, story_cluster_id FROM documents ORDER BY id")


@pytest.fixture
def desk(store: Store, objects: Objects, database: Database) -> Desk:
    return Desk(store, objects, database)


async def test_a_parsed_document_has_its_text_as_an_object_and_goes_on_to_extraction(desk: Desk) -> None:
    document = await desk.store_item(1)
    work = await desk.parse(1)

    row = await desk.row(1)
    text = (await desk.objects.get(object_key("normalized", row["normalized_sha256"]))).decode()
    assert text == f"Jets\n\n{BODY}"
    assert (row["status"], row["language"], row["story_cluster_id"]) == ("parsed", "en", document)
    assert 0.8 < row["quality"] < 1
    assert work.followed == [ExtractionJob(document_id=document)]
    output = msgspec.json.decode(await desk.objects.get(f"parsed/{document}.json"), type=Parsed)
    assert output.text == text


async def test_every_mention_is_stored_with_the_places_of_its_names(desk: Desk) -> None:
    await desk.store_item(1, body=f"{BODY} Shares of Visa rose.")
    await desk.parse(1)

    row = await desk.row(1)
    text = (await desk.objects.get(object_key("normalized", row["normalized_sha256"]))).decode()
    rows = await desk.database.rows("SELECT ticker, role, spans FROM mentions ORDER BY ticker")
    mentions = [msgspec.convert(row, Mention) for row in rows]
    assert [(one.ticker, [text[span.start : span.end] for span in one.spans]) for one in mentions] == [
        ("BA", ["Boeing"]),
        ("V", ["Visa"]),
    ]


async def test_a_macro_event_goes_to_the_event_classifier(desk: Desk) -> None:
    document = await desk.store_item(1, "Fed holds", "The committee kept its range.", document_type="macro_event")
    work = await desk.parse(1)

    assert work.followed == [MacroClassificationJob(document_id=document)]


async def test_news_of_no_tracked_company_ends_here_with_the_reason(desk: Desk) -> None:
    await desk.store_item(1, "Airbus", "The planemaker from Toulouse has won an order for its jets.")
    work = await desk.parse(1)

    row = await desk.row(1)
    assert (row["status"], row["status_reason"], work.followed) == ("rejected", "no tracked company", [])
    assert await desk.database.value("SELECT count(*) FROM document_bands") == 0


async def test_bytes_that_nobody_can_read_end_the_document_not_the_job(desk: Desk) -> None:
    await desk.store_item(1, content_type="application/pdf")
    await desk.parse(1)

    row = await desk.row(1)
    assert (row["status"], row["status_reason"], row["normalized_sha256"]) == ("rejected", "unreadable", None)


@pytest.mark.parametrize("status", ["withdrawn", "parsed", "rejected"])
async def test_a_document_that_is_not_waiting_is_left_alone(desk: Desk, status: str) -> None:
    await desk.store_item(1, status=status)
    work = await desk.parse(1)

    assert (work.commits, work.followed) == (0, [])
    assert (await desk.row(1))["status"] == status


async def test_a_revision_that_was_superseded_before_it_was_parsed_stays_flagged(desk: Desk) -> None:
    await desk.store_item(1, flags=["superseded"])
    await desk.parse(1)

    assert (await desk.row(1))["flags"] == ["superseded"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
async def test_the_copy_is_the_later_one_in_whatever_order_they_are_parsed(desk: Desk, order: tuple[int, ...]) -> None:
    await desk.store_item(1, known_at=NOW - timedelta(minutes=1))
    await desk.store_item(2)
    await desk.store_item(3, body=BODY.replace("45", "46"), known_at=NOW - timedelta(minutes=2))
    for number in order:
        await desk.parse(number)

    assert await desk.outcome() == [
        {
            "id": UUID(int=1),
            "status": "duplicate",
            "status_reason": "same text as an earlier document",
            "story_cluster_id": UUID(int=2),
        },
        {"id": UUID(int=2), "status": "parsed", "status_reason": None, "story_cluster_id": UUID(int=2)},
        {"id": UUID(int=3), "status": "parsed", "status_reason": None, "story_cluster_id": UUID(int=2)},
    ]


async def test_copies_parsed_at_the_same_time_do_not_miss_each_other(desk: Desk) -> None:
    for number in range(1, 7):
        await desk.store_item(number)
    works = await asyncio.gather(*(desk.parse(number) for number in range(1, 7)))

    statuses = [row["status"] for row in await desk.outcome()]
    assert statuses == ["parsed", *["duplicate"] * 5]
    assert ExtractionJob(document_id=UUID(int=1)) in [job for work in works for job in work.followed]


async def test_an_update_of_a_document_belongs_to_its_story(desk: Desk) -> None:
    await desk.store_item(1, external_id="a")
    update = "Visa will buy back shares for thirty billion dollars, the company said in its report."
    await desk.store_item(2, "Visa buys back", update, external_id="a", revision=2)
    await desk.parse(1)
    await desk.parse(2)

    assert [row["story_cluster_id"] for row in await desk.outcome()] == [UUID(int=1), UUID(int=1)]


async def test_nothing_known_later_is_taken_into_account(desk: Desk) -> None:
    await desk.store_item(1, known_at=NOW + timedelta(minutes=5))
    await desk.parse(1)
    await desk.store_item(2)
    await desk.parse(2)

    assert (await desk.row(2))["story_cluster_id"] == UUID(int=2)
    assert (await desk.row(1))["status"] == "parsed"


async def test_a_job_for_no_document_is_malformed(desk: Desk) -> None:
    with pytest.raises(Malformed, match="no such document"):
        await desk.parse(9)
