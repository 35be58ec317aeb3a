"""Has the theses of recommendations for trading put in better words, after they are saved and in nobody's way."""

from datetime import timedelta
from importlib.resources import files

from stonks.model.prompt import Promoted, active_prompt, read_prompts
from stonks.ports.agents import Agents
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.recommendation.core.rewriter import AGENT, Draft, RewritingTask

FRESH = timedelta(days=1)
"""An older recommendation keeps the thesis it has."""
MOST = 8
"""Theses a look takes on: what is new meanwhile comes with the next."""


class Rewriter:
    """Looks for recommendations that nobody was asked about, and asks."""

    def __init__(self, ports: Ports, agents: Agents) -> None:
        """Take the versions of the prompt that stand beside it."""
        self._store, self._agents = ports.store, agents
        folder = files("stonks.stages.recommendation").joinpath("prompts")
        self._prompts = read_prompts((file.name, file.read_text("utf-8")) for file in folder.iterdir())

    async def poll(self, work: Work[None]) -> None:
        """Ask about each draft once, and keep its new words or why there are none; nothing else of it changes."""
        drafts = await self._store.rows(Draft, "rewriting.drafts", since=work.now - FRESH, now=work.now, most=MOST)
        if not drafts:
            return
        promoted = {row.agent: row.version for row in await self._store.rows(Promoted, "prompts.promoted")}
        words = active_prompt(self._prompts, AGENT, promoted)
        for draft in drafts:
            asked = await self._agents.ask(RewritingTask(draft=draft, words=words))
            note = f"by {asked.model} with {words.version}" if asked.value else f"none: {asked.why_not}"
            async with work.commit() as commit:
                await commit.run("rewriting.save", id=draft.id, thesis=asked.value, note=note)
