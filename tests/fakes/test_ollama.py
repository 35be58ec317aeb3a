import json
from typing import Any

import aiohttp
import pytest

from tests.fakes.answers import Asked, good_answer
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama

SYSTEM = "You read news.\nNONCE=0a1b2c3d"
PROMPT = """CANDIDATES: 1) AAPL Apple Inc 2) MSFT Microsoft Corp
<<<DOC 99ff00aa
Apple beats estimates

Apple said that revenue rose 8%. Microsoft fell on weak demand.
DOC 99ff00aa>>>
Return JSON."""
SCHEMA: dict[str, Any] = {"properties": {"doc_check": {}, "companies": {}, "summary": {}}}
CALL: dict[str, Any] = {"model": MODEL, "system": SYSTEM, "prompt": PROMPT, "format": SCHEMA, "stream": False}


async def asked(ollama: Ollama, **changes: object) -> tuple[int, str]:
    async with (
        open_ollama(ollama),
        aiohttp.ClientSession() as session,
        session.post(f"{ollama.base}/api/generate", json=CALL | changes) as response,
    ):
        return response.status, await response.text()


def test_a_good_answer_quotes_the_document_about_its_candidates_only() -> None:
    answer = good_answer(Asked(SYSTEM, PROMPT, SCHEMA))

    assert answer.keys() == {"doc_check", "companies", "summary"}
    assert answer["doc_check"] == "0a1b2c3d"
    assert [(one["mention_id"], one["sentiment"]) for one in answer["companies"]] == [(1, 1), (2, -1)]
    assert all(one["quote"] in PROMPT for one in answer["companies"])


async def test_a_stream_and_one_answer_say_the_same() -> None:
    _, whole = await asked(Ollama())
    _, lines = await asked(Ollama(), stream=True)

    parts = [json.loads(line) for line in lines.splitlines()]
    assert "".join(part["response"] for part in parts) == json.loads(whole)["response"]
    assert parts[-1]["done_reason"] == "stop"


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        (Fault.WRONG_NONCE, 200, "00000000"),
        (Fault.INVENTED_QUOTE, 200, "ten times as high"),
        (Fault.CHANGED_NUMBER, 200, "987.65"),
        (Fault.UNKNOWN_CANDIDATE, 200, '\\"mention_id\\": 99'),
        (Fault.TRUNCATED_HEAD, 200, '"prompt_eval_count": 2050'),
        (Fault.LENGTH, 200, '"done_reason": "length"'),
        (Fault.THINKING_TEXT, 200, "<think>"),
        (Fault.ERROR_LINE, 200, '{"error": '),
        (Fault.MISSING_MODEL, 404, "not found"),
        (Fault.THROTTLED, 429, "too many"),
        (Fault.BROKEN, 500, "terminated"),
        (Fault.HTML, 200, "<html>"),
        (Fault.EMPTY, 200, ""),
        (Fault.BROKEN_JSON, 200, ",,"),
        (Fault.SLOW, 200, "0a1b2c3d"),
    ],
)
async def test_every_fault_shows_what_it_is_named_for(fault: Fault, status: int, told: str) -> None:
    got, text = await asked(Ollama([fault], delay=0.0))

    assert got == status
    assert told in text


async def test_a_connection_that_is_cut_never_ends_its_answer() -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await asked(Ollama([Fault.CUT]))


async def test_the_seed_decides_which_calls_go_wrong() -> None:
    async def shown(seed: int) -> list[bool]:
        ollama = Ollama([Fault.BROKEN], share=0.5, seed=seed)
        return [(await asked(ollama, prompt=f"{PROMPT} {number}"))[0] == 500 for number in range(12)]

    first, again, other = await shown(1), await shown(1), await shown(2)

    assert first == again != other
    assert 0 < sum(first) < 12
