import pytest
from hypothesis import given, strategies as st

from stonks.stages.extractor.core.grounding import LONGEST_QUOTE, Grounds

TEXT = (
    "Café\u0301 prices rise\n\nThe  bank\u2019s \u201cprime\u201d rate \u2013 now 5.25% \u2013 cost $1,200 million."
    " Of 3,456 shops 12 closed."
)


@pytest.mark.parametrize(
    "words",
    [
        "The  bank\u2019s \u201cprime\u201d rate \u2013 now 5.25%",
        'the bank\'s "prime" rate - now 5.25%',
        '  THE BANK\'S\n"PRIME" RATE ',
        "cafe prices rise The bank",
        'the bank\u200b\'s "prime" rate',
    ],
)
def test_a_quote_is_found_whatever_its_marks_blanks_and_case(words: str) -> None:
    quote = Grounds(TEXT).find(words)

    assert quote is not None
    assert TEXT[quote.start : quote.end] == quote.quote


@pytest.mark.parametrize("words", ["the bank's prime rate", "rate - now 5.26% -", "", "rise", "   12 closed"])
def test_what_does_not_stand_there_or_says_nothing_is_no_quote(words: str) -> None:
    assert Grounds(TEXT).find(words) is None


def test_a_quote_is_cut_to_its_longest() -> None:
    quote = Grounds("word " * 200).find("word " * 100)

    assert quote is not None
    assert len(quote.quote) == LONGEST_QUOTE


@given(st.text(min_size=0, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_piece_of_a_text_is_found_as_a_piece_of_it(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]

    quote = Grounds(text).find(piece)

    assert quote is None or text[quote.start : quote.end] == quote.quote
    if len(piece.strip()) >= 12 and piece.isascii():
        assert quote is not None


@pytest.mark.parametrize(
    ("prose", "unsupported"),
    [
        ("The rate is 5.25 percent, the cost $1.2 billion.", []),
        ("About 5.3% and 3456 shops, 1,200 mln.", []),
        ("A rate of 5.1%.", ["5.1%"]),
        ("It cost $1.3 billion in 12 shops.", ["1.3 billion"]),
        ("It is 12%, or 5.25.", ["12%", "5.25"]),
        ("No figures.", []),
    ],
)
def test_figures_may_be_scaled_and_rounded_but_not_changed(prose: str, unsupported: list[str]) -> None:
    assert Grounds(TEXT).unsupported(prose) == unsupported
