"""A model on an Ollama server, by ``/api/generate``."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec

from stonks.adapters.llm.asking import Asking
from stonks.model.errors import Refused, Unreachable
from stonks.ports.llm import Identity, Reply, Request

_KEPT_LOADED = "10m"


class Model(msgspec.Struct, frozen=True):
    """One model of ``/api/tags``."""

    name: str = ""
    model: str = ""
    digest: str = ""


class Tags(msgspec.Struct, frozen=True):
    """The answer of ``/api/tags``."""

    models: list[Model]


class Version(msgspec.Struct, frozen=True):
    """The answer of ``/api/version``."""

    version: str


class Line(msgspec.Struct, frozen=True):
    """One line of the answer of ``/api/generate``; without a stream there is one."""

    response: str = ""
    thinking: str | None = None
    error: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    total_duration: int = 0
    """Nanoseconds."""


class Ollama:
    """One model of one Ollama server."""

    def __init__(self, asking: Asking, model: str) -> None:
        """Ask for this model."""
        self._asking, self._model = asking, model

    async def identity(self) -> Identity:
        """Return which model answers, by the digest of its weights."""
        version = self._asking.decoded(await self._asking.get("/api/version"), Version)
        tags = self._asking.decoded(await self._asking.get("/api/tags"), Tags)
        names = {self._model, f"{self._model}:latest"}
        for one in tags.models:
            if names & {one.name, one.model}:
                return Identity(model=self._model, digest=one.digest, server=f"ollama {version.version}")
        raise Refused(f"{self._asking.base} has no model {self._model}: run `ollama pull {self._model}`")

    async def generate(self, request: Request) -> Reply:
        """Return the model's answer; an error in any line of it is the server's failure, whatever the status."""
        data = await self._asking.post("/api/generate", self._body(request), request.patience)
        texts, thoughts, last = [], [], Line()
        for line in self._lines(data):
            if line.error is not None:
                raise Unreachable(f"{self._asking.base} failed: {self._asking.shown(line.error)}")
            texts.append(line.response)
            thoughts.append(line.thinking or "")
            last = line
        if not last.done:
            raise Unreachable(f"{self._asking.base} ended its answer before its end")
        return Reply(
            text="".join(texts),
            thinking="".join(thoughts),
            tokens_in=last.prompt_eval_count,
            tokens_out=last.eval_count,
            milliseconds=timedelta(microseconds=last.total_duration // 1000) / timedelta(milliseconds=1),
            stopped=last.done_reason in {None, "stop"},
        )

    def _lines(self, data: bytes) -> Iterator[Line]:
        for line in data.splitlines():
            if line.strip():
                yield self._asking.decoded(line, Line)

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "system": request.system,
            "prompt": request.prompt,
            "format": request.schema,
            "stream": False,
            "keep_alive": _KEPT_LOADED,
            "options": {
                "temperature": 0,
                "top_k": 1,
                "seed": request.seed,
                "num_ctx": request.context,
                "num_predict": request.longest_answer,
            },
        }
        return body if request.think is None else body | {"think": request.think}
