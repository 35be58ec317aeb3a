from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest_asyncio

from stonks.adapters.llm import open_llm
from stonks.model.document import Mention
from stonks.model.line import LineFailed, LineRead
from stonks.runtime.agents import Means, ModelAgents
from stonks.runtime.allowance import Unlimited
from stonks.runtime.calls import RememberedCalls
from stonks.runtime.clock import SystemClock
from stonks.stages.extractor.lines import Line
from stonks.stages.extractor.model_lines import ModelLineReader, newest_words
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama
from tests.fakes.pool import InlinePool

STORY = {"id": 1, "title": "BA beats estimates", "text": "BA said revenue rose 12%.", "tickers": ["BA"]}


def nobody(_text: str, _body_start: int) -> tuple[Mention, ...]:
    """Return no company."""
    return ()


@dataclass
class Desk:
    """A reader of lines and the model's server."""

    reader: ModelLineReader
    server: Ollama

    async def read(self, *asked: object) -> list[LineRead]:
        lines = [Line(number, msgspec.json.encode(one)) for number, one in enumerate(asked, start=1)]
        answers = await self.reader.read(lines)
        assert not any(isinstance(answer, LineFailed) for answer in answers)
        return [answer for answer in answers if isinstance(answer, LineRead)]


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    server = Ollama()
    async with open_ollama(server), open_llm(f"ollama://{server.base.removeprefix('http://')}/{MODEL}") as llm:
        means = Means(
            llm=llm,
            pool=InlinePool(),
            calls=RememberedCalls(),
            clock=SystemClock(),
            allowance=Unlimited(),
            draw=lambda _: "0123456789abcdef",
        )
        yield Desk(ModelLineReader(InlinePool(), nobody, ModelAgents(means), newest_words(), 1), server)


async def test_a_text_is_read_by_rules_and_model(desk: Desk) -> None:
    (answer,) = await desk.read(STORY)

    assert answer.extractor.endswith("+document-extractor-1")
    assert answer.companies[0].score > 0
    assert answer.llm
    assert (answer.llm.model, answer.llm.degraded, answer.llm.failed) == (MODEL, None, ())


async def test_what_of_a_models_words_did_not_hold_is_told(desk: Desk) -> None:
    desk.server.script = [Fault.INVENTED_QUOTE] * 3

    (answer,) = await desk.read(STORY)

    assert "+" not in answer.extractor
    assert answer.llm
    assert "the quote does not stand in the text" in (answer.llm.degraded or "")
    assert answer.llm.failed[0].startswith("quote: candidate 1")


async def test_the_same_text_is_asked_about_once(desk: Desk) -> None:
    first, second = await desk.read(STORY, STORY)

    assert len(desk.server.asked) == 1
    assert first == second


async def test_a_text_that_names_nobody_is_asked_about_by_nobody(desk: Desk) -> None:
    (answer,) = await desk.read({"text": "It rained all day."})

    assert desk.server.asked == []
    assert answer.llm is msgspec.UNSET
