import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from stonks.adapters.store.postgres import PostgresStore
from stonks.model.errors import Crashed, Unreachable
from stonks.ports.agents import Attempt, Judged, Prompt, Verdict
from stonks.ports.budget import Rate
from stonks.runtime.agents import ModelAgents, Terms
from tests.fakes.asking import Purse, Shelf, open_agents
from tests.fakes.ollama import Fault, Ollama, open_ollama
from tests.fakes.rows import Database, open_database

SILENT = [
    Fault.ERROR_LINE,
    Fault.MISSING_MODEL,
    Fault.THROTTLED,
    Fault.BROKEN,
    Fault.CUT,
    Fault.HTML,
    Fault.EMPTY,
]
"""Faults after which there is no answer at all."""

WRONG = [Fault.WRONG_NONCE, Fault.TRUNCATED_HEAD, Fault.LENGTH, Fault.BROKEN_JSON]
"""Faults of an answer that is thrown away whole."""


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the task below."""

    doc_check: str
    colour: str = ""


class ColourTask(msgspec.Struct, frozen=True, kw_only=True):
    """Asks for a colour and takes any but pink; mauve is taken as violet."""

    text: str = "the sky"
    document_id: UUID | None = None
    prompt_version: str = "colour-1"
    agent: str = "colourist"

    @property
    def subject(self) -> tuple[str, ...]:
        return (self.text,)

    def compose(self, attempt: Attempt) -> Prompt:
        wrong = "".join(f"\n- {one}" for one in attempt.complaints)
        asked = f"<<<DOC {attempt.fence}\n{self.text}\nDOC {attempt.fence}>>>{wrong}"
        return Prompt(system=f"Say a colour.\nNONCE={attempt.nonce}", prompt=asked, shape=Colour, longest_answer=64)

    def judge(self, answer: Colour) -> Judged[str]:
        if answer.colour == "pink":
            return Judged(value=None, verdicts=(Verdict(check="taste", passed=False, detail="not\x00 pink"),))
        good = answer.colour != "mauve"
        verdict = Verdict(check="taste", passed=good, detail="" if good else "mauve is violet")
        return Judged(value="blue" if good else "violet", verdicts=(verdict,))


@dataclass
class World:
    """A server, agents that ask it, and what they keep."""

    server: Ollama
    store: PostgresStore
    database: Database
    shelf: Shelf = field(default_factory=Shelf)

    async def calls(self) -> list[dict[str, Any]]:
        return await self.database.rows("SELECT * FROM llm_calls ORDER BY called_at, attempt, outcome")

    async def outcomes(self) -> list[tuple[str, int]]:
        return [(row["outcome"], row["attempt"]) for row in await self.calls()]

    def said(self, call: UUID) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.json.decode(self.shelf.kept[f"llm/{call}.json"])
        return told


@pytest_asyncio.fixture
async def world(database_url: str, store: PostgresStore) -> AsyncIterator[World]:
    async with open_database(database_url) as database, open_ollama(Ollama(delay=30.0)) as server:
        yield World(server, store, database)


@pytest_asyncio.fixture
async def agents(world: World) -> AsyncIterator[ModelAgents]:
    async with open_agents(world.server, world.store, world.shelf) as agents:
        yield agents


async def test_a_good_answer_is_judged_and_kept_with_every_word(world: World, agents: ModelAgents) -> None:
    asked = await agents.ask(ColourTask())

    assert (asked.value, asked.cached, asked.why_not) == ("blue", False, "")
    (row,) = await world.calls()
    assert (row["outcome"], row["attempt"], row["prompt_version"]) == ("accept", 1, "colour-1")
    assert row["tokens_in"] > 0
    assert row["milliseconds"] > 0
    said = world.said(asked.calls[0])
    assert said["answer"] == '{"doc_check": "00000001"}'
    assert said["system"].endswith("NONCE=00000001")


async def test_an_answer_that_was_mended_says_so(world: World, agents: ModelAgents) -> None:
    world.server.script = [{"doc_check": "00000001", "colour": "mauve"}]

    assert (await agents.ask(ColourTask())).value == "violet"

    (row,) = await world.calls()
    assert row["outcome"] == "repair"
    assert {"check": "taste", "passed": False, "detail": "mauve is violet"} in row["verdicts"]


async def test_what_was_wrong_is_told_at_the_next_attempt_which_may_think(world: World, agents: ModelAgents) -> None:
    world.server.script = [{"doc_check": "00000001", "colour": "pink"}]

    asked = await agents.ask(ColourTask())

    first, second = world.server.asked
    assert asked.value == "blue"
    assert await world.outcomes() == [("reject", 1), ("accept", 2)]
    assert "- not pink" in second["prompt"]
    assert (first["think"], second.get("think", "unsaid")) == (False, "unsaid")
    assert second["options"]["seed"] == first["options"]["seed"] + 1


async def test_how_a_model_likes_to_be_asked_is_remembered(world: World, agents: ModelAgents) -> None:
    world.server.script = [Fault.BROKEN_JSON]
    await agents.ask(ColourTask())

    await agents.ask(ColourTask(text="the sea"))

    assert "think" not in world.server.asked[-1]


@pytest.mark.parametrize("fault", WRONG)
async def test_after_three_bad_answers_there_is_no_value_and_no_error(
    world: World, agents: ModelAgents, fault: Fault
) -> None:
    world.server.script = [fault] * 3

    asked = await agents.ask(ColourTask())

    assert asked.value is None
    assert asked.why_not
    assert await world.outcomes() == [("reject", 1), ("reject", 2), ("reject", 3)]


@pytest.mark.parametrize("fault", SILENT)
async def test_without_an_answer_there_is_no_value_and_no_second_attempt(
    world: World, agents: ModelAgents, fault: Fault
) -> None:
    world.server.script = [fault] * 3

    asked = await agents.ask(ColourTask())

    assert asked.value is None
    assert len(world.server.asked) == 1
    assert await world.outcomes() == [("degraded", 1)]
    assert asked.why_not in world.said(asked.calls[-1])["error"]


async def test_a_slow_server_is_not_waited_for(world: World) -> None:
    world.server.script = [Fault.SLOW]
    hurry = Terms(patience=timedelta(milliseconds=400))
    async with open_agents(world.server, world.store, world.shelf, terms=hurry) as agents:
        asked = await agents.ask(ColourTask())

    assert "no whole answer" in asked.why_not
    assert await world.outcomes() == [("degraded", 1)]


async def test_a_prompt_that_the_server_has_cut_is_noticed_by_its_tokens(world: World) -> None:
    world.server.script = [Fault.TRUNCATED_HEAD]
    async with open_agents(world.server, world.store, world.shelf, terms=Terms(context=600)) as agents:
        await agents.ask(ColourTask(text="word " * 350))

    (row, again) = await world.calls()
    assert (row["outcome"], again["outcome"]) == ("reject", "accept")
    assert row["verdicts"][0]["check"] == "prompt"


async def test_an_answer_that_was_cut_off_is_told_apart_from_one_that_is_no_json(
    world: World, agents: ModelAgents
) -> None:
    world.server.script = [Fault.LENGTH, Fault.BROKEN_JSON]

    await agents.ask(ColourTask())

    first, second, _ = await world.calls()
    assert [row["verdicts"][0]["check"] for row in (first, second)] == ["length", "json"]
    assert "say less" in world.server.asked[1]["prompt"]


async def test_thoughts_before_the_answer_are_left_out(world: World, agents: ModelAgents) -> None:
    world.server.script = [Fault.THINKING_TEXT]

    assert (await agents.ask(ColourTask())).value == "blue"
    assert await world.outcomes() == [("repair", 1)]


async def test_a_server_that_fails_is_not_asked_about_every_document(world: World, agents: ModelAgents) -> None:
    world.server.script = [Fault.BROKEN] * 9
    for number in range(5):
        asked = await agents.ask(ColourTask(text=str(number)))
        assert asked.value is None

    assert len(world.server.asked) == 2
    assert agents.trouble
    assert sorted(await world.outcomes()) == [*[("degraded", 0)] * 3, *[("degraded", 1)] * 2]
    assert len(world.shelf.kept) == 2


async def test_a_server_that_is_not_there_leaves_rows_that_say_so(world: World) -> None:
    nobody = Ollama()
    nobody.base = "http://127.0.0.1:9"
    async with open_agents(nobody, world.store, world.shelf) as agents:
        for number in range(3):
            assert (await agents.ask(ColourTask(text=str(number)))).value is None

    assert await world.outcomes() == [("degraded", 0)] * 3


async def test_the_same_question_is_asked_once(world: World, agents: ModelAgents) -> None:
    first = await agents.ask(ColourTask())

    again = await asyncio.gather(*(agents.ask(ColourTask()) for _ in range(3)))

    assert len(world.server.asked) == 1
    assert all(one.cached and one.value == "blue" and one.calls[0] == first.calls[0] for one in again)


async def test_copies_that_come_at_once_are_asked_about_once(world: World, agents: ModelAgents) -> None:
    asked = await asyncio.gather(*(agents.ask(ColourTask()) for _ in range(4)))

    assert len(world.server.asked) == 1
    assert sorted(one.cached for one in asked) == [False, True, True, True]


@pytest.mark.parametrize("other", [ColourTask(prompt_version="colour-2"), ColourTask(text="the sea")])
async def test_another_question_has_an_answer_of_its_own(world: World, agents: ModelAgents, other: ColourTask) -> None:
    await agents.ask(ColourTask())

    assert not (await agents.ask(other)).cached
    assert len(world.server.asked) == 2


async def test_a_question_that_failed_for_good_is_not_asked_again(world: World, agents: ModelAgents) -> None:
    world.server.script = [Fault.WRONG_NONCE] * 3
    await agents.ask(ColourTask())

    asked = await agents.ask(ColourTask())

    assert asked.value is None
    assert asked.cached
    assert len(world.server.asked) == 3


async def test_what_was_answered_is_found_while_the_server_is_away(world: World, agents: ModelAgents) -> None:
    await agents.ask(ColourTask())
    world.server.script = [Fault.BROKEN]
    await agents.ask(ColourTask(text="the sea"))

    assert (await agents.ask(ColourTask())).value == "blue"


async def test_no_token_is_spent_beyond_the_budget(world: World) -> None:
    async with open_agents(world.server, world.store, world.shelf, Purse(300)) as agents:
        values = [(await agents.ask(ColourTask(text=str(number)))).value for number in range(3)]

    assert values == ["blue", None, None]
    assert len(world.server.asked) == 1


async def test_a_budget_that_cannot_be_counted_is_spent(world: World) -> None:
    class NoPurse(Purse):
        async def take(self, name: str, rate: Rate, tokens: int = 1) -> timedelta:
            raise Unreachable(f"nobody counts {name}, {rate}, {tokens}")

    async with open_agents(world.server, world.store, world.shelf, NoPurse()) as agents:
        assert (await agents.ask(ColourTask())).value is None

    assert world.server.asked == []


async def test_a_prompt_that_does_not_fit_is_never_sent(world: World, agents: ModelAgents) -> None:
    asked = await agents.ask(ColourTask(text="word " * 10_000))

    assert asked.value is None
    assert "do not fit" in asked.why_not
    assert world.server.asked == []


async def test_an_answer_that_brings_down_its_judge_is_no_answer(world: World, agents: ModelAgents) -> None:
    class DyingPool:
        async def run(self, *_: Any) -> Any:  # noqa: ANN401 - any call
            raise Crashed("killed by SIGSEGV")

    object.__setattr__(agents._means, "pool", DyingPool())  # noqa: SLF001 - the fixture's own

    asked = await agents.ask(ColourTask())

    assert asked.value is None
    assert await world.outcomes() == [("reject", 1), ("reject", 2), ("reject", 3)]
