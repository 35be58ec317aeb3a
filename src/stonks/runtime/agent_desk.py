"""What people see of agents, and which version of a prompt they make active, on record."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from stonks.model.audit import AuditEntry
from stonks.model.errors import Refused
from stonks.model.prompt import Promoted, PromptFile, active_prompt
from stonks.ports.audit import append_audit
from stonks.ports.store import Store


class AgentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an agent's questions with one prompt and one model; times in milliseconds."""

    agent: str
    prompt_version: str
    model: str
    questions: int
    accepted: int
    repaired: int
    rejected: int
    degraded: int
    cached: int
    answers: int
    """Calls that were answered, those that were asked again included."""
    tokens_in: int
    tokens_out: int
    p50: float | None
    p95: float | None
    last_at: datetime


class Promotion(Promoted, frozen=True, kw_only=True):
    """Which version somebody has made active, when and why."""

    label: str
    promoted_at: datetime
    author: str
    reason: str


class AgentStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One agent: its versions, the one in use, and how it fared."""

    agent: str
    versions: tuple[str, ...]
    active: str
    promotion: Promotion | None
    """None where the newest version is active because nobody chose one."""
    figures: tuple[AgentFigures, ...]


class AgentDesk:
    """Agents as their prompts and calls have them."""

    def __init__(self, store: Store, prompts: Sequence[PromptFile]) -> None:
        """Read and write this store; these are the versions there are."""
        self._store, self._prompts = store, tuple(prompts)

    async def overview(self) -> list[AgentStanding]:
        """Return every agent by name."""
        promotions = {row.agent: row for row in await self._store.rows(Promotion, "prompts.promoted")}
        figures = await self._store.rows(AgentFigures, "agents.figures")
        chosen = {agent: row.version for agent, row in promotions.items()}
        return [
            AgentStanding(
                agent=agent,
                versions=tuple(self._versions(agent)),
                active=active_prompt(self._prompts, agent, chosen).version,
                promotion=promotions.get(agent),
                figures=tuple(row for row in figures if row.agent == agent),
            )
            for agent in self._agents()
        ]

    async def promote(self, chosen: Promotion) -> str:
        """Make a version active from the next question on, and return which one was before.

        Raises:
            Refused: there is no such agent or version, or no reason is given.
        """
        if chosen.agent not in self._agents():
            raise Refused(f"no agent {chosen.agent}: there are {', '.join(self._agents())}")
        if chosen.version not in self._versions(chosen.agent):
            raise Refused(f"no version {chosen.version}: there are {', '.join(self._versions(chosen.agent))}")
        if not chosen.reason.strip():
            raise Refused("a promotion needs a reason")
        async with self._store.transaction() as transaction:
            await transaction.run("audit.lock")
            rows = await transaction.rows(Promoted, "prompts.promoted")
            before = active_prompt(self._prompts, chosen.agent, {row.agent: row.version for row in rows}).version
            await transaction.run(
                "prompts.promote",
                agent=chosen.agent,
                version=chosen.version,
                label=chosen.label,
                at=chosen.promoted_at,
                author=chosen.author,
                reason=chosen.reason,
            )
            entry = AuditEntry(
                at=chosen.promoted_at,
                actor=chosen.author,
                action="agent.promote",
                object=chosen.agent,
                before={"version": before},
                after={"version": chosen.version, "label": chosen.label},
                reason=chosen.reason,
            )
            await append_audit(transaction, entry)
        return before

    def _agents(self) -> list[str]:
        return sorted({prompt.agent for prompt in self._prompts})

    def _versions(self, agent: str) -> list[str]:
        return [prompt.version for prompt in self._prompts if prompt.agent == agent]
