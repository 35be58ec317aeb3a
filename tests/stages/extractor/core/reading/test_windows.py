import msgspec
from hypothesis import given, strategies as st

from stonks.model.document import Quote, Span
from stonks.model.tokens import tokens_of
from stonks.stages.extractor.core.extract import Article
from stonks.stages.extractor.core.reading.windows import MOST_TOKENS, MOST_WINDOWS, windows_of
from tests.fakes.articles import make_article

SENTENCE = "The committee of Boeing discussed item number {} at great length and came to no end. "


def long_article(sentences: int) -> Article:
    return make_article("Boeing meets", "".join(SENTENCE.format(number) for number in range(sentences)).strip())


def test_a_short_document_is_one_window_and_all_of_it() -> None:
    article = make_article("Boeing meets", "It was short.")

    (window,) = windows_of(article)

    assert window.text == article.text


def test_a_long_document_is_windows_that_fit_each_with_the_title() -> None:
    windows = windows_of(long_article(200))

    assert 1 < len(windows) <= MOST_WINDOWS
    assert all(tokens_of(window.text) <= MOST_TOKENS * 1.05 for window in windows)
    assert all(window.text.startswith("Boeing meets\n\n") for window in windows)


def test_the_sentence_at_which_a_document_is_cut_stands_in_both_windows() -> None:
    first, second, *_ = windows_of(long_article(200))

    assert first.pieces[-1].end > second.pieces[1].start
    assert second.text.split("\n\n")[1].split(". ")[0] == first.text.rsplit(". ", 1)[1].rstrip(".")


def test_of_a_filing_only_what_is_new_is_shown_the_most_telling_first() -> None:
    article = long_article(400)
    late, early = Span(start=20_000, end=20_400), Span(start=3_000, end=3_300)

    (window,) = windows_of(msgspec.structs.replace(article, regions=(late, early)))

    _, first, second = window.pieces
    assert late.start <= first.start < first.end <= late.end
    assert early.start <= second.start < second.end <= early.end


def test_a_line_that_never_ends_is_left_out() -> None:
    article = make_article("Boeing meets", "figure " * 5_000 + "\nIt came to an end.")

    (window,) = windows_of(article)

    assert window.text == "Boeing meets\n\nIt came to an end."


@given(st.integers(2, 300), st.integers(0, 8_000), st.integers(1, 100))
def test_a_place_in_a_window_is_the_same_words_in_the_document(sentences: int, start: int, length: int) -> None:
    article = long_article(sentences)
    for window in windows_of(article):
        words = window.text[start : start + length]
        placed = window.place(Quote(quote=words, start=start, end=start + len(words)))
        if placed is not None and words:
            assert article.text[placed.start : placed.end] == words
            assert window.inside(Span(start=placed.start, end=placed.end)) is not None


def test_a_quote_that_runs_over_a_joint_has_no_place() -> None:
    window = windows_of(long_article(200))[1]
    joint = len("Boeing meets")

    assert window.place(Quote(quote="", start=joint - 3, end=joint + 8)) is None
