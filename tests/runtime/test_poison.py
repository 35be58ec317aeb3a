"""A page that kills whoever reads it: the real parser stage, the real pool, real deaths."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

import pytest_asyncio

from stonks.adapters.objects import open_objects
from stonks.model.identity import content_hash, object_key
from stonks.model.job import ParsingJob
from stonks.ports.pool import Pool
from stonks.runtime.pool import ChildPool
from stonks.stages import PIPELINE
from tests.fakes import deeds
from tests.fakes.extractions import NOW
from tests.fakes.rows import Database, open_database
from tests.runtime.conftest import Rig

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PARSER = next(stage for stage in PIPELINE if stage.name == "parser")
POISON, DEADLY = 3, b"a page that no reader survives"


class Poisoned:
    """A pool in which one page is deadly: its reader is killed, as by the kernel."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.deaths = 0

    async def run(self, function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
        given: tuple[Any, ...] = arguments
        if DEADLY in given:
            self.deaths += 1
            await self._pool.run(deeds.kill_itself)
        return await self._pool.run(function, *arguments)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        await database.insert("companies", {"ticker": "BA", "name": "Boeing"})
        yield database


async def test_a_page_that_kills_its_reader_ends_dead_with_the_reason_while_others_are_parsed(
    rig: Rig, database: Database, tmp_path: Path
) -> None:
    objects = open_objects(f"file://{tmp_path}")
    for number in range(1, 7):
        raw = DEADLY if number == POISON else f"Boeing has delivered {number} jets, it said on Tuesday.".encode()
        await objects.put(object_key("raw", content_hash(raw)), raw)
        columns = {"content_type": "text/plain", "raw_sha256": content_hash(raw), "status": "stored", "title": "Jets"}
        await database.document(UUID(int=number), NOW, **columns)

    async with ChildPool.opened() as children:
        pool = Poisoned(children)
        rig = dataclasses.replace(rig, ports=dataclasses.replace(rig.ports, objects=objects, pool=pool))
        await rig.ask(*(ParsingJob(document_id=UUID(int=number)) for number in range(1, 7)))
        await rig.run(PARSER, until=lambda: finished(database))

    rows = await database.rows("SELECT id, status, status_reason FROM documents ORDER BY id")
    ends = {row["id"].int: (row["status"], row["status_reason"]) for row in rows}
    assert ends.pop(POISON)[0] == "failed"
    assert {status for status, _ in ends.values()} <= {"parsed", "duplicate"}
    (letter,) = await rig.ports.queue.dead_letters("parsing", 10)
    assert "killed by SIGKILL" in letter.error
    assert pool.deaths == 3


async def finished(database: Database) -> bool:
    waiting: int = await database.value("SELECT count(*) FROM documents WHERE status = 'stored'")
    return waiting == 0
