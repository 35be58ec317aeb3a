"""A language model behind a URL: one prompt in, one text out. What the text is worth is judged elsewhere."""

from datetime import timedelta
from typing import Any, Protocol

import msgspec


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers: an answer is only comparable with answers of the same three."""

    model: str
    digest: str
    """Of the weights, where the server tells it; else empty."""
    server: str
    """The server's name and version, such as ``ollama 0.12.3``."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt with all that decides the answer."""

    system: str
    prompt: str
    schema: dict[str, Any]
    """The JSON schema that the answer is to follow; not every server keeps to it."""
    seed: int
    context: int
    """Tokens that the prompt and the answer must fit into together."""
    longest_answer: int
    """Tokens after which the answer is cut off."""
    think: bool | None = False
    """Whether the model may think first; None says nothing of it, as some servers need."""
    patience: timedelta = timedelta(minutes=2)
    """How long to wait for the whole answer."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the model wrote."""

    text: str
    thinking: str = ""
    tokens_in: int | None = None
    """Tokens of the prompt that the server says it read; None where it does not say."""
    tokens_out: int | None = None
    milliseconds: float
    stopped: bool
    """Whether the model ended by itself: an answer that was cut off is no answer."""


class Llm(Protocol):
    """One model on one server."""

    async def identity(self) -> Identity:
        """Return which model answers; asked for again each time, as a server may be given another.

        Raises:
            Unreachable: nobody answers, or not what such a server answers.
            Refused: there is no such model, or the server refuses us.
        """
        ...

    async def generate(self, request: Request) -> Reply:
        """Return the model's answer to a prompt.

        Raises:
            Unreachable: no whole answer came in time, or the server failed.
            Throttled: the server asks to wait.
            Refused: there is no such model, or the server refuses us.
            Malformed: the server does not take this request, such as one that is too long.
        """
        ...
