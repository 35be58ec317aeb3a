from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.ports.agents import Attempt, Judged, Prompt, Verdict
from stonks.runtime.answers import LONGEST, judged, schema_of


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the answer."""

    kind: Literal["a", "b"]
    size: Literal[-1, 0, 1]


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    doc_check: str
    parts: Annotated[tuple[Part, ...], msgspec.Meta(max_length=2)] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Takes every answer of the shape."""

    agent: str = "taker"
    prompt_version: str = "taker-1"
    document_id: UUID | None = None
    subject: tuple[str, ...] = ()

    def compose(self, attempt: Attempt) -> Prompt:
        return Prompt(system=attempt.nonce, prompt="", shape=Whole)

    def judge(self, answer: Whole) -> Judged[int]:
        return Judged(value=len(answer.parts), verdicts=(Verdict(check="seen", passed=True),))


GOOD = '{"doc_check": "abc", "parts": [{"kind": "a", "size": 1}]}'


def judge(text: str) -> tuple[int | None, list[str]]:
    """Return what an answer is worth, and the checks that failed."""
    found = judged(Task(), Whole, "abc", text)
    return found.value, [verdict.check for verdict in found.verdicts if not verdict.passed]


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"Here it is: {GOOD} I hope it helps.",
        f"<think>The nonce {{is}} abc.</think>\n{GOOD}",
        f".{GOOD}",
        f"{{no}} {GOOD}",
    ],
)
def test_an_answer_is_found_among_other_words_and_they_are_held_against_it(text: str) -> None:
    assert judge(GOOD) == (1, [])
    assert judge(text) == (1, ["json"])


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", "json"),
        ("I cannot help with that.", "json"),
        (GOOD[:-4], "json"),
        ("<html><h1>Welcome</h1></html>", "json"),
        ("[" * 100_000, "shape"),
        ('{"a":' * 100_000, "json"),
        ("{" * 1000, "json"),
        (GOOD + " " * LONGEST, "json"),
        ("[]", "shape"),
        ('{"parts": []}', "shape"),
        ('{"doc_check": "abc", "parts": [{"kind": "c", "size": 1}]}', "shape"),
        ('{"doc_check": "abc", "parts": [{"kind": "a", "size": 7}]}', "shape"),
        (msgspec.json.encode({"doc_check": "abc", "parts": [{"kind": "a", "size": 1}] * 3}).decode(), "shape"),
        ('{"doc_check": "ABC"}', "nonce"),
        ('{"doc_check": "abcabc"}', "nonce"),
        ('{"doc_check": ""}', "nonce"),
    ],
)
def test_what_is_no_answer_is_worth_nothing_and_is_named(text: str, check: str) -> None:
    value, failed = judge(text)

    assert value is None
    assert failed[-1] == check


def test_the_schema_has_no_references_and_allows_nothing_else() -> None:
    schema = schema_of(Whole)

    assert "$ref" not in str(schema)
    assert schema["additionalProperties"] is False
    part = schema["properties"]["parts"]["items"]
    assert part["properties"]["size"]["enum"] == [-1, 0, 1]
    assert part["additionalProperties"] is False


@given(st.text(max_size=300) | st.recursive(st.none() | st.text(max_size=9), st.lists, max_leaves=9).map(repr))
def test_no_words_of_a_model_are_an_error(text: str) -> None:
    value, _ = judge(text)

    assert value is None


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3))
def test_what_a_verdict_says_can_be_stored_and_shown(noise: dict[str, Any]) -> None:
    text = msgspec.json.encode({"doc_check": "abc", "parts": [noise]}).decode()

    for verdict in judged(Task(), Whole, "abc", text).verdicts:
        assert verdict.detail.isprintable()
        assert len(verdict.detail) <= 200
