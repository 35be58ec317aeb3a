"""Annual, quarterly and current reports: their text, their items, and what of them is new."""

import re
from collections.abc import Callable

import msgspec

from stonks.model.document import Section
from stonks.stages.parser.core.filings.forms import Kind, kind_of
from stonks.stages.parser.core.filings.items import split_items, understood
from stonks.stages.parser.core.filings.layout import lay_out
from stonks.stages.parser.core.reading import Reading

NO_ITEMS = "no_items"
"""Flag of a report in which nobody found the items that make it one."""

SECOND_OPINION = "second_opinion"
"""Flag of a report whose items were found in another way than ours."""

_REPORT = 20_000
"""Characters from which on a text of a form is the report itself, and not a notice of it."""

_CODE = re.compile(r"\b\d\.\d\d\b")

Opinion = Callable[[str, Kind], tuple[Section, ...]]
"""Finds the items of a normalized text of a kind in another way than ours."""


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What a filing is and where its items stand in the normalized text."""

    kind: Kind | None = None
    items: tuple[Section, ...] = ()
    flags: frozenset[str] = frozenset()


def read_filing(raw: bytes, title: str, *, html: bool = True) -> Reading:
    """Return a report's whole text, a row of a table a line; without a title from the feed its form is one.

    Raises:
        Malformed: its markup is built to exhaust a parser.
    """
    body, flags = lay_out(raw, html=html)
    kind = kind_of(title, body)
    own = " ".join(title.split()) or (kind.series if kind else "filing")
    return Reading(title=own, body=body, flags=flags)


def outline_of(text: str, title: str, opinion: Opinion | None = None) -> Outline:
    """Return what a filing's normalized text is and which items it has; another opinion counts where ours fails."""
    kind = kind_of(title, text)
    if kind is None:
        return Outline()
    items, flags = split_items(text, kind.rules), {f"form_{kind.form}"}
    if len(text) > _REPORT and not understood(items, kind.rules):
        found = opinion(text, kind) if opinion else ()
        is_better = understood(found, kind.rules)
        items = found if is_better else items
        flags.add(SECOND_OPINION if is_better else NO_ITEMS)
    if any(section.by_reference and section.item in kind.rules.news for section in items):
        flags.add("by_reference")
    if kind.form == "8-K":
        codes = {section.item for section in items} | set(_CODE.findall(title.partition("8-K")[2]))
        flags |= {f"item_{code}" for code in codes}
    return Outline(kind=kind, items=items, flags=frozenset(flags))
