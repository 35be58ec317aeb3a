import pytest

from stonks.model.tokens import tokens_of


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 1),
        ("The company said that its revenue rose in the quarter.\n" * 20, 280, 320),
        ("1,234.5 | 987.6 | 12.3%\n" * 20, 180, 210),
        ("业绩超出预期" * 10, 60, 62),
    ],
)
def test_tokens_are_counted_rather_too_many_than_too_few(text: str, least: int, most: int) -> None:
    assert least <= tokens_of(text) <= most
