from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from stonks.stages.extractor.core.clauses import (
    LONGEST_SENTENCE,
    MOST_SENTENCES,
    chosen_sentences,
    figure_of,
    read_sentence,
    split_clauses,
    split_sentences,
)

TEXTS = st.text(alphabet="ab Zé.,;:!?\n'0129%$-–İß²", max_size=300)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Profit rose. Shares fell.", ["Profit rose.", "Shares fell."]),
        ("Deere & Co. raised its outlook. It was late.", ["Deere & Co. raised its outlook.", "It was late."]),
        ("The U.S. Army ordered 12. Nobody else did.", ["The U.S. Army ordered 12.", "Nobody else did."]),
        ("Sales were $4.5 billion. That is more.", ["Sales were $4.5 billion.", "That is more."]),
        ("A heading\nA paragraph.", ["A heading", "A paragraph."]),
        ('"We won!" He left.', ['"We won!"', "He left."]),
        ("  \n ", []),
    ],
)
def test_sentences_end_at_full_stops_but_not_at_abbreviations(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text, 0, len(text))] == sentences


@given(TEXTS)
def test_every_word_stands_where_it_says(text: str) -> None:
    sentence = read_sentence(text, 0, len(text), in_title=True)

    for word, start, end in zip(sentence.words, sentence.starts, sentence.ends, strict=True):
        assert text[start:end].lower().replace("’", "'").startswith(word)


@given(TEXTS, st.lists(st.integers(0, 300), max_size=20), st.integers(0, 300))
def test_chosen_sentences_stand_in_order_and_never_overlap(text: str, places: list[int], body_start: int) -> None:
    body_start = min(body_start, len(text))

    sentences = chosen_sentences(text, body_start, [place for place in places if place < len(text)])

    assert all(before.end <= after.start for before, after in pairwise(sentences))


def test_of_a_long_text_only_the_beginning_and_the_mentions_are_read() -> None:
    filler = "Nothing of note happened in this sentence at all. " * 4000
    text = f"Title\n\n{filler}Acme lost its licence. {filler}"

    sentences = chosen_sentences(text, 7, [text.index("Acme")])

    assert [text[one.start : one.end] for one in sentences][-1] == "Acme lost its licence."
    assert len(sentences) == 7


def test_no_more_than_forty_sentences_are_read() -> None:
    text = "Title\n\n" + "Acme lost. " * 500

    sentences = chosen_sentences(text, 7, [place for place in range(7, len(text)) if text.startswith("Acme", place)])

    assert len(sentences) == MOST_SENTENCES


def test_of_a_body_with_regions_only_these_are_read_the_first_one_first() -> None:
    filler = "Nothing of note happened in this sentence. " * 100
    text = f"Title\n\n{filler}Acme lost its licence. {filler}Acme sold a mine. It did well. {filler}"
    sold, lost = text.index("Acme sold"), text.index("Acme lost")

    sentences = chosen_sentences(text, 7, [lost, sold], [(sold, sold + 31), (lost, lost + 22)])

    assert [text[one.start : one.end] for one in sentences] == [
        "Title",
        "Acme lost its licence.",
        "Acme sold a mine.",
        "It did well.",
    ]


def test_the_first_region_may_use_up_all_that_is_read() -> None:
    text = "Title\n\n" + "Acme lost. " * 500 + "Acme won."
    places = [place for place in range(7, len(text)) if text.startswith("Acme", place)]
    last = len(text) - 9

    sentences = chosen_sentences(text, 7, places, [(last, len(text)), (7, last)])

    assert len(sentences) == MOST_SENTENCES
    assert text[sentences[-1].start :] == "Acme won."


def test_where_no_region_is_left_only_the_title_is_read() -> None:
    (title,) = chosen_sentences("Title\n\nAcme lost its licence.", 7, [7], [])

    assert title.in_title


@given(TEXTS, st.lists(st.integers(0, 300), max_size=20), st.lists(st.integers(0, 300), max_size=6))
def test_sentences_of_regions_lie_inside_them_in_order(text: str, places: list[int], bounds: list[int]) -> None:
    marks = sorted({min(bound, len(text)) for bound in bounds})
    regions = list(zip(marks[::2], marks[1::2], strict=False))[::-1]

    sentences = chosen_sentences(text, 0, [place for place in places if place < len(text)], regions)

    assert all(before.end <= after.start for before, after in pairwise(sentences))
    assert all(any(lo <= one.start and one.end <= hi for lo, hi in regions) for one in sentences)


def test_of_a_sentence_without_end_only_the_beginning_is_read() -> None:
    text = "word " * 10_000

    (sentence,) = chosen_sentences(text, len(text), [])

    assert sentence.end - sentence.start == LONGEST_SENTENCE


@pytest.mark.parametrize(
    ("text", "said", "clauses"),
    [
        ("apple rises , visa falls", [1, 4], [(0, 2), (2, 5)]),
        ("apple , visa and boeing rise", [5], [(0, 6)]),
        ("shares fall after profit drops", [1, 4], [(0, 2), (2, 5)]),
        ("profit rises , says apple", [1], [(0, 5)]),
        ("apple : profit falls", [3], [(0, 4)]),
        ("shares fall on weak demand", [1, 3], [(0, 2), (2, 5)]),
    ],
)
def test_a_comma_parts_only_what_says_something_on_both_sides(
    text: str, said: list[int], clauses: list[tuple[int, int]]
) -> None:
    assert [(clause.lo, clause.hi) for clause in split_clauses(text.split(), said)] == clauses


@given(st.lists(st.sampled_from("apple , ; falls after : on 5% despite".split()), max_size=15), st.data())
def test_clauses_cover_every_word_once(words: list[str], data: st.DataObject) -> None:
    said = sorted(data.draw(st.sets(st.integers(0, max(0, len(words) - 1))))) if words else []

    clauses = split_clauses(words, said)

    assert [place for clause in clauses for place in range(clause.lo, clause.hi)] == list(range(len(words)))


@pytest.mark.parametrize(
    ("word", "figure"),
    [("1,200", 1200.0), ("4.5%", 4.5), ("٣", 3.0), ("²", None), ("1.2.3", None), ("profit", None), ("9" * 400, None)],
)
def test_only_plain_numbers_are_figures(word: str, figure: float | None) -> None:
    assert figure_of(word) == figure
