"""The extractor's exams: texts of ours with their right answers, and headlines that others have labelled."""

import ast
import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from uuid import UUID

import msgspec

from stonks.model.errors import Malformed
from stonks.model.line import LineAsked, Verdict
from stonks.model.prompt import PromptFile
from stonks.model.signal import GlobalEvent
from stonks.ports.exam import Marks, Question
from stonks.stages.extractor.core.event_classifier import AGENT as EVENTS, EventTask, Opinion
from stonks.stages.extractor.core.exposure import read_effects
from stonks.stages.extractor.core.extract import EXTRACTOR_VERSION, body_start
from stonks.stages.extractor.core.lines import answer_of, question_of
from stonks.stages.extractor.core.macro import Bulletin, classify
from stonks.stages.extractor.core.reading.subject import Reading
from stonks.stages.extractor.core.reading.task import AGENT as DOCUMENTS, questions_of
from stonks.stages.extractor.embedded import read_article

_AT = datetime(2025, 4, 1, tzinfo=UTC)
"""The instant that a text without one is taken for."""


class DocumentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A text with how it speaks of each company, by the name it stands under there."""

    id: str
    title: str
    text: str = ""
    classes: dict[str, Verdict]


class EventItem(msgspec.Struct, frozen=True, kw_only=True):
    """A text with the macro event it tells."""

    id: str
    title: str
    text: str
    type: str
    direction: int


def document_exam(items: Iterable[DocumentItem], words: PromptFile) -> list[Question]:
    """Return a question for each text that names somebody: how it speaks of each of them."""
    questions = []
    for item in items:
        asked = LineAsked(title=item.title, text=item.text, entities=tuple(item.classes))
        question = question_of(asked, lambda _text, _start: ())
        said = read_article(question.article)
        rules = {str(one.entity): one.verdict for one in answer_of(asked, question, said).companies}
        for task in questions_of(question.article, said, words, _AT.date().isoformat())[:1]:
            mark = partial(_documents_marked, item.classes)
            questions.append(Question(item.id, task, mark, _marked(item.classes, rules)))
    return questions


def event_exam(items: Iterable[EventItem], words: PromptFile) -> list[Question]:
    """Return a question for each text: which event it tells, and which way it points."""
    effects = read_effects(files("stonks.stages.extractor.core").joinpath("effects.toml").read_text())
    questions = []
    for item in items:
        text = f"{item.title}\n\n{item.text}"
        bulletin = Bulletin(
            document_id=UUID(int=0),
            text=text,
            body_start=body_start(text, item.title),
            known_at=_AT,
            version=EXTRACTOR_VERSION,
        )
        task = EventTask(text=text, candidates=(), words=words)
        rules = _event_marked(item, classify(bulletin, effects))
        questions.append(Question(item.id, task, partial(_event_marked, item), rules))
    return questions


def golden_documents() -> list[DocumentItem]:
    """Return texts of ours with how they speak of companies."""
    return msgspec.json.Decoder(DocumentItem).decode_lines(_golden(DOCUMENTS))


def golden_events() -> list[EventItem]:
    """Return texts of ours with the events they tell."""
    return msgspec.json.Decoder(EventItem).decode_lines(_golden(EVENTS))


def _golden(agent: str) -> bytes:
    return files("stonks.stages.extractor").joinpath("golden", f"{agent}.jsonl").read_bytes()


def sentfin(table: str, most: int) -> list[DocumentItem]:
    """Return labelled headlines of SEntFiN's table, evenly chosen over the whole of it.

    Raises:
        Malformed: it is not that table.
    """
    rows = list(csv.DictReader(table.splitlines()))
    if not rows or not {"S No.", "Title", "Decisions"} <= rows[0].keys():
        raise Malformed("not SEntFiN's table: it has the columns S No., Title, Decisions")
    chosen = rows[:: max(1, len(rows) // most)][:most]
    try:
        return [
            DocumentItem(
                id=row["S No."],
                title=row["Title"],
                classes=msgspec.convert(ast.literal_eval(row["Decisions"]), dict[str, Verdict]),
            )
            for row in chosen
        ]
    except (SyntaxError, ValueError) as wrong:
        raise Malformed(f"not SEntFiN's table: {wrong}") from wrong


def _documents_marked(classes: Mapping[str, Verdict], reading: Reading | None) -> Marks:
    """Mark what a model says of each company; of one that it leaves out it says nothing, which is neutral."""
    said = {} if reading is None else {one.ticker: _verdict(one.sentiment) for one in reading.companies}
    return Marks(0, len(classes)) if reading is None else _marked(classes, said)


def _verdict(sentiment: int) -> Verdict:
    return Verdict.POSITIVE if sentiment > 0 else Verdict.NEGATIVE if sentiment < 0 else Verdict.NEUTRAL


def _marked(classes: Mapping[str, Verdict], said: Mapping[str, Verdict]) -> Marks:
    right = sum(said.get(name, Verdict.NEUTRAL) is verdict for name, verdict in classes.items())
    return Marks(right, len(classes))


def _event_marked(item: EventItem, told: Opinion | GlobalEvent | None) -> Marks:
    if told is None:
        return Marks(0, 2)
    return Marks((told.type == item.type) + (told.direction == item.direction), 2)
