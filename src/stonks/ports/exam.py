"""Exams of agents: questions whose right answers are known, asked of a model or of the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from stonks.ports.agents import Task


class Marks(NamedTuple):
    """How many of the judgements that a question asks for are right."""

    right: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Question:
    """One item of an exam."""

    id: str
    task: Task[Any]
    mark: Callable[[Any], Marks]
    """Marks what came of the task; None is a model that gave no answer that held."""
    rules: Marks
    """What the rules alone are worth here."""
