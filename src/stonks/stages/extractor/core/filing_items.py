"""The items of a current report: each code says by itself what happened, and its heading is where it is said."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from stonks.model.signal import EventType as E

_HEADING = re.compile(
    r"^[ \t]*item[ \t]+(?P<code>[1-9]\.0\d)(?![\d)])(?!\(\w\)\s+(?:of|above|below))(?:\(\w\))?[ \t]*[.:|–—-]*"
    r"(?![ \t]*(?:of|in|above|below|and|is|to|shall|hereof|herein|or|contains|hereto|by|with)\b)[^\n]{0,180}",
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 12
"""Headings of one report that are looked at."""


class Code(NamedTuple):
    """What an item stands for, and how good it is for who files it."""

    type: E
    polarity: float


CODES: dict[str, Code] = {
    "1.03": Code(E.BANKRUPTCY, -0.9),
    "1.05": Code(E.CYBER, -0.5),
    "2.02": Code(E.EARNINGS_REPORT, 0.0),
    "2.03": Code(E.CAPITAL_RAISE, 0.0),
    "2.05": Code(E.RESTRUCTURING, -0.1),
    "2.06": Code(E.OTHER, -0.4),
    "3.01": Code(E.OTHER, -0.5),
    "3.02": Code(E.CAPITAL_RAISE, -0.2),
    "4.02": Code(E.OTHER, -0.8),
    "5.01": Code(E.M_AND_A_TARGET, 0.0),
    "5.02": Code(E.MANAGEMENT_CHANGE, 0.0),
}
"""The codes that stand for one kind of event: impairments, delistings and withdrawn accounts have no type of their own.

Of agreements (1.01, 1.02), completed deals (2.01), disclosures (7.01) and other events (8.01) only the words under the
heading say which event it is; votes, bylaws and exhibits (5.03, 5.07, 9.01) are none.
"""


class Heading(NamedTuple):
    """An item's heading at the characters [start, end)."""

    code: str
    start: int
    end: int


def headings_of(text: str, body_start: int = 0) -> Iterator[Heading]:
    """Yield the headings of the items of an 8-K, each code once."""
    seen: set[str] = set()
    for match in _HEADING.finditer(text, body_start):
        code = match["code"]
        if code not in seen:
            seen.add(code)
            end = match.end() - len(match.group()) + len(match.group().rstrip())
            yield Heading(code, match.start() + len(match.group()) - len(match.group().lstrip()), end)
        if len(seen) >= _MOST:
            return
