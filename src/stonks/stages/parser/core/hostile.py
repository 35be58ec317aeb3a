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
    if _is_deep(_TAG.findall(page)):
        raise Malformed(f"more than {_DEEPEST} elements inside one another")


def _is_deep(tags: list[str]) -> bool:
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
