"""Markup that is built to exhaust a parser, seen before any parser sees it."""

import re
from collections.abc import Sequence
from itertools import accumulate, islice

from stonks.model.errors import Malformed

MOST_MARKUP = 2_500_000
"""Characters of a page that is read; the longest news page we know has 1.6 million."""

MOST_ELEMENTS = 20_000
"""Elements of a page; the longest encyclopedia article we know has 10,000. A report may have more."""

_MOST_ATTRIBUTES = 200
_DEEPEST = 2_000
_LONG = 2 * _MOST_ATTRIBUTES  # characters that so many attributes have at the very least
_ELEMENT = re.compile(r"<[a-zA-Z]")
_TAG = re.compile(r"<(/?)(?:div|span|table|ul|ol|section|article|font|b|i|em|blockquote)\b", re.IGNORECASE)
"""Elements that can be nested; those whose end may be left out (p, li, td) close one another."""

_SEPARATOR = re.compile(r"[\s/=]")
_SPLIT_VALUE = re.compile(r"=\s*(?:\"[^\">]*>|'[^'>]*>)")
"""The beginning of a value in quotes that has the sign in it that ends a tag."""

_VALUE = r"=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+)"
_REST = rf"(?:[^>=]++|{_VALUE})*+"
_TOKEN = re.compile(
    rf"<!--(?:[^-]++|-(?!->))*+|<(script|style)\b{_REST}>?+(?:[^<]++|<(?!/\1\b))*+|(?P<tag><[a-z]{_REST})",
    re.IGNORECASE,
)
"""A comment, a script or a tag to its end, or to the page's: each character is gone through once."""

_ATTRIBUTE = re.compile(rf"[^\s/>=]++\s*+(?:{_VALUE})?+|=")


def refuse_hostile(page: str) -> None:
    """Raise for markup that would keep any parser busy for minutes: hundreds of attributes, thousands of levels.

    Raises:
        Malformed: it is such markup.
    """
    if _may_be_crowded(page) and _is_crowded(page):
        raise Malformed(f"a tag with more than {_MOST_ATTRIBUTES} attributes")
    if page.count("<") > _DEEPEST and _is_deep(_TAG.findall(page)):
        raise Malformed(f"more than {_DEEPEST} elements inside one another")


def refuse_vast(page: str, *, characters: int = MOST_MARKUP, elements: int = MOST_ELEMENTS) -> None:
    """Raise for a page with more elements, or more text, than are read.

    Raises:
        Malformed: it is such a page.
    """
    if len(page) > characters:
        raise Malformed(f"a page of more than {characters} characters")
    if page.count("<") > elements and len(_ELEMENT.findall(page)) > elements:
        raise Malformed(f"more than {elements} elements")


def _may_be_crowded(page: str) -> bool:
    """Whether a look at every tag is worth its time: hardly any page has a long piece with so many separators."""
    if len(_SPLIT_VALUE.findall(page)) > _MOST_ATTRIBUTES:
        return True
    for piece in page.split(">"):
        if len(piece) > _LONG and (begins := _ELEMENT.search(piece)):
            separators = islice(_SEPARATOR.finditer(piece, begins.start()), _MOST_ATTRIBUTES)
            if sum(1 for _ in separators) == _MOST_ATTRIBUTES:
                return True
    return False


def _is_crowded(page: str) -> bool:
    """Whether one tag has too many attributes, its name counted; what is in scripts and comments is no tag."""
    for token in _TOKEN.finditer(page):
        tag = token["tag"]
        if tag and len(tag) > _LONG:
            attributes = islice(_ATTRIBUTE.finditer(tag), _MOST_ATTRIBUTES + 2)
            if sum(1 for _ in attributes) > _MOST_ATTRIBUTES + 1:
                return True
    return False


def _is_deep(tags: Sequence[str]) -> bool:
    """Whether tags, of which those that close are a slash, lead deeper than any page needs to."""
    depth = 0
    for at in range(0, len(tags), _DEEPEST // 2):
        block = tags[at : at + _DEEPEST // 2]
        closing = block.count("/")
        # One by one only where the block could lead too deep: a report has a hundred thousand tags.
        if depth + len(block) - closing > _DEEPEST:
            steps = (-1 if closes else 1 for closes in block)
            if max(accumulate(steps, initial=depth)) > _DEEPEST:
                return True
        depth += len(block) - 2 * closing
    return False
