"""Agents: questions to a language model whose answers are data, checked before anybody sees them.

A stage's core makes a task, a pure value that says how to ask and how to judge an answer. The runtime asks: it parses,
compares the nonce, asks again with what was wrong, keeps every call, and gives up without an error where no good answer
comes. Who asks always has a result to go on with of its own.
"""

from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from one attempt at a task to the next."""

    nonce: str
    """What the answer's ``doc_check`` must be. It stands once in the prompt, at the end of ``system``: an answer to a
    prompt that was cut at its head does not have it, and no document can know it."""
    fence: str
    """What marks where foreign text begins and ends: no document can know it."""
    complaints: tuple[str, ...] = ()
    """What was wrong with the answer before, a line each."""
    reduced: bool = False
    """Whether to ask for the least that is of use: the last attempt."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, written out."""

    system: str
    """Begins with what never changes, so that a server can reuse its work; the nonce is its last line."""
    prompt: str
    shape: type[msgspec.Struct]
    """What the answer is to be: a struct of a module's top level with a ``doc_check: str``; its JSON schema is sent."""
    longest_answer: int = 1536
    """Tokens that an answer may have."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found of one part of an answer."""

    check: str
    """Such as ``quote``, ``number``, ``nonce``."""
    passed: bool
    detail: str = ""
    """Of one that failed: what is wrong, in words that also tell the model; at most a line."""


class Judged(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What an answer is worth: a value made of what held, or None where too little did."""

    value: T | None
    verdicts: tuple[Verdict, ...] = ()


class Task(Protocol[T]):
    """A question to a model: pure, and something that can be pickled, as answers are judged in a child process."""

    @property
    def agent(self) -> str:
        """``document-extractor``, ``event-classifier`` or ``thesis-rewriter``."""
        ...

    @property
    def prompt_version(self) -> str:
        """The version of the prompt's file; a change of its words or of the shape makes a new one."""
        ...

    @property
    def document_id(self) -> UUID | None:
        """The document that is asked about, where there is one."""
        ...

    @property
    def subject(self) -> tuple[str, ...]:
        """All that a good answer depends on besides prompt version, shape and model: the text and its candidates."""
        ...

    def compose(self, attempt: Attempt) -> Prompt:
        """Write one attempt out."""
        ...

    def judge(self, answer: Any) -> Judged[T]:  # noqa: ANN401 - the prompt's shape, which two attempts may not share
        """Check an answer of the prompt's shape, whose nonce was right, against what was asked about."""
        ...


class Asked(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What came of a task."""

    value: T | None
    """What the answer says as far as it held, or None: then the caller goes on without, and marks it ``degraded``."""
    why_not: str = ""
    """Why there is no value, in words for a person."""
    verdicts: tuple[Verdict, ...] = ()
    """What the checks found of the last answer."""
    model: str = ""
    calls: tuple[UUID, ...] = ()
    """The rows of ``llm_calls`` that belong to it, oldest first; the last one decided."""
    cached: bool = False
    """Whether the answer was given before."""


class Agents(Protocol):
    """Asks a language model. Where none is set, the port is None and nobody asks."""

    async def ask(self, task: Task[T]) -> Asked[T]:
        """Return what came of a task: within STONKS_LLM_PATIENCE and budgets of tokens, never an error of the model's.

        A stage that asks needs a deadline beyond that patience.

        Raises:
            Unreachable: one of our own servers, with which calls are kept, does not answer.
        """
        ...
