"""The event-classifier in the pipeline: whatever a model's server does, a macro document ends well and says how."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.identity import content_hash, object_key
from stonks.model.job import MacroClassificationJob
from stonks.stages.extractor.core.event_classifier import is_worth_asking
from stonks.stages.extractor.worker import Extractor
from tests.fakes.asking import Shelf, open_agents
from tests.fakes.bundle import some_ports
from tests.fakes.extractions import NOW
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama
from tests.fakes.pool import InlinePool
from tests.fakes.rows import Database, open_database
from tests.fakes.work import FakeWork

TITLE = "White House imposes 25% tariffs on imported cars"
TEXT = f"{TITLE}\n\nThe duties take effect in May, officials said. Carmakers fell."
DOCUMENT = UUID(int=300)


@dataclass
class Desk:
    """A parsed macro document, an extractor that asks a server about it, and what was kept."""

    database: Database
    store: PostgresStore
    server: Ollama
    shelf: Shelf = field(default_factory=Shelf)

    async def classify(self, *, asks: bool = True, **columns: Any) -> None:  # noqa: ANN401 - as the row takes them
        plain: dict[str, Any] = {"title": TITLE, "document_type": "macro_event", "status": "parsed", "quality": 0.8}
        sha256 = content_hash(TEXT.encode())
        await self.shelf.put(object_key("normalized", sha256), TEXT.encode())
        await self.database.document(DOCUMENT, NOW, **(plain | {"normalized_sha256": sha256} | columns))
        async with open_agents(self.server, self.store, self.shelf) as agents:
            ports = some_ports(
                store=self.store, objects=self.shelf, pool=InlinePool(), **({"agents": agents} if asks else {})
            )
            await Extractor(ports)(FakeWork(self.store, MacroClassificationJob(document_id=DOCUMENT), NOW))

    async def event(self) -> dict[str, Any]:
        (row,) = await self.database.rows("SELECT * FROM global_events")
        return row


@pytest_asyncio.fixture
async def desk(database_url: str, store: PostgresStore) -> AsyncIterator[Desk]:
    async with open_database(database_url) as database, open_ollama(Ollama(delay=0.0)) as server:
        await database.insert("companies", {"ticker": "F", "name": "Ford Motor Co", "sector": "Consumer Discretionary"})
        yield Desk(database, store, server)


async def test_an_event_that_both_tell_says_who_was_asked(desk: Desk) -> None:
    await desk.classify()

    row = await desk.event()
    assert (row["type"], row["model"], row["prompt_version"]) == ("tariff_trade", MODEL, "event-classifier-1")
    assert row["call_id"] == await desk.database.value("SELECT id FROM llm_calls")
    assert row["degraded"] is False
    assert row["extractor_version"].endswith("+event-classifier-1")
    assert all(TEXT[one["start"] : one["end"]] == one["quote"] for one in row["evidence"])
    assert await desk.database.value("SELECT count(*) FROM macro_impact_records") == 1
    assert await desk.database.value("SELECT status FROM documents") == "classified"


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.SLOW])
async def test_whatever_the_model_does_the_document_is_classified(desk: Desk, fault: Fault) -> None:
    desk.server.script = [fault] * 3

    await desk.classify()

    row = await desk.event()
    repaired = {Fault.THINKING_TEXT, Fault.UNKNOWN_CANDIDATE}
    assert row["degraded"] is (fault not in repaired)
    assert ("+" in row["extractor_version"]) is (fault in repaired)
    assert all(TEXT[one["start"] : one["end"]] == one["quote"] for one in row["evidence"])
    assert await desk.database.value("SELECT status FROM documents") == "classified"


async def test_a_degraded_event_is_the_very_one_of_the_rules(desk: Desk, database_url: str) -> None:
    await desk.classify(asks=False)
    rules = await desk.event()
    async with open_database(database_url) as database:
        await database.rows("TRUNCATE documents CASCADE")
    desk.server.script = [Fault.WRONG_NONCE] * 3

    await desk.classify()

    own = {"model": None, "prompt_version": None, "call_id": None, "degraded": False}
    assert await desk.event() | own == rules


@pytest.mark.parametrize(
    ("new", "quality", "hurried", "asks"),
    [
        (1.0, 0.8, False, True),
        (1.0, None, False, True),
        (0.2, 0.8, False, False),
        (1.0, 0.1, False, False),
        (1.0, 0.8, True, False),
    ],
)
def test_old_and_poor_texts_are_not_worth_asking_about(
    new: float, quality: float | None, *, hurried: bool, asks: bool
) -> None:
    assert is_worth_asking(None, new, quality, hurried=hurried) is asks
