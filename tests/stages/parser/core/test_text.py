import unicodedata

import pytest
from hypothesis import given, strategies as st

from stonks.stages.parser.core.text import decode, normalize

ODD = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(" \t\r\n\x0c\x85\xa0\xad\u2028\u200b\u200d\u202e\ufeffÂâ\x80\x99\xe2\x93"),
        st.sampled_from("e\u0301A\u0302\u00a3\u1100\u1161\U0001f600"),
    ),
    max_size=60,
)


@given(ODD)
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    once, _ = normalize(text)

    assert normalize(once)[0] == once


@given(ODD)
def test_normalized_text_is_composed_and_has_nothing_invisible(text: str) -> None:
    once, _ = normalize(text)

    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\u200b\u200d\u202e\ufeff\u00ad\r\t\x0c\u00a0")
    assert once == once.strip()


@pytest.mark.parametrize(
    ("raw", "plain", "flags"),
    [
        ("cafe\u0301", "café", set()),
        ("Boe\u200bing", "Boeing", {"zero_width"}),
        ("\u202eBoeing", "Boeing", {"bidi"}),
        ("Bo\u00ading", "Boing", set()),
        ("Appleâ\x80\x99s â\x82¬5", "Apple’s €5", {"misread_encoding"}),
        ("a \t b\r\n\r\n\r\n\r\nc  \n d", "a b\n\nc\nd", set()),
        ("nul\x00 bell\x07", "nul bell", set()),
    ],
)
def test_what_is_odd_is_made_plain_and_flagged(raw: str, plain: str, flags: set[str]) -> None:
    assert normalize(raw) == (plain, frozenset(flags))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Nestlé – naïve".encode(), "Nestlé – naïve"),
        (b"\xef\xbb\xbfwith a mark", "with a mark"),
        (b"It\x92s Nestl\xe9 and a longer sentence of plain words", "It’s Nestlé and a longer sentence of plain words"),
    ],
)
def test_bytes_are_read_in_the_encoding_they_are_in(raw: bytes, text: str) -> None:
    assert decode(raw) == text


def test_marks_that_pile_up_on_one_letter_are_cut_and_flagged() -> None:
    text, flags = normalize("Fox" + "\u0301\u0323" * 100_000 + " flies")

    assert len(text) == len("Fox flies") + 30
    assert flags == {"piled_marks"}
    assert normalize(text) == (text, frozenset())
