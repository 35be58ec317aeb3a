"""A server that speaks Ollama's API, and OpenAI's, with a model that answers well and faults that can be asked for.

Runs as a program too: ``python -m tests.fakes.ollama --fault wrong_nonce --share 0.3 --port 11434``.
"""

import argparse
import asyncio
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

from aiohttp import web

from tests.fakes.answers import Asked, good_answer

MODEL = "attentive:1b"
DIGEST = "sha256:" + hashlib.sha256(MODEL.encode()).hexdigest()
VERSION = "0.30.5"
CHARACTERS_A_TOKEN = 3.6
_HEX = re.compile(r"\b[0-9a-f]{8,}\b")
CHUNK = 64  # characters of a line of a stream


class Fault(StrEnum):
    """What can go wrong with one answer."""

    WRONG_NONCE = "wrong_nonce"
    INVENTED_QUOTE = "invented_quote"
    CHANGED_NUMBER = "changed_number"
    UNKNOWN_CANDIDATE = "unknown_candidate"
    TRUNCATED_HEAD = "truncated_head"
    LENGTH = "length"
    THINKING_TEXT = "thinking_text"
    ERROR_LINE = "error_line"
    SLOW = "slow"
    MISSING_MODEL = "missing_model"
    THROTTLED = "throttled"
    BROKEN = "broken"
    CUT = "cut"
    BROKEN_JSON = "broken_json"
    HTML = "html"
    EMPTY = "empty"


REFUSALS = {
    Fault.MISSING_MODEL: (404, f"model '{MODEL}' not found"),
    Fault.THROTTLED: (429, "too many requests"),
    Fault.BROKEN: (500, "llama runner process has terminated"),
}
"""Faults that are an answer with a status of their own."""


