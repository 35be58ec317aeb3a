"""How many tokens a text is, without a tokenizer."""

_PROSE = 3.6
_TABLE = 2.5
"""Characters a token of English prose, and of figures in rows (signals.md 1.2)."""
_FIGURES = 0.2
"""Share of digits from which a line is one of a table."""


def tokens_of(text: str) -> int:
    """Return about how many tokens a text is: rather too many than too few; beyond ASCII a character is one."""
    total = 0.0
    for line in text.splitlines(keepends=True):
        plain = sum(character.isascii() for character in line)
        figures = sum(character.isdigit() for character in line) > _FIGURES * len(line) or "|" in line
        total += plain / (_TABLE if figures else _PROSE) + len(line) - plain
    return int(total) + 1
