"""Markup that is built to exhaust a parser, seen before any parser sees it."""

import re
from itertools import accumulate

from stonks.model.errors import Malformed

_MOST_ATTRIBUTES = 400
_DEEPEST = 2_000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{8000,}")
_TAG = re.compile(r"<(/?)(?:div|span|table|ul|ol|section|article|font|b|i|em|blockquote)\b", re.IGNORECASE)
"""Elements that can be nested; those whose end may be left out (p, li, td) close one another."""


def refuse_hostile(page: str) -> None:
    """Raise for markup that would keep any parser busy for minutes: hundreds of attributes, thousands of levels.

    Raises:
        Malformed: it is such markup.
    """
    if any(tag.group().count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(page)):
        raise Malformed(f"a tag with more than {_MOST_ATTRIBUTES} attributes")
    depth = accumulate(-1 if closes else 1 for closes in _TAG.findall(page))
    if max(depth, default=0) > _DEEPEST:
        raise Malformed(f"more than {_DEEPEST} elements inside one another")
