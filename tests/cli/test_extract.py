"""What ``stonks extract`` prints."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from stonks.cli.extract import as_text
from stonks.model.document import Quote
from stonks.model.line import CompanyRead, EventRead, LineFailed, LineRead, NumberRead, Verdict
from stonks.model.signal import EventType

TITLE = "Boeing gains 9% as it wins $20 billion contract; Apple tumbles 5%"
BODY = "The order was placed on Monday. Boeing said it is worth $20 billion."


async def started(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stonks", "extract", *arguments,
        stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def as_lines(*asked: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in asked)


async def test_every_line_is_answered_in_order_with_quotes_from_title_and_text() -> None:
    asked: list[dict[str, Any]] = [
        {
            "id": 1,
            "title": TITLE,
            "text": BODY,
            "published_at": "2025-04-01T12:00:00Z",
            "entities": ["Apple", "Boeing"],
        },
        {"id": "two", "text": "Microsoft to buy Visa", "tickers": ["V", "IBM"]},
        {"id": 3, "text": "Caterpillar shares plunge"},
    ]
    process = await started("--json")
    printed, complaints = await process.communicate(as_lines(*asked))

    first, second, third = map(json.loads, printed.decode().splitlines())
    assert (process.returncode, complaints) == (0, b"")
    assert [one["id"] for one in (first, second, third)] == [1, "two", 3]
    assert [(one["entity"], one["class"]) for one in first["companies"]] == [
        ("Apple", "negative"),
        ("Boeing", "positive"),
    ]
    text = f"{TITLE}\n\n{BODY}"
    quoted = [*first["numbers"], *(quote for one in first["companies"] for quote in one["quotes"] + one["events"])]
    assert len(quoted) > 4
    assert all(text[one["start"] : one["end"]] == one["quote"] for one in quoted)
    (visa,) = second["companies"]
    assert (visa["ticker"], second["absent"]) == ("V", ["IBM"])
    assert visa["events"][0]["roles"] == {"target": ["V"]}
    assert [(one["ticker"], one["class"]) for one in third["companies"]] == [("CAT", "negative")]
    assert set(first) == {"id", "companies", "absent", "numbers", "summary", "kind", "extractor"}


async def test_a_line_that_is_none_is_answered_in_its_place_and_the_exit_code_is_1() -> None:
    process = await started("--json")
    printed, complaints = await process.communicate(
        b'{"id": 1, "text": "Boeing falls"}\n{"id": \n\n{"id": "x", "text": 5}\n{"id": 4, "text": "Boeing rises"}'
    )

    answers = [json.loads(line) for line in printed.decode().splitlines()]
    assert (process.returncode, complaints) == (1, b"")
    assert [answer["id"] for answer in answers] == [1, None, "x", 4]
    assert answers[1]["error"].startswith("line 2: no JSON")
    assert answers[2]["error"].startswith("line 4: Expected `str")


async def test_files_are_read_one_after_the_other_and_an_answer_does_not_wait_for_the_end_of_the_input(
    tmp_path: Path,
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(as_lines({"id": name, "text": "Boeing rises"}).rstrip())
    files = await started("--json", str(tmp_path / "a"), str(tmp_path / "b"))
    printed, _ = await files.communicate(b"")
    assert [json.loads(line)["id"] for line in printed.splitlines()] == ["a", "b"]

    asked = await started("--json")
    assert asked.stdin is not None
    assert asked.stdout is not None
    for number in range(2):
        asked.stdin.write(as_lines({"id": number, "text": "Boeing rises"}))
        async with asyncio.timeout(60):
            assert json.loads(await asked.stdout.readline())["id"] == number
    await asked.communicate(b"")


async def test_a_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    process = await started(str(tmp_path / "none"))
    _, complaints = await process.communicate(b"")

    assert process.returncode == 1
    assert complaints.decode().strip().endswith("none cannot be read: No such file or directory")


def test_an_answer_is_a_few_lines_for_people() -> None:
    event = EventRead(
        type=EventType.CONTRACT_WIN,
        roles={"subject": ("Boeing",)},
        polarity=0.5,
        confidence=0.9,
        hedged=False,
        negated=False,
        quote="wins contract",
        start=7,
        end=20,
    )
    answer = LineRead(
        id="7",
        companies=(
            CompanyRead(
                entity="Boeing",
                verdict=Verdict.POSITIVE,
                score=0.5,
                confidence=0.8,
                events=(event,),
                quotes=(Quote(quote="Boeing\x1b wins contract", start=0, end=21),),
            ),
        ),
        absent=("IBM",),
        numbers=(
            NumberRead(
                metric="eps", value=1.1, unit="per_share", basis="actual", period="Q3", quote="$1.10", start=1, end=6
            ),
        ),
        summary="Boeing wins.",
        kind="news",
        extractor="rules-1",
    )

    assert as_text(answer).splitlines() == [
        "7  news: Boeing wins.",
        "  Boeing  positive +0.50, confidence 0.80",
        "    contract_win +0.50  wins contract",
        '    "Boeing\\x1b wins contract"',
        "  IBM  is not in the text",
        "  eps actual 1.1 per_share  $1.10",
    ]
    assert as_text(LineFailed(id=None, error="line 3: none")) == "None  line 3: none"
