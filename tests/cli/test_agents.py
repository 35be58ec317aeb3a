"""What ``stonks agents`` prints."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import pytest
import typer

from stonks.cli.agents import _below, _floor
from stonks.cli.agents_text import agents_as_text, reports_as_text
from stonks.runtime.agent_desk import AgentFigures, AgentStanding, Promotion
from stonks.runtime.exam import ExamReport
from tests.fakes.signals import NOW

FIGURES = AgentFigures(
    agent="reader",
    prompt_version="reader-2",
    model="m\x1b[2J",
    questions=8,
    accepted=4,
    repaired=1,
    rejected=2,
    degraded=1,
    cached=0,
    answers=12,
    tokens_in=1200,
    tokens_out=300,
    p50=950.0,
    p95=2100.4,
    last_at=NOW,
)
CHOSEN = Promotion(
    agent="reader", version="reader-1", label="production", promoted_at=NOW, author="cli:ann", reason="fewer repairs"
)
REPORT = ExamReport(candidate="m", questions=10, accuracy=0.85, answered=0.9, grounding=None, p50=10.0, p95=20.0)


def test_an_agent_is_a_line_with_its_prompt_and_one_for_each_model() -> None:
    agent = AgentStanding(
        agent="reader",
        versions=("reader-1", "reader-2"),
        active="reader-1",
        promotion=CHOSEN,
        figures=(FIGURES,),
    )
    other = AgentStanding(agent="writer", versions=("writer-1",), active="writer-1", promotion=None, figures=())

    shares = "accept 50.0%  repair 12.5%  reject 25.0%  degraded 12.5%  cached 0.0%"
    assert agents_as_text([agent, other]).splitlines() == [
        "reader  uses reader-1 (production, by cli:ann: fewer repairs) of reader-1, reader-2",
        f"  reader-2  m\\x1b[2J  8 questions: {shares}  950 ms, 2100 ms  1200 tokens in, 300 out",
        "writer  uses writer-1 (the newest) of writer-1",
        "  never asked",
    ]


def test_a_report_is_a_line_in_which_what_was_not_measured_is_a_dash() -> None:
    (_, line) = reports_as_text([REPORT]).splitlines()

    assert line.split() == ["m", "10", "0.850", "0.900", "-", "0.000", "10", "ms,", "20", "ms", "0,", "0"]


def test_a_candidate_below_its_floor_is_told_and_what_was_not_measured_is_below() -> None:
    floors = dict(map(_floor, ["accuracy=0.8", "answered=0.95", "grounding=0.5"]))

    assert _below(REPORT, floors) == ["answered is 0.900, and 0.950 is asked", "grounding was not measured"]


@pytest.mark.parametrize("words", ["f1=0.8", "accuracy", "accuracy=high", "accuracy=80"])
def test_a_floor_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(typer.BadParameter, match="MEASURE=SHARE"):
        _floor(words)


async def test_the_exit_code_says_whether_somebody_was_below() -> None:
    command = [sys.executable, "-m", "stonks", "agents", "eval", "thesis-rewriter"]

    async def code(*arguments: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(*command, *arguments, stdout=PIPE, stderr=PIPE)
        printed, complaints = await process.communicate()
        return process.returncode, (printed + complaints).decode()

    passed, refused = await asyncio.gather(code("--fail-under", "accuracy=1"), code("--set", "sentfin"))

    assert passed[0] == 0
    assert "rules" in passed[1]
    assert refused == (1, "no set sentfin for thesis-rewriter: there is golden, and sentfin for document-extractor\n")
