"""``stonks agents``: how the language-model agents stand, how they do in an exam, and which prompt they use."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from stonks.runtime.exam import ExamReport

agents = typer.Typer(help="The language-model agents.", no_args_is_help=True)

_Agent = Annotated[str, typer.Argument(help="document-extractor, event-classifier or thesis-rewriter.")]
_MEASURES = ("accuracy", "answered", "grounding")


class _Sitting(NamedTuple):
    """An exam as it was asked for."""

    agent: str
    version: str | None
    questions: str
    recorded: Path | None
    most: int
    models: str
    floors: tuple[str, ...]
    as_json: bool


@agents.command("list")
def list_agents(*, as_json: AsJson = False, data: Data = None) -> None:
    """Print every agent: the prompt in use, and what came of its questions by prompt and model."""
    run(_list(as_json=as_json, data=data))


@agents.command("eval")
def evaluate(
    agent: _Agent,
    models: Annotated[
        str,
        typer.Option(help="Who is examined, by commas: rules, URLs of models, or names on STONKS_LLM_URL's server."),
    ] = "rules",
    questions: Annotated[
        str, typer.Option("--set", help="golden: texts of ours; sentfin: labelled headlines in --recorded.")
    ] = "golden",
    recorded: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of recorded inputs.", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="Most texts of a set that is not ours.")] = 200,
    version: Annotated[str | None, typer.Option(help="Version of the prompt.", show_default="the newest")] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=SHARE",
            help="Fail where a candidate is below: accuracy, answered or grounding; several times if wanted.",
            show_default=False,
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask an agent questions whose answers are known, and print how each model and the rules do.

    Nothing is stored, and no budget counts. A question without an answer that held counts as wrong.
    """
    run(_eval(_Sitting(agent, version, questions, recorded, most, models, tuple(fail_under or ()), as_json)))


@agents.command()
def promote(
    agent: _Agent,
    version: Annotated[str, typer.Argument(help="Such as thesis-rewriter-2, v2 or 2.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    label: Annotated[str, typer.Option(help="A name for what it is used as.")] = "production",
    data: Data = None,
) -> None:
    """Have an agent use a version of its prompt from its next question on; who and why is kept in the audit."""
    run(_promote(agent, version, label, reason, data))


async def _list(*, as_json: bool, data: Data) -> None:
    import msgspec

    from stonks.app import open_agent_desk, open_ports
    from stonks.cli.agents_text import agents_as_text
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        overview = await open_agent_desk(ports).overview()
    typer.echo(msgspec.json.encode(overview).decode() if as_json else agents_as_text(overview))


async def _promote(agent: str, version: str, label: str, reason: str, data: Data) -> None:
    from stonks.app import open_agent_desk, open_ports
    from stonks.runtime.agent_desk import Promotion
    from stonks.settings import read_settings

    number = version.removeprefix("v")
    async with open_ports(read_settings(data_dir=data)) as ports:
        chosen = Promotion(
            agent=agent,
            version=f"{agent}-{number}" if number.isdecimal() else version,
            label=label,
            promoted_at=ports.clock.now(),
            author=f"cli:{getpass.getuser()}",
            reason=reason,
        )
        before = await open_agent_desk(ports).promote(chosen)
    typer.echo(f"{agent} uses {chosen.version} as {label}; before it used {before}")


async def _eval(sitting: _Sitting) -> int:
    import msgspec

    from stonks.app import Exam, examine
    from stonks.cli.agents_text import reports_as_text
    from stonks.settings import read_settings

    floors = dict(map(_floor, sitting.floors))
    exam = Exam(sitting.agent, sitting.version, sitting.questions, sitting.recorded, sitting.most)
    candidates = [name.strip() for name in sitting.models.split(",") if name.strip()]
    reports = [report async for report in examine(read_settings(), exam, candidates)]
    typer.echo(msgspec.json.encode(reports).decode() if sitting.as_json else reports_as_text(reports))
    low = [f"{report.candidate}: {why}" for report in reports for why in _below(report, floors)]
    for line in low:
        typer.echo(line, err=True)
    return PROBLEM if low else OK


def _floor(words: str) -> tuple[str, float]:
    """Return a measure and the least it may be.

    Raises:
        typer.BadParameter: it is none.
    """
    name, _, share = words.partition("=")
    try:
        least = float(share)
    except ValueError:
        least = -1.0
    if name not in _MEASURES or not 0.0 <= least <= 1.0:
        raise typer.BadParameter(f"{words} is not MEASURE=SHARE with {', '.join(_MEASURES)} and a share from 0 to 1")
    return name, least


def _below(report: "ExamReport", floors: dict[str, float]) -> list[str]:
    """Return where a candidate is below what it is asked for; what could not be measured is below."""
    measured = {name: getattr(report, name) for name in floors}
    return [
        f"{name} is {value:.3f}, and {floors[name]:.3f} is asked" if value is not None else f"{name} was not measured"
        for name, value in measured.items()
        if value is None or value < floors[name]
    ]
