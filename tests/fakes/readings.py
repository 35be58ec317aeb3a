"""Answers of a document-extractor, for tests: good ones about one article, of which a test changes what it is about."""

from typing import Any

import msgspec

from stonks.model.prompt import PromptFile
from stonks.ports.agents import Judged
from stonks.stages.extractor.core.extract import Article, extract
from stonks.stages.extractor.core.reading.shapes import CompaniesRead, DocumentRead
from stonks.stages.extractor.core.reading.subject import Reading
from stonks.stages.extractor.core.reading.task import ReadingTask, tasks_of
from tests.fakes.articles import make_article
from tests.fakes.extractions import make_document

TITLE = "Boeing beats estimates as revenue grows 12%"
BODY = (
    "Boeing said its quarterly revenue rose 12% to $20.5 billion. The company’s backlog is a record. "
    "Nobody had expected so much from this maker of planes. Visa is a member of the same index."
)
ARTICLE = make_article(TITLE, BODY)
WORDS = PromptFile(agent="document-extractor", number=1, text="Read.")


def task_of(article: Article = ARTICLE) -> ReadingTask:
    """Return the first question that an article is."""
    tasks = tasks_of(make_document(quality=0.9), article, extract(article), WORDS, False)  # noqa: FBT003 - no hurry
    return tasks[0]


def company(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - each has its own type
    """Return a good claim about the first candidate, with some of it changed."""
    plain: dict[str, Any] = {
        "mention_id": 1,
        "relevance": "primary",
        "sentiment": 1,
        "direction": "positive",
        "magnitude": 2,
        "horizon": "1d",
        "event_types": ["earnings_beat"],
        "novelty": "new",
        "confidence": 3,
        "quote": "its quarterly revenue rose 12%",
    }
    return plain | fields


def number(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - each has its own type
    """Return a good claim of a figure, with some of it changed."""
    plain: dict[str, Any] = {
        "metric": "revenue",
        "value_text": "$20.5",
        "unit": "USD",
        "scale": "billion",
        "period": "quarterly",
        "basis": "actual",
        "quote": "revenue rose 12% to $20.5 billion",
    }
    return plain | fields


def answer(**fields: Any) -> DocumentRead:  # noqa: ANN401 - each has its own type
    """Return an answer that claims nothing, with some of it changed."""
    plain: dict[str, Any] = {
        "doc_check": "00000000",
        "summary": "Boeing did better than expected.",
        "doc_kind": "news",
        "companies": [],
        "key_numbers": [],
        "guidance": [],
        "risks": [],
        "macro_relevant": False,
    }
    return msgspec.convert(plain | fields, DocumentRead)


def reading_of(given: DocumentRead | CompaniesRead, article: Article = ARTICLE) -> Reading:
    """Return what of an answer held."""
    judged: Judged[Reading] = task_of(article).judge(given)
    assert judged.value is not None, judged.verdicts
    return judged.value


def failed(given: DocumentRead | CompaniesRead, article: Article = ARTICLE) -> list[str]:
    """Return the checks that an answer failed."""
    return [verdict.check for verdict in task_of(article).judge(given).verdicts if not verdict.passed]
