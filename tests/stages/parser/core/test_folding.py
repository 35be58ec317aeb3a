import pytest
from hypothesis import given, strategies as st

from stonks.stages.parser.core.folding import Folding


@given(st.text(max_size=40), st.text(max_size=10))
def test_a_character_is_a_byte(text: str, name: str) -> None:
    assert len(Folding([name])(text)) == len(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_what_it_is_alone_and_among_others(text: str) -> None:
    fold = Folding(())

    assert fold(text) == text.encode()
    assert fold(text + "\u682a") == text.encode() + b"?"


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("McDonald\u2019s", b"McDonald's"),
        ("Coca\u2011Cola", b"Coca-Cola"),
        ("\u0412\u043eeing", b"Boeing"),
        ("\u0391pple", b"Apple"),
        ("\uff22\uff2f\uff25\uff29\uff2e\uff27", b"BOEING"),
    ],
)
def test_what_looks_alike_becomes_alike(text: str, alike: bytes) -> None:
    assert Folding(())(text) == alike


def test_letters_of_names_are_told_apart() -> None:
    fold = Folding(["Est\u00e9e Lauder", "\u0160koda"])

    assert len({fold("\u00e9"), fold("\u0160"), fold("\u00fc")}) == 3
    assert fold("\u00fc") == b"?"
