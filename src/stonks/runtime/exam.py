"""An exam sat: what a model's answers to questions with known answers are worth, beside the rules."""

from collections import Counter
from collections.abc import Sequence
from statistics import quantiles

import msgspec

from stonks.ports.agents import Agents, Asked
from stonks.ports.exam import Question
from stonks.runtime.calls import Call, Outcome, RememberedCalls

RULES = "rules"
"""The candidate that needs no model."""

_OF_FORM = frozenset(("answer", "json", "shape", "nonce", "length", "prompt", "judge"))
"""Checks of an answer's form; all others are about what it says."""


class ExamReport(msgspec.Struct, frozen=True, kw_only=True):
    """How one candidate did; shares lie in [0, 1], None where there is nothing to share; times in milliseconds."""

    candidate: str
    questions: int
    accuracy: float
    """Share of all judgements that are right; one without an answer that held is wrong."""
    answered: float
    """Share of the questions to which an answer held."""
    grounding: float | None
    """Share of what the answers claim that could be shown."""
    accept: float = 0.0
    repair: float = 0.0
    reject: float = 0.0
    degraded: float = 0.0
    p50: float | None = None
    p95: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0


async def sit(candidate: str, questions: Sequence[Question], agents: Agents, calls: RememberedCalls) -> ExamReport:
    """Return how a model does, asked one question after another; ``calls`` is where the agents note what they ask."""
    answers: list[Asked[object]] = []
    ended: Counter[Outcome] = Counter()
    right = out_of = 0
    for question in questions:
        answers.append(await agents.ask(question.task))
        ended[calls.made[-1].outcome] += 1
        marks = question.mark(answers[-1].value)
        right, out_of = right + marks.right, out_of + marks.out_of
    times = _times(calls.made)
    shares = {outcome: count / max(1, len(questions)) for outcome, count in ended.items()}
    return ExamReport(
        candidate=candidate,
        questions=len(questions),
        accuracy=right / max(1, out_of),
        answered=sum(answer.value is not None for answer in answers) / max(1, len(questions)),
        grounding=_grounding(answers),
        accept=shares.get(Outcome.ACCEPT, 0.0),
        repair=shares.get(Outcome.REPAIR, 0.0),
        reject=shares.get(Outcome.REJECT, 0.0),
        degraded=shares.get(Outcome.DEGRADED, 0.0),
        p50=times[49] if times else None,
        p95=times[94] if times else None,
        tokens_in=sum(call.tokens_in or 0 for call in calls.made),
        tokens_out=sum(call.tokens_out or 0 for call in calls.made),
    )


def mark_rules(questions: Sequence[Question]) -> ExamReport:
    """Return how the rules do; what they say is taken from the text, and so always shown."""
    right = sum(question.rules.right for question in questions)
    out_of = sum(question.rules.out_of for question in questions)
    return ExamReport(
        candidate=RULES,
        questions=len(questions),
        accuracy=right / max(1, out_of),
        answered=1.0,
        grounding=1.0,
        accept=1.0,
    )


def _times(calls: Sequence[Call]) -> list[float]:
    """Return the percentiles of what answers took, or nothing where there was none."""
    times = [call.milliseconds for call in calls if call.milliseconds is not None]
    return quantiles(times * 2 if len(times) == 1 else times, n=100, method="inclusive") if times else []


def _grounding(answers: Sequence[Asked[object]]) -> float | None:
    claims = [verdict.passed for answer in answers for verdict in answer.verdicts if verdict.check not in _OF_FORM]
    return sum(claims) / len(claims) if claims else None
