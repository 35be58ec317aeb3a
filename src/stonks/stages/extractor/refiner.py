"""Has documents that are worth it read by a language model too, and puts both readings together."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files

from stonks.model.document import Document
from stonks.model.prompt import Promoted, active_prompt, read_prompts
from stonks.model.signal import Extraction
from stonks.ports.agents import Agents, Asked
from stonks.ports.bundle import Ports
from stonks.stages.extractor.core.extract import Article
from stonks.stages.extractor.core.reading.blend import Blended, blend
from stonks.stages.extractor.core.reading.gate import pressed
from stonks.stages.extractor.core.reading.subject import Reading
from stonks.stages.extractor.core.reading.task import AGENT, ReadingTask, tasks_of
from stonks.stages.extractor.core.records import Provenance


class Refiner:
    """Asks about one document after another; nothing that a model does or leaves undone is an error here."""

    def __init__(self, ports: Ports, agents: Agents) -> None:
        """Take the versions of the prompt that stand beside it."""
        self._store, self._pool, self._agents = ports.store, ports.pool, agents
        self._most = ports.settings.llm_patience.total_seconds() / 2
        folder = files("stonks.stages.extractor").joinpath("prompts")
        self._prompts = read_prompts((file.name, file.read_text("utf-8")) for file in folder.iterdir())
        self._hurried = False

    async def refine(
        self, document: Document, article: Article, said: Extraction, now: datetime
    ) -> tuple[Blended, Provenance]:
        """Return what rules and model read; the rules' word alone where no model is worth asking, or none answers."""
        waited = await self._store.value("extraction.waited", id=document.id, now=now)
        self._hurried = pressed(waited, before=self._hurried)
        promoted = {row.agent: row.version for row in await self._store.rows(Promoted, "prompts.promoted")}
        words = active_prompt(self._prompts, AGENT, promoted)
        tasks = await self._pool.run(tasks_of, document, article, said, words, self._hurried)
        if not tasks:
            return Blended(extraction=said), Provenance()
        answers = await self._answers(tasks)
        readings = [answer.value for answer in answers if answer.value is not None]
        provenance = Provenance(
            model=answers[-1].model, prompt_version=words.version, call_id=answers[-1].calls[-1], degraded=not readings
        )
        if not readings:
            return Blended(extraction=said), provenance
        return await self._pool.run(blend, article, said, readings, words.version), provenance

    async def _answers(self, tasks: Sequence[ReadingTask]) -> list[Asked[Reading]]:
        """Return what came of each window, as far as there is time for another, and somebody answers."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._most
        answers = []
        for task in tasks:
            answers.append(await self._agents.ask(task))
            if answers[-1].value is None or loop.time() > until:
                break
        return answers
