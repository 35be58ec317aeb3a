"""A model's words as data: found among whatever stands around them, held to their shape and their nonce, judged.

This runs in a child of the pool: an answer is as untrusted as the document it was made from.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from stonks.ports.agents import Judged, Task, Verdict

T = TypeVar("T")

LONGEST = 200_000
"""Characters of an answer; of a longer one nothing is read."""

_MOST_TRIES = 4
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_LONGEST_DETAIL = 200


def schema_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON schema of a shape without references, which not every server follows."""
    whole = msgspec.json.schema(shape)
    parts: dict[str, Any] = whole.get("$defs", {})
    inlined: dict[str, Any] = _inlined(whole, parts)
    return inlined


def _inlined(node: Any, parts: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(node, list):
        return [_inlined(one, parts) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(parts[node["$ref"].rpartition("/")[2]], parts)
    inner = {name: _inlined(one, parts) for name, one in node.items() if name != "$defs"}
    return inner | {"additionalProperties": False} if inner.get("type") == "object" else inner


def judged(task: Task[T], shape: type[msgspec.Struct], nonce: str, text: str) -> Judged[T]:
    """Return what an answer is worth: the task judges what has its shape and its nonce."""
    answer, verdicts = _read(text, shape)
    if answer is None:
        return Judged(value=None, verdicts=_shown(verdicts))
    if getattr(answer, "doc_check", "").strip() != nonce:
        wrong = Verdict(check="nonce", passed=False, detail="doc_check must be the NONCE of the instructions")
        return Judged(value=None, verdicts=_shown([*verdicts, wrong]))
    verdicts.append(Verdict(check="nonce", passed=True))
    found = task.judge(answer)
    return Judged(value=found.value, verdicts=_shown([*verdicts, *found.verdicts]))


def _read(text: str, shape: type[msgspec.Struct]) -> tuple[msgspec.Struct | None, list[Verdict]]:
    """Return the answer as its shape, or None, with what is wrong of it."""
    if len(text) > LONGEST:
        return None, [Verdict(check="json", passed=False, detail="the answer is too long")]
    problem = Verdict(check="json", passed=False, detail="the answer must be one JSON object and nothing else")
    for bare, candidate in enumerate(_candidates(text)):
        try:
            answer = msgspec.json.decode(candidate, type=shape)
        except msgspec.ValidationError as wrong:
            problem = Verdict(check="shape", passed=False, detail=str(wrong))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        else:
            return answer, [problem] if bare else []
    return None, [problem]


def _candidates(text: str) -> Iterator[str]:
    """Yield the answer as it is, then what stands in a code fence, then from each of its first braces to its last."""
    yield text
    _, _, rest = text.rpartition("</think>")
    if (fenced := _FENCE.search(rest)) is not None:
        yield fenced[1]
    last, start = rest.rfind("}"), -1
    for _ in range(_MOST_TRIES):
        start = rest.find("{", start + 1)
        if start < 0:
            return
        yield rest[start : last + 1]


def _shown(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """Return verdicts as they may be stored and told: a short line of printable characters each."""
    return tuple(msgspec.structs.replace(verdict, detail=_line(verdict.detail)) for verdict in verdicts)


def _line(words: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in words)
    return " ".join(printable.split())[:_LONGEST_DETAIL]