class Ollama:
    """A server's model, which faults it shows, and every call it was asked."""

    def __init__(self, faults: Sequence[Fault] = (), share: float = 1.0, seed: int = 0, delay: float = 5.0) -> None:
        """Show one of the faults in this share of calls, chosen by the seed and what is asked; slow is this long."""
        self.asked: list[dict[str, Any]] = []
        self.shown: Counter[str] = Counter()
        self.script: list[Fault | dict[str, Any] | None] = []
        """What the next calls get, one each: a fault, an answer, or None for a good answer; then as chosen."""
        self.base = ""
        self._faults, self._share, self._seed, self._delay = tuple(faults), share, seed, delay
        self._times: Counter[str] = Counter()

    def application(self) -> web.Application:
        """Return what serves the API."""
        served = web.Application(client_max_size=2**26)
        facts = {
            "/api/version": {"version": VERSION},
            "/api/tags": {"models": [_model()]},
            "/api/ps": {"models": [_model() | {"context_length": 8192}]},
            "/v1/models": {"object": "list", "data": [{"id": MODEL}]},
            "/shown": self.shown,
        }
        for path, fact in facts.items():
            served.router.add_get(path, _telling(fact))
        served.router.add_post("/api/show", self._show)
        served.router.add_post("/api/generate", self._generate)
        served.router.add_post("/v1/chat/completions", self._chat)
        return served

    async def _show(self, request: web.Request) -> web.Response:
        said = await request.json()
        if said.get("model", said.get("name")) != MODEL:
            return await _json({"error": f"model '{said.get('model')}' not found"}, 404)
        return await _json({"details": {"family": "attentive", "parameter_size": "1B"}, "capabilities": ["completion"]})

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        schema = said.get("format")
        asked = Asked(
            said.get("system", ""), said.get("prompt", ""), schema if isinstance(schema, dict) else {"properties": {}}
        )
        fault, answer = self._choose(said, asked)
        refused = await self._refused(said.get("model"), fault)
        if refused is not None:
            return refused
        options = said.get("options", {})
        text = _spoken(asked, answer, fault)
        evaluated = math.ceil(len(asked.system + asked.prompt) / CHARACTERS_A_TOKEN)
        window = int(options.get("num_ctx", 4096))
        tail: dict[str, Any] = {
            "model": MODEL,
            "done": True,
            "done_reason": "length" if fault is Fault.LENGTH else "stop",
            "total_duration": 2_000_000,
            "load_duration": 1_000_000,
            "prompt_eval_count": window // 2 + 2 if fault is Fault.TRUNCATED_HEAD else evaluated,
            "prompt_eval_duration": 500_000,
            "eval_count": max(1, math.ceil(len(text) / CHARACTERS_A_TOKEN)),
            "eval_duration": 500_000,
        }
        if said.get("stream", True) or fault in (Fault.ERROR_LINE, Fault.CUT):
            return await _streamed(request, text, tail, fault)
        thought = {"thinking": "Let me see."} if said.get("think") else {}
        return await _json(tail | {"response": text} | thought)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        told = {message["role"]: message["content"] for message in said["messages"]}
        schema = said.get("response_format", {}).get("json_schema", {}).get("schema", {"properties": {}})
        asked = Asked(told.get("system", ""), told.get("user", ""), schema)
        fault, answer = self._choose(said, asked)
        refused = await self._refused(said.get("model"), fault)
        if refused is not None:
            return refused
        if fault is Fault.CUT:
            return await _streamed(request, "{", {}, fault)
        text = _spoken(asked, answer, fault)
        if fault is Fault.ERROR_LINE:
            return await _json({"error": {"message": "the model crashed", "code": 500}})
        counted = math.ceil(len(asked.system + asked.prompt) / CHARACTERS_A_TOKEN)
        return await _json(
            {
                "id": "chat-1",
                "object": "chat.completion",
                "model": MODEL,
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text},
                        "finish_reason": "length" if fault is Fault.LENGTH else "stop",
                    }
                ],
                "usage": {
                    "prompt_tokens": counted // 2 if fault is Fault.TRUNCATED_HEAD else counted,
                    "completion_tokens": max(1, math.ceil(len(text) / CHARACTERS_A_TOKEN)),
                },
            }
        )

    def _choose(self, said: dict[str, Any], asked: Asked) -> tuple[Fault | None, dict[str, Any]]:
        """Return the fault that a call gets, and the answer that it may spoil."""
        self.asked.append(said)
        following = self.script.pop(0) if self.script else self._drawn(said)
        answer = following if isinstance(following, dict) else good_answer(asked)
        fault = following if isinstance(following, Fault) else None
        self.shown[fault or "none"] += 1
        return fault, answer

    def _drawn(self, said: dict[str, Any]) -> Fault | None:
        """Return a fault by lot; the same call gets the same lot in every run, asked again another one."""
        if not self._faults:
            return None
        words = _HEX.sub("-", json.dumps(said, sort_keys=True))  # nonces may be new in each run
        self._times[words] += 1
        drawn = hashlib.sha256(f"{self._seed}:{self._times[words]}:{words}".encode()).digest()
        if int.from_bytes(drawn[:4]) >= self._share * 2**32:
            return None
        return self._faults[int.from_bytes(drawn[4:8]) % len(self._faults)]

    async def _refused(self, model: object, fault: Fault | None) -> web.Response | None:
        """Return the answer of a call that gets none of the model's, or None; slow ones only wait."""
        if fault is Fault.SLOW:
            await asyncio.sleep(self._delay)
        if model != MODEL:
            return await _json({"error": f"model '{model}' not found"}, 404)
        if fault in REFUSALS:
            status, reason = REFUSALS[fault]
            return web.json_response({"error": reason}, status=status, headers={"Retry-After": "1"})
        if fault is Fault.HTML:
            return web.Response(text="<html><h1>Welcome to the hotel's wifi</h1></html>", content_type="text/html")
        return web.Response(text="") if fault is Fault.EMPTY else None


def _model() -> dict[str, Any]:
    return {"name": MODEL, "model": MODEL, "digest": DIGEST.removeprefix("sha256:"), "size": 1, "details": {}}


def _telling(fact: object) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return await _json(fact)

    return answer


