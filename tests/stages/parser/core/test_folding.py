import pytest
from hypothesis import given, strategies as st

from stonks.stages.parser.core.folding import fold, is_disguised


@given(st.text(max_size=40))
def test_a_character_is_a_byte(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_what_it_is_alone_and_among_others(text: str) -> None:
    assert fold(text) == text.encode()
    assert fold(text + "\u682a") == text.encode() + b"?"


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("\u0412\u043eeing\u2019s", b"Boeing?s"),
        ("\u0391pple", b"Apple"),
        ("\uff22\uff2f\uff25\uff29\uff2e\uff27", b"BOEING"),
        ("McDonald\u2019s", b"McDonald?s"),
        ("Est\u00e9e", b"Est\xe9e"),
    ],
)
def test_letters_that_look_alike_become_alike(text: str, alike: bytes) -> None:
    assert fold(text) == alike


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B\u043eeing", True),
        ("\uff22oeing", True),
        ("Boeing", False),
        ("\u0411\u043e\u0438\u043d\u0433 747", False),
        ("5\u00b5m", False),
    ],
)
def test_a_word_of_two_alphabets_is_disguised(text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_disguised(text) is expected
