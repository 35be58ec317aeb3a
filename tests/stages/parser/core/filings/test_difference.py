from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import msgspec
import pytest

from stonks.model.document import Span
from stonks.stages.parser.core.filings.difference import Filed, differences, packed
from stonks.stages.parser.core.filings.forms import FORMS, MOST_NEWS
from stonks.stages.parser.core.filings.sentences import Sentence, sentences_of

NOW = datetime(2025, 4, 8, 15, tzinfo=UTC)
OLD, NEW, NEWER = "The company makes jets.", "It sold more of them.", "It lost a great customer."


def filed(number: int, text: str, *, amends: bool = False, name: str = "", waiting: bool = True) -> Filed:
    return Filed(
        id=UUID(int=number),
        name=name or str(number),
        known_at=NOW + timedelta(days=number),
        amends=amends,
        sentences=packed(sentences_of(text, 0, FORMS["6-K"], ())),
        waiting=waiting,
    )


def fresh(text: str, *others: Filed, number: int = 5, amends: bool = False, name: str = "") -> list[str] | None:
    own = differences(filed(number, text, amends=amends, name=name), others, "10-Q")[0]
    return None if own.spans is None else [text[span.start : span.end] for span in own.spans]


def test_only_what_the_filing_before_did_not_say_goes_on() -> None:
    assert fresh(f"{OLD} {NEW}\n{OLD} {NEWER}", filed(1, OLD)) == [NEW, NEWER]


def test_sentences_of_one_paragraph_go_on_in_one_piece_and_each_once() -> None:
    assert fresh(f"{NEW} {NEWER}\n{OLD}\n{NEW}", filed(1, OLD)) == [f"{NEW} {NEWER}"]


def test_all_of_the_first_filing_without_items_goes_on() -> None:
    assert fresh(f"{OLD} {NEW}") is None


def test_what_is_filed_later_is_not_compared_with() -> None:
    assert fresh(f"{OLD} {NEW}", filed(1, OLD), filed(9, NEW)) == [NEW]


def test_a_filing_that_says_nothing_new_has_nothing_that_goes_on() -> None:
    assert fresh(OLD, filed(1, OLD)) == []


def test_the_filing_before_is_the_original_together_with_what_amended_it() -> None:
    before = filed(1, OLD), filed(2, NEW), filed(3, NEWER, amends=True)

    assert fresh(f"{OLD} {NEW} {NEWER}", *before) == [OLD]
    assert fresh(f"{OLD} {NEW} {NEWER}", *before, amends=True) == [OLD]


def test_a_revision_is_not_compared_with_the_one_it_replaces() -> None:
    assert fresh(f"{OLD} {NEW}", filed(1, OLD), filed(2, f"{OLD} {NEW}", name="same"), name="same") == [NEW]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_goes_on_does_not_depend_on_the_order_of_parsing(order: tuple[int, ...]) -> None:
    texts = [OLD, f"{OLD} {NEW}", f"{OLD} {NEW} {NEWER}"]
    known: list[Filed] = []
    told: dict[UUID, tuple[Span, ...] | None] = {}
    for number in order:
        own = filed(number, texts[number])
        told |= {one.id: one.spans for one in differences(own, known, "10-Q")}
        known.append(own)

    spans = [told[UUID(int=number)] for number in range(3)]
    assert spans[0] is None
    assert [
        [text[span.start : span.end] for span in found or ()] for text, found in zip(texts, spans, strict=True)
    ] == [
        [],
        [NEW],
        [NEWER],
    ]


def test_what_was_extracted_already_is_not_changed() -> None:
    later = filed(9, f"{OLD} {NEW}", waiting=False)

    assert [one.id for one in differences(filed(5, OLD), [later], "10-Q")] == [UUID(int=5)]


def test_no_more_of_an_item_goes_on_than_its_form_allows() -> None:
    many = [Sentence(number.to_bytes(8), 101 * number, 101 * number + 100, "7") for number in range(2_000)]
    one = msgspec.structs.replace(filed(5, ""), sentences=packed([*many, Sentence(b"x", 300_000, 300_100, "3")]))

    (found,) = differences(one, [], "10-K")

    assert found.spans is not None
    assert all(span.end > span.start for span in found.spans)
    assert sum(span.end - span.start for span in found.spans) == FORMS["10-K"].news["7"] + 100 < MOST_NEWS
    assert found.spans[-1] == Span(start=300_000, end=300_100)