async def _json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _spoken(asked: Asked, answer: dict[str, Any], fault: Fault | None) -> str:
    """Return what the model says, spoiled by a fault of its own."""
    match fault:
        case Fault.WRONG_NONCE | Fault.TRUNCATED_HEAD:
            answer = answer | {"doc_check": "00000000" if fault is Fault.WRONG_NONCE else ""}
        case Fault.INVENTED_QUOTE:
            answer = _changed(answer, lambda _: "The company said that its profit will be ten times as high.")
        case Fault.CHANGED_NUMBER:
            answer = _numbered(answer)
        case Fault.UNKNOWN_CANDIDATE:
            answer = _renamed(answer)
    text = json.dumps(answer)
    match fault:
        case Fault.LENGTH:
            return text[: len(text) // 2]
        case Fault.THINKING_TEXT:
            return f"<think>The nonce is {asked.nonce}. {{Maybe.}}</think>\nHere is the JSON:\n```json\n{text}\n```"
        case Fault.BROKEN_JSON:
            return text.replace('": "', '": ', 1)[:-1] + ",,"
    return text


def _changed(answer: Any, change: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return an answer with every quote put through a change."""
    if isinstance(answer, list):
        return [_changed(one, change) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {key: change(value) if key == "quote" else _changed(value, change) for key, value in answer.items()}


def _numbered(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that states figures which the document does not."""
    spoiled: dict[str, Any] = _changed(answer, lambda quote: f"{quote} by 987.65%")
    for name in ("summary", "thesis"):
        if name in spoiled:
            spoiled[name] = f"{spoiled[name]} It is 987.65% in all."
    return spoiled


def _renamed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer about a candidate, or by a piece of evidence, that was never on the list."""
    spoiled: dict[str, Any] = json.loads(json.dumps(answer))
    for one in spoiled.get("companies", []):
        one["mention_id"] = 99
    if "companies_named" in spoiled:
        spoiled["companies_named"] = [99]
    for one in spoiled.get("bull_points", []) + spoiled.get("bear_points", []):
        one["evidence_id"] = "E99"
    return spoiled


async def _streamed(request: web.Request, text: str, tail: dict[str, Any], fault: Fault | None) -> web.StreamResponse:
    """Answer line by line; a fault ends it with an error's line, or with the connection."""
    stream = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await stream.prepare(request)
    for at in range(0, len(text), CHUNK):
        line = {"model": MODEL, "response": text[at : at + CHUNK], "done": False}
        await stream.write(json.dumps(line).encode() + b"\n")
        if fault is Fault.CUT and request.transport is not None:
            request.transport.abort()
            return stream
    if fault is Fault.ERROR_LINE:
        await stream.write(json.dumps({"error": "an error was encountered while running the model"}).encode() + b"\n")
    else:
        await stream.write(json.dumps(tail | {"response": ""}).encode() + b"\n")
    return stream


@asynccontextmanager
async def open_ollama(ollama: Ollama, port: int = 0) -> AsyncIterator[Ollama]:
    """Serve it on loopback while inside; its ``base`` says where."""
    runner = web.AppRunner(ollama.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    ollama.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield ollama
    finally:
        await runner.cleanup()


async def serve(ollama: Ollama, port: int) -> None:
    """Print where it is, and serve until the end of the process."""
    async with open_ollama(ollama, port):
        print(json.dumps({"url": ollama.base, "model": MODEL}), flush=True)  # noqa: T201 - a program's answer
        await asyncio.Event().wait()


def main() -> None:
    """Serve what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", action="append", choices=[*map(str, Fault), "all"], default=[])
    parser.add_argument("--share", type=float, default=1.0, help="of calls that show a fault")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--delay", type=float, default=5.0, help="seconds of a slow answer")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    faults = list(Fault) if "all" in arguments.fault else [Fault(name) for name in arguments.fault]
    asyncio.run(serve(Ollama(faults, arguments.share, arguments.seed, arguments.delay), arguments.port))


if __name__ == "__main__":
    main()
