"""Every call to a model, kept: a row with what came of it, and an object with what was said."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import msgspec

from stonks.model.errors import Malformed
from stonks.ports.agents import Verdict
from stonks.ports.objects import Objects
from stonks.ports.store import Store

LAST_ATTEMPT = 3


class Outcome(StrEnum):
    """What came of a call."""

    ACCEPT = "accept"
    """Everything in the answer held."""
    REPAIR = "repair"
    """What did not hold was left out."""
    REJECT = "reject"
    """Too little held."""
    DEGRADED = "degraded"
    """There was no answer, or nobody was asked."""
    CACHED = "cached"
    """It was answered before."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``llm_calls``."""

    id: UUID
    agent: str
    document_id: UUID | None
    model: str
    model_digest: str
    prompt_version: str
    cache_key: str
    outcome: Outcome
    attempt: int
    """From 1; 0 where nobody was asked."""
    verdicts: tuple[Verdict, ...]
    tokens_in: int | None = None
    tokens_out: int | None = None
    milliseconds: float | None = None
    called_at: datetime


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """The object ``llm/<call_id>.json``: what was asked and answered, word for word."""

    agent: str
    prompt_version: str
    model: str
    digest: str
    server: str
    nonce: str
    reduced: bool
    system: str
    prompt: str
    schema: dict[str, Any]
    options: dict[str, Any]
    answer: str | None = None
    """None where none came; then the error says why."""
    thinking: str = ""
    error: str = ""


class Answered(msgspec.Struct, frozen=True):
    """A call that was answered before."""

    id: UUID
    outcome: Outcome
    verdicts: tuple[Verdict, ...]


class Calls(Protocol):
    """Where calls are kept and found again."""

    async def find(self, key: str) -> Answered | None:
        """Return what was answered to the same question before."""
        ...

    async def transcript(self, call: UUID) -> Transcript:
        """Return what was said in a call."""
        ...

    async def keep(self, call: Call, transcript: Transcript | None) -> None:
        """Keep a call, and what was said if anything was."""
        ...


class StoredCalls:
    """Calls as rows and objects."""

    def __init__(self, store: Store, objects: Objects) -> None:
        """Keep them here."""
        self._store, self._objects = store, objects

    async def find(self, key: str) -> Answered | None:
        """Return what was answered to the same question before."""
        return await self._store.row(Answered, "llm.answered", key=key, last=LAST_ATTEMPT)

    async def transcript(self, call: UUID) -> Transcript:
        """Return what was said in a call.

        Raises:
            Malformed: the object is not what was written.
        """
        data = await self._objects.get(object_of(call))
        try:
            return msgspec.json.decode(data, type=Transcript)
        except msgspec.DecodeError as wrong:
            raise Malformed(f"{object_of(call)}: {wrong}") from wrong

    async def keep(self, call: Call, transcript: Transcript | None) -> None:
        """Keep the object first: a row without one would be a call of which nobody knows what was said."""
        if transcript is not None:
            await self._objects.put(object_of(call.id), msgspec.json.encode(transcript))
        async with self._store.transaction() as transaction:
            await transaction.run("llm.keep", call=call)


class RememberedCalls:
    """Calls of one process, which ends with them: for who asks by hand, without a database."""

    def __init__(self) -> None:
        """Remember none yet."""
        self._calls: list[Call] = []
        self._transcripts: dict[UUID, Transcript] = {}

    @property
    def made(self) -> tuple[Call, ...]:
        """Every call so far, oldest first."""
        return tuple(self._calls)

    async def find(self, key: str) -> Answered | None:
        """Return what was answered to the same question before."""
        found = [call for call in self._calls if call.cache_key == key and _stands(call)]
        best = min(found, key=lambda call: call.outcome is Outcome.REJECT, default=None)
        return None if best is None else Answered(best.id, best.outcome, best.verdicts)

    async def transcript(self, call: UUID) -> Transcript:
        """Return what was said in a call."""
        return self._transcripts[call]

    async def keep(self, call: Call, transcript: Transcript | None) -> None:
        """Remember a call."""
        self._calls.append(call)
        if transcript is not None:
            self._transcripts[call.id] = transcript


def _stands(call: Call) -> bool:
    """Whether the next one who asks the same gets what was answered here."""
    return call.outcome in {Outcome.ACCEPT, Outcome.REPAIR} or (
        call.outcome is Outcome.REJECT and call.attempt == LAST_ATTEMPT
    )


def object_of(call: UUID) -> str:
    """Return the key of a call's object."""
    return f"llm/{call}.json"
