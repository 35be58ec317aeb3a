"""Has macro documents that are new and readable classified by a language model too, and puts both readings together."""

from collections.abc import Mapping
from importlib.resources import files

from stonks.model.document import Document
from stonks.model.prompt import Promoted, active_prompt, read_prompts
from stonks.model.signal import GlobalEvent
from stonks.ports.agents import Agents
from stonks.ports.bundle import Ports
from stonks.stages.extractor.core.event_blend import blend
from stonks.stages.extractor.core.event_classifier import AGENT, Candidate, EventTask, is_worth_asking
from stonks.stages.extractor.core.exposure import Effect
from stonks.stages.extractor.core.extract import Article
from stonks.stages.extractor.core.macro import Bulletin
from stonks.stages.extractor.core.reading.gate import pressed
from stonks.stages.extractor.core.records import Provenance

MOST_CANDIDATES = 20


class EventClassifier:
    """Asks about one document after another; nothing that a model does or leaves undone is an error here."""

    def __init__(self, ports: Ports, agents: Agents, effects: Mapping[str, Effect]) -> None:
        """Take the versions of the prompt that stand beside it, and the reviewed effects."""
        self._store, self._agents, self._effects = ports.store, agents, effects
        folder = files("stonks.stages.extractor").joinpath("prompts")
        self._prompts = read_prompts((file.name, file.read_text("utf-8")) for file in folder.iterdir())
        self._hurried = False

    async def refine(
        self, document: Document, bulletin: Bulletin, article: Article, told: GlobalEvent | None, new: float
    ) -> tuple[GlobalEvent | None, Provenance]:
        """Return the event of rules and model; the rules' alone where none is worth asking, or no answer held."""
        waited = await self._store.value("extraction.waited", id=document.id, now=bulletin.known_at)
        self._hurried = pressed(waited, before=self._hurried)
        if not is_worth_asking(told, new, document.quality, hurried=self._hurried):
            return told, Provenance()
        promoted = {row.agent: row.version for row in await self._store.rows(Promoted, "prompts.promoted")}
        words = active_prompt(self._prompts, AGENT, promoted)
        candidates = tuple(Candidate(ticker=named.ticker, name=named.name) for named in article.named)
        task = EventTask(
            document_id=document.id, text=bulletin.text, candidates=candidates[:MOST_CANDIDATES], words=words
        )
        asked = await self._agents.ask(task)
        provenance = Provenance(
            model=asked.model, prompt_version=words.version, call_id=asked.calls[-1], degraded=asked.value is None
        )
        if asked.value is None:
            return told, provenance
        return blend(told, asked.value, bulletin, self._effects, words.version), provenance
