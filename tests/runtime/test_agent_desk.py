from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.errors import Refused
from stonks.model.prompt import read_prompts
from stonks.runtime.agent_desk import AgentDesk, AgentStanding, Promotion
from tests.fakes.rows import Database, open_database
from tests.fakes.signals import NOW

PROMPTS = read_prompts([("reader-1.txt", ""), ("reader-2.txt", ""), ("writer-1.txt", "")])
CHOSEN = Promotion(
    agent="reader", version="reader-1", label="production", promoted_at=NOW, author="cli:ann", reason="fewer repairs"
)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def call(database: Database, number: int, outcome: str, **changes: Any) -> None:  # noqa: ANN401 - as the row
    plain: dict[str, Any] = {
        "id": UUID(int=number),
        "agent": "reader",
        "model": "m",
        "prompt_version": "reader-2",
        "cache_key": f"key-{number}",
        "outcome": outcome,
        "attempt": 1,
        "tokens_in": 100,
        "tokens_out": 10,
        "milliseconds": 50.0,
        "called_at": NOW,
    }
    await database.insert("llm_calls", plain | changes)


async def standing(store: PostgresStore, agent: str = "reader") -> AgentStanding:
    return next(one for one in await AgentDesk(store, PROMPTS).overview() if one.agent == agent)


async def test_a_question_that_was_asked_again_is_one_question_with_its_last_outcome(
    store: PostgresStore, database: Database
) -> None:
    await call(database, 1, "reject", cache_key="a")
    await call(database, 2, "repair", cache_key="a", attempt=2, milliseconds=150.0)
    await call(database, 3, "cached", cache_key="a", attempt=0, tokens_in=None, tokens_out=None, milliseconds=None)
    await call(database, 4, "degraded", cache_key="", attempt=0, tokens_in=None, tokens_out=None, milliseconds=None)
    await call(database, 5, "accept", called_at=NOW + timedelta(hours=1))

    (figures,) = (await standing(store)).figures

    outcomes = (figures.accepted, figures.repaired, figures.rejected, figures.degraded, figures.cached)
    assert (figures.questions, outcomes) == (4, (1, 1, 0, 1, 1))
    assert (figures.answers, figures.tokens_in, figures.tokens_out, figures.p50) == (3, 300, 30, 50.0)
    assert figures.last_at == NOW + timedelta(hours=1)


async def test_every_prompt_and_model_has_figures_of_its_own(store: PostgresStore, database: Database) -> None:
    await call(database, 1, "accept")
    await call(database, 2, "reject", model="n", attempt=3)
    await call(database, 3, "reject", prompt_version="reader-1", attempt=3)

    told = {(row.prompt_version, row.model): row.rejected for row in (await standing(store)).figures}

    assert told == {("reader-2", "m"): 0, ("reader-2", "n"): 1, ("reader-1", "m"): 1}


async def test_a_promoted_version_is_used_and_who_and_why_is_in_the_audit(
    store: PostgresStore, database: Database
) -> None:
    before = await AgentDesk(store, PROMPTS).promote(CHOSEN)
    again = await AgentDesk(store, PROMPTS).promote(msgspec.structs.replace(CHOSEN, version="reader-2"))

    reader, writer = await standing(store), await standing(store, "writer")
    entries = await database.rows("SELECT * FROM audit ORDER BY seq")
    assert (before, again) == ("reader-2", "reader-1")
    assert (reader.active, reader.promotion and reader.promotion.author) == ("reader-2", "cli:ann")
    assert (writer.active, writer.promotion) == ("writer-1", None)
    assert [(row["action"], row["object"], row["actor"]) for row in entries] == [
        ("agent.promote", "reader", "cli:ann")
    ] * 2
    assert entries[0]["after"] == {"version": "reader-1", "label": "production"}
    assert entries[0]["reason"] == "fewer repairs"


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"agent": "painter"}, "no agent"), ({"version": "writer-1"}, "no version"), ({"reason": " "}, "a reason")],
)
async def test_what_cannot_be_promoted_is_refused(store: PostgresStore, changes: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        await AgentDesk(store, PROMPTS).promote(msgspec.structs.replace(CHOSEN, **changes))

    assert (await standing(store)).promotion is None
