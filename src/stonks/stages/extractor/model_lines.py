"""Texts asked about line by line, read by rules and by a language model, every one whatever it is worth."""

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import msgspec

from stonks.model.line import LineAsked, LineFailed, LineRead, ModelRead
from stonks.model.prompt import PromptFile, active_prompt, read_prompts
from stonks.model.signal import Extraction
from stonks.ports.agents import Agents, Asked
from stonks.ports.pool import Pool
from stonks.stages.extractor.core.lines import Finder, Question, answer_of, question_of
from stonks.stages.extractor.core.reading.blend import blend
from stonks.stages.extractor.core.reading.subject import Reading
from stonks.stages.extractor.core.reading.task import AGENT, ReadingTask, questions_of
from stonks.stages.extractor.embedded import read_article
from stonks.stages.extractor.lines import Line, LineReader, decoded

_MOST_FAILED = 20
_UNDATED = "unknown"


class Prepared(NamedTuple):
    """A line as the rules read it, and what to ask about it."""

    asked: LineAsked
    question: Question
    said: Extraction
    tasks: list[ReadingTask]


class ModelLineReader(LineReader):
    """Asks a model about every line that names somebody; where no answer holds, the rules' word stands alone."""

    def __init__(self, pool: Pool, finder: Finder, agents: Agents, words: PromptFile, parallel: int) -> None:
        """Ask with these words, so many questions at a time: a line waits for its turn however long that is."""
        super().__init__(pool, finder)
        self._agents, self._words = agents, words
        self._turns = asyncio.Semaphore(parallel)

    async def read(self, lines: Sequence[Line]) -> list[LineRead | LineFailed]:
        """Return what lines say; one that cannot be read, or brings down its reader, is an answer too."""
        plain = await super().read(lines)
        return [
            await self._asked(line, answer) if isinstance(answer, LineRead) else answer
            for line, answer in zip(lines, plain, strict=True)
        ]

    async def _asked(self, line: Line, plain: LineRead) -> LineRead:
        prepared = await self._pool.run(prepare, line, self._finder, self._words)
        answers: list[Asked[Reading]] = []
        for task in prepared.tasks:
            async with self._turns:
                answers.append(await self._agents.ask(task))
            if answers[-1].value is None:
                break
        if not answers:
            return plain
        readings = [answer.value for answer in answers if answer.value is not None]
        told = ModelRead(
            model=answers[-1].model,
            prompt=self._words.version,
            degraded=None if readings else answers[-1].why_not,
            failed=tuple(f"{one.check}: {one.detail}" for it in answers for one in it.verdicts if not one.passed)[
                :_MOST_FAILED
            ],
        )
        whole = await self._pool.run(blended, prepared, readings, self._words.version) if readings else plain
        return msgspec.structs.replace(whole, llm=told)


def newest_words() -> PromptFile:
    """Return the newest version of the prompt: no database says that another is in use."""
    folder = files("stonks.stages.extractor").joinpath("prompts")
    prompts = read_prompts((file.name, file.read_text("utf-8")) for file in folder.iterdir())
    return active_prompt(prompts, AGENT, {})


def prepare(line: Line, finder: Finder, words: PromptFile) -> Prepared:
    """Return a line that was read once as what there is to ask about it."""
    asked = decoded(line)
    question = question_of(asked, finder)
    said = read_article(question.article)
    day = (asked.published_at or _UNDATED)[:10]
    return Prepared(asked, question, said, questions_of(question.article, said, words, day))


def blended(prepared: Prepared, readings: Sequence[Reading], version: str) -> LineRead:
    """Return the answer to a line that rules and model have read."""
    both = blend(prepared.question.article, prepared.said, readings, version)
    return answer_of(prepared.asked, prepared.question, both.extraction)
