"""Stories outlive the process that found them: what is alike is known by the database alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from stonks.adapters.objects import open_objects
from stonks.adapters.store import open_store
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ParsingJob
from stonks.stages.parser.worker import Parser
from tests.fakes.pool import InlinePool
from tests.fakes.ports import some_ports
from tests.fakes.rows import open_database
from tests.fakes.work import FakeWork

NOW = datetime(2025, 4, 8, 15, tzinfo=UTC)
BODY = (
    "Boeing said on Tuesday that it had delivered 45 jets in March, which was more than analysts had expected, and "
    "that it would build more of them from May on if its regulator lets it, as the head of the regulator had hinted."
)


async def parsed_by_a_new_worker(database_url: str, folder: Path, number: int, body: str) -> None:
    """Have one document stored and parsed by a worker that opens everything anew and closes it again."""
    raw = json.dumps({"title": "Jets", "body": body}).encode()
    objects = open_objects(f"file://{folder}")
    await objects.put(object_key("raw", content_hash(raw)), raw)
    async with open_store(database_url) as store, open_database(database_url) as database:
        await database.document(
            UUID(int=number),
            NOW + timedelta(minutes=number),
            content_type="application/json",
            raw_sha256=content_hash(raw),
            status="stored",
        )
        work = FakeWork(store, ParsingJob(document_id=UUID(int=number)), NOW + timedelta(hours=1))
        await Parser(some_ports(store=store, objects=objects, pool=InlinePool()))(work)


async def test_a_worker_that_was_started_anew_knows_the_stories_and_copies_of_the_one_before(
    database_url: str, tmp_path: Path
) -> None:
    async with open_database(database_url) as database:
        await database.insert("companies", {"ticker": "BA", "name": "Boeing"})
        texts = [BODY, BODY, BODY.replace("45 jets", "46 planes"), "Boeing has named another head of finance, it said."]
        for number, body in enumerate(texts, 1):
            await parsed_by_a_new_worker(database_url, tmp_path, number, body)

        rows = await database.rows("SELECT id, status, story_cluster_id FROM documents ORDER BY id")

    assert [(row["id"].int, row["status"], row["story_cluster_id"].int) for row in rows] == [
        (1, "parsed", 1),
        (2, "duplicate", 1),
        (3, "parsed", 1),
        (4, "parsed", 4),
    ]
