"""Agents and their exams as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stonks.cli.letters import escaped

if TYPE_CHECKING:
    from stonks.runtime.agent_desk import AgentFigures, AgentStanding
    from stonks.runtime.exam import ExamReport


def agents_as_text(agents: Sequence["AgentStanding"]) -> str:
    """Return each agent with a line for each prompt and model that were used."""
    lines: list[str] = []
    for agent in agents:
        chosen = agent.promotion
        why = "the newest" if chosen is None else f"{chosen.label}, by {chosen.author}: {chosen.reason}"
        lines.append(f"{agent.agent}  uses {agent.active} ({escaped(why)}) of {', '.join(agent.versions)}")
        lines += [f"  {_fared(figures)}" for figures in agent.figures] or ["  never asked"]
    return "\n".join(lines)


def _fared(figures: "AgentFigures") -> str:
    shares = (
        ("accept", figures.accepted),
        ("repair", figures.repaired),
        ("reject", figures.rejected),
        ("degraded", figures.degraded),
        ("cached", figures.cached),
    )
    told = "  ".join(f"{name} {count / max(1, figures.questions):.1%}" for name, count in shares)
    return (
        f"{figures.prompt_version}  {escaped(figures.model)}  {figures.questions} questions: {told}  "
        f"{_times(figures.p50, figures.p95)}  {figures.tokens_in} tokens in, {figures.tokens_out} out"
    )


def reports_as_text(reports: Sequence["ExamReport"]) -> str:
    """Return how candidates did as a table."""
    head = f"{'candidate':40} {'questions':>9} {'accuracy':>8} {'answered':>8} {'grounding':>9} {'repair':>7}"
    lines = [f"{head}  p50, p95  tokens in, out"]
    for report in reports:
        grounding = "-" if report.grounding is None else f"{report.grounding:.3f}"
        lines.append(
            f"{escaped(report.candidate)[:40]:40} {report.questions:9} {report.accuracy:8.3f} {report.answered:8.3f} "
            f"{grounding:>9} {report.repair:7.3f}  {_times(report.p50, report.p95)}  "
            f"{report.tokens_in}, {report.tokens_out}"
        )
    return "\n".join(lines)


def _times(p50: float | None, p95: float | None) -> str:
    return "-, -" if p50 is None or p95 is None else f"{p50:.0f} ms, {p95:.0f} ms"
