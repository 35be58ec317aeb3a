"""What commands may ask of agents: how they stand, which prompt is in use, and how they do in an exam."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from stonks.app.agents import open_bare_agents
from stonks.model.errors import Refused, SettingError
from stonks.model.prompt import PromptFile, active_prompt, read_prompts
from stonks.ports.bundle import Ports
from stonks.ports.exam import Question
from stonks.settings import Settings

if TYPE_CHECKING:
    from stonks.runtime.agent_desk import AgentDesk
    from stonks.runtime.exam import ExamReport
    from stonks.stages.extractor.exam import DocumentItem


class Exam(NamedTuple):
    """Which questions are asked of an agent."""

    agent: str
    version: str | None
    """The prompt's version; None: the newest."""
    questions: str
    """``golden``, which is ours, or ``sentfin``: labelled headlines in a folder of recorded inputs."""
    recorded: Path | None
    most: int


def every_prompt() -> tuple[PromptFile, ...]:
    """Return every version of every agent's prompt."""
    folders = [files(f"stonks.stages.{stage}").joinpath("prompts") for stage in ("extractor", "recommendation")]
    return read_prompts((file.name, file.read_text("utf-8")) for folder in folders for file in folder.iterdir())


def open_agent_desk(ports: Ports) -> "AgentDesk":
    """Return what people see of agents and may decide about them."""
    from stonks.runtime.agent_desk import AgentDesk

    return AgentDesk(ports.store, every_prompt())


async def examine(settings: Settings, exam: Exam, candidates: Sequence[str]) -> AsyncIterator["ExamReport"]:
    """Yield how each candidate does: ``rules``, the URL of a model, or a model's name on the server of the settings.

    Raises:
        Refused: there is no such agent, version or set of questions.
        SettingError: a candidate names no model.
    """
    from stonks.runtime.calls import RememberedCalls
    from stonks.runtime.exam import RULES, mark_rules, sit
    from stonks.runtime.pool import ChildPool

    questions = _questions(exam)
    for candidate in candidates:
        if candidate == RULES:
            yield mark_rules(questions)
            continue
        one = settings.model_copy(update={"llm_url": model_url(settings.llm_url, candidate)})
        async with ChildPool.opened() as pool, AsyncExitStack() as stack:
            calls = RememberedCalls()
            agents = await open_bare_agents(stack, one, pool, calls)
            if agents is not None:
                yield await sit(candidate, questions, agents, calls)


def model_url(server: str | None, candidate: str) -> str:
    """Return the URL of a model: the candidate itself, or that of its name on a server.

    Raises:
        SettingError: it is a name, and there is no server.
    """
    if "://" in candidate:
        return candidate
    if server is None:
        raise SettingError("STONKS_LLM_URL", f"is not set: say where {candidate} is, as ollama://host:port/{candidate}")
    parts = urlsplit(server)
    named = {"path": f"/{candidate}"} if parts.scheme == "ollama" else {"query": urlencode({"model": candidate})}
    return urlunsplit(parts._replace(**named))


def _questions(exam: Exam) -> list[Question]:
    """Return the questions of an exam.

    Raises:
        Refused: there is no such agent, version or set of questions.
    """
    from stonks.stages.extractor.exam import document_exam, event_exam, golden_documents, golden_events
    from stonks.stages.recommendation.exam import thesis_exam

    words = _words(exam)
    match exam.agent, exam.questions:
        case "document-extractor", "golden":
            return document_exam(golden_documents(), words)
        case "document-extractor", "sentfin":
            return document_exam(_sentfin(exam), words)
        case "event-classifier", "golden":
            return event_exam(golden_events(), words)
        case "thesis-rewriter", "golden":
            return thesis_exam(words)
        case agent, name:
            raise Refused(f"no set {name} for {agent}: there is golden, and sentfin for document-extractor")


def _words(exam: Exam) -> PromptFile:
    prompts = every_prompt()
    if exam.version is None:
        return active_prompt(prompts, exam.agent, {})
    found = next((one for one in prompts if one.agent == exam.agent and one.version == exam.version), None)
    if found is None:
        raise Refused(f"no version {exam.version} of {exam.agent}")
    return found


def _sentfin(exam: Exam) -> "list[DocumentItem]":
    from stonks.stages.extractor.exam import sentfin

    if exam.recorded is None:
        raise Refused("the set sentfin lies in a folder of recorded inputs: say which with --recorded DIR")
    file = exam.recorded / "labelled" / "sentfin" / "sentfin_train.csv"
    try:
        return sentfin(file.read_text("utf-8"), exam.most)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from error
