from datetime import timedelta

import msgspec
import pytest

from stonks.model.document import DocumentType
from stonks.stages.extractor.core.extract import Article, extract
from stonks.stages.extractor.core.reading.gate import is_worth_asking, pressed, value_of
from tests.fakes.articles import make_article

LOUD = make_article("Boeing beats estimates and raises its outlook")
QUIET = make_article("Somebody spoke", "It rained on Monday. Visa is a member of the index.")
NOBODY = make_article("Somebody spoke", "It rained.", kind=DocumentType.PRESS_RELEASE)


def worth(article: Article, quality: float = 0.9, *, hurried: bool = False) -> bool:
    return is_worth_asking(article, extract(article), quality, hurried=hurried)


def test_what_tells_much_of_a_company_is_worth_asking_about() -> None:
    assert value_of(LOUD, extract(LOUD), 0.9) > 0.6
    assert worth(LOUD)
    assert worth(LOUD, hurried=True)


def test_what_tells_little_is_not() -> None:
    assert 0 < value_of(QUIET, extract(QUIET), 0.9) < 0.15
    assert not worth(QUIET)
    assert not worth(LOUD, quality=0.01)


@pytest.mark.parametrize("kind", [DocumentType.FILING, DocumentType.PRESS_RELEASE])
def test_filings_and_press_releases_are_always_asked_about_unless_documents_wait(kind: DocumentType) -> None:
    own = msgspec.structs.replace(QUIET, document_type=kind)

    assert worth(own)
    assert not worth(own, hurried=True)


def test_of_a_document_that_names_nobody_there_is_nothing_to_ask() -> None:
    assert not worth(NOBODY)


def test_the_bar_rises_after_ten_minutes_and_falls_when_two_are_left() -> None:
    minutes = [1, 9, 11, 9, 3, 2, 9]
    hurried, seen = False, []
    for waited in minutes:
        hurried = pressed(timedelta(minutes=waited), before=hurried)
        seen.append(hurried)

    assert seen == [False, False, True, True, True, False, False]
