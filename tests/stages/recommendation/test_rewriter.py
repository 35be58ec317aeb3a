from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from stonks.adapters.store.postgres import PostgresStore
from stonks.stages import REWRITES_EVERY, pipeline
from stonks.stages.recommendation import STAGE
from stonks.stages.recommendation.rewriter import FRESH, Rewriter
from tests.fakes.asking import Shelf, open_agents
from tests.fakes.bundle import some_ports
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama
from tests.fakes.rows import Database
from tests.fakes.signals import NOW, make_signal
from tests.fakes.situations import trend
from tests.fakes.work import FakeWork

SECOND = timedelta(seconds=1)


async def advised(store: PostgresStore, database: Database, *rows: dict[str, Any]) -> None:
    """Keep recommendations, as the recommender would, each with one reason."""
    made = trend()
    async with store.transaction() as transaction:
        await transaction.run("aggregation.save", trends=[made], projections=[])
    await database.signals([make_signal(1, known_at=NOW)])
    for number, changes in enumerate(rows, start=1):
        plain = {
            "id": UUID(int=number),
            "ticker": "AAPL",
            "window_name": "1d",
            "trend_id": made.id,
            "action": "buy",
            "mode": "paper",
            "probability": 0.541,
            "probability_low": 0.52,
            "probability_high": 0.56,
            "confidence": 0.6,
            "expected_return": 0.01,
            "cost": 0.0005,
            "contradiction": 0.1,
            "thesis_template": f"Buy it, says rule {number}.",
            "suppressions": [],
            "generated_at": NOW,
            "input_hash": "-",
        }
        await database.insert("recommendations", plain | changes)
        reason = {"signal_id": UUID(int=1), "weight_share": 1.0, "contribution": 0.2, "side": "for"}
        await database.insert("recommendation_evidence", reason | {"recommendation_id": UUID(int=number)})


@asynccontextmanager
async def rewriter(store: PostgresStore, server: Ollama) -> AsyncIterator[Rewriter]:
    async with open_ollama(server), open_agents(server, store, Shelf()) as agents:
        yield Rewriter(some_ports(store=store), agents)


async def looked(store: PostgresStore, server: Ollama, at: datetime = NOW) -> None:
    async with rewriter(store, server) as one:
        await one.poll(FakeWork(store, None, at))


async def theses(database: Database) -> list[dict[str, Any]]:
    return await database.rows("SELECT thesis_llm, thesis_note FROM recommendations ORDER BY id")


async def test_a_recommendation_for_trading_gets_better_words_and_nothing_else(
    store: PostgresStore, database: Database
) -> None:
    await advised(store, database, {})
    before = await database.rows("SELECT * FROM recommendations")

    await looked(store, Ollama())

    after = await database.rows("SELECT * FROM recommendations")
    (row,) = after
    assert "The probability of a rise is 54.1%." in row["thesis_llm"]
    assert row["thesis_note"] == f"by {MODEL} with thesis-rewriter-1"
    own = {"thesis_llm": None, "thesis_note": None}
    assert [one | own for one in after] == before


@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_the_model_does_no_word_that_was_not_checked_is_kept(
    store: PostgresStore, database: Database, fault: Fault
) -> None:
    await advised(store, database, {})

    server = Ollama(delay=0.0)
    server.script = [fault] * 3
    await looked(store, server)

    (row,) = await theses(database)
    # A thesis has no quote, and the last attempt asks for none of the points that name evidence.
    harmless = {Fault.SLOW, Fault.THINKING_TEXT, Fault.INVENTED_QUOTE, Fault.UNKNOWN_CANDIDATE}
    assert (row["thesis_llm"] is not None) == (fault in harmless)
    assert row["thesis_note"].startswith("by " if fault in harmless else "none: ")


async def test_each_is_asked_about_once_and_only_while_it_is_fresh_and_for_trading(
    store: PostgresStore, database: Database
) -> None:
    rows: list[dict[str, Any]] = [
        {"mode": "informational"},
        {"generated_at": NOW - FRESH},
        {"generated_at": NOW + SECOND},
        {},
    ]
    await advised(store, database, *rows)
    server = Ollama()

    async with rewriter(store, server) as one:
        for _ in range(2):
            await one.poll(FakeWork(store, None, NOW))

    assert len(server.asked) == 1
    assert [row["thesis_llm"] is not None for row in await theses(database)] == [False, False, False, True]


async def test_of_two_processes_that_asked_about_one_the_first_keeps_its_words(
    store: PostgresStore, database: Database
) -> None:
    await advised(store, database, {})

    for thesis in ("first", "second"):
        async with store.transaction() as transaction:
            await transaction.run("rewriting.save", id=UUID(int=1), thesis=thesis, note=thesis)

    assert await theses(database) == [{"thesis_llm": "first", "thesis_note": "first"}]


async def test_a_promoted_version_that_is_no_file_is_not_used(store: PostgresStore, database: Database) -> None:
    await advised(store, database, {})
    row = {"agent": "thesis-rewriter", "version": "thesis-rewriter-99", "label": "-", "author": "-", "reason": "-"}
    await database.insert("promoted_prompts", row | {"promoted_at": NOW})

    await looked(store, Ollama())

    assert (await theses(database))[0]["thesis_note"].endswith("with thesis-rewriter-1")


async def test_without_a_model_the_stage_does_not_look_by_itself(store: PostgresStore) -> None:
    worker = STAGE.open(some_ports(store=store))
    every = [stage.every for asks in (False, True) for stage in pipeline(asks=asks) if stage.name == "recommendation"]

    assert worker.poll is None
    assert every == [None, REWRITES_EVERY]
