"""A model on any server that speaks OpenAI's ``/chat/completions``."""

from time import perf_counter
from typing import Any

import msgspec

from stonks.adapters.llm.asking import Asking, Told
from stonks.model.errors import Unreachable
from stonks.ports.llm import Identity, Reply, Request


class Message(msgspec.Struct, frozen=True):
    """What the model wrote; ``reasoning_content`` is what some servers call its thinking."""

    content: str | None = None
    reasoning_content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One answer of the model's."""

    message: Message
    finish_reason: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """Tokens, as the server counts them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Completion(msgspec.Struct, frozen=True):
    """The answer of ``/chat/completions``."""

    choices: list[Choice]
    usage: Usage | None = None


class OpenAi:
    """One model of one server; who it is is what the URL says, as such servers tell no digest."""

    def __init__(self, asking: Asking, model: str) -> None:
        """Ask for this model."""
        self._asking, self._model = asking, model

    async def identity(self) -> Identity:
        """Return the model's name and the server's address; nobody is asked for it."""
        return Identity(model=self._model, digest="", server=self._asking.base)

    async def generate(self, request: Request) -> Reply:
        """Return the model's answer; an error in it is the server's failure, whatever the status."""
        started = perf_counter()
        data = await self._asking.post("/chat/completions", self._body(request), request.patience)
        if said := self._asking.decoded(data, Told).words:
            raise Unreachable(f"{self._asking.base} failed: {self._asking.shown(said)}")
        completion = self._asking.decoded(data, Completion)
        if not completion.choices:
            raise Unreachable(f"{self._asking.base} gave no answer")
        choice, usage = completion.choices[0], completion.usage or Usage()
        return Reply(
            text=choice.message.content or "",
            thinking=choice.message.reasoning_content or "",
            tokens_in=usage.prompt_tokens,
            tokens_out=usage.completion_tokens,
            milliseconds=(perf_counter() - started) * 1000,
            stopped=choice.finish_reason in {None, "stop"},
        )

    def _body(self, request: Request) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.prompt},
            ],
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": request.schema}},
            "temperature": 0,
            "seed": request.seed,
            "max_tokens": request.longest_answer,
            "stream": False,
        }
