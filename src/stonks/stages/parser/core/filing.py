"""Annual, quarterly and current reports: their text, cut down to the items that carry news."""

import re
from itertools import pairwise

import msgspec

from stonks.stages.parser.core.hostile import refuse_hostile
from stonks.stages.parser.core.reading import Reading, reading_of
from stonks.stages.parser.core.text import decode

MOST_TEXT = 120_000
"""Characters of a filing that go on; the items below are cut first."""

_FORM = re.compile(r"\bform\s+(10-?k|10-?q|8-?k|20-?f|6-?k)(?:/a)?\b", re.IGNORECASE)
_XBRL_HEADER = re.compile(r"<ix:header\b.*?</ix:header>", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(
    r"^[^\S\n]*(?:part\s+(?P<part>i{1,3}|iv)\b[^\n]{0,45}?)?(?:item[s]?[^\S\n]*(?P<item>\d{1,2}(?:\.\d\d)?[a-c]?)\b.*)?$",
    re.IGNORECASE | re.MULTILINE,
)
_TABLE = re.compile(r"^(?=[^\n]*\t[^\n]*\d)[^\n]*\n", re.MULTILINE)

ITEMS: dict[str, dict[str, int]] = {
    "10-K": {"1A": 40_000, "3": 8_000, "7": 60_000, "7A": 10_000},
    "10-Q": {"I-2": 80_000, "I-3": 8_000, "II-1": 12_000, "II-1A": 20_000},
}
"""The items of a form that are kept, each with how many characters of it; an 8-K is kept whole."""

_SMALLEST = 300
"""Characters under which an item is an entry in the table of contents or a reference to another document."""


class Section(msgspec.Struct, frozen=True):
    """One item of a filing: ``I-2`` is item 2 of part I of a 10-Q; a 10-K's items need no part."""

    item: str
    start: int
    end: int


def read_filing(raw: bytes, title: str) -> Reading:
    """Return a filing's text with its financial tables left out: the items that carry news, or all of a short one.

    Raises:
        Malformed: its markup is built to exhaust a parser.
    """
    from resiliparse.extract.html2text import extract_plain_text

    page = _XBRL_HEADER.sub("", decode(raw, html=True))
    refuse_hostile(page)
    text = str(
        extract_plain_text(
            page, preserve_formatting=True, main_content=False, list_bullets=False, alt_texts=False, form_fields=False
        )
    )
    form = form_of(title) or form_of(text[:20_000]) or "filing"
    body, flags = _cut(text, form)
    reading = reading_of(title or form, body)
    return msgspec.structs.replace(reading, flags=reading.flags | flags | {f"form_{form}"})


def form_of(text: str) -> str | None:
    """Return the first form that a text names, written as ``10-K``."""
    found = _FORM.search(text) or re.search(r"\b(10-[KQ]|8-K|20-F|6-K)\b", text)
    if not found:
        return None
    name = found.group(1).upper()
    return name if "-" in name else f"{name[:-1]}-{name[-1]}"


def _cut(text: str, form: str) -> tuple[str, set[str]]:
    wanted = ITEMS.get(form)
    if wanted is None:
        plain = _TABLE.sub("", text)
        return plain[:MOST_TEXT], {"truncated"} if len(plain) > MOST_TEXT else set()
    sections = [section for section in split_items(text, form) if section.item in wanted]
    if not sections:
        plain = _TABLE.sub("", text)
        return plain[:MOST_TEXT], {"no_items"} | ({"truncated"} if len(plain) > MOST_TEXT else set())
    parts, flags = [], set[str]()
    for section in sections:
        plain = _TABLE.sub("", text[section.start : section.end]).strip()
        limit = wanted[section.item]
        if len(plain) > limit:
            flags.add("truncated")
            plain = plain[: plain.rfind("\n", 0, limit)] if "\n" in plain[:limit] else plain[:limit]
        parts.append(plain)
    return "\n\n".join(parts), flags


def split_items(text: str, form: str) -> list[Section]:
    """Return a filing's items in order; where a heading comes twice, as in a table of contents, the longer one."""
    longest: dict[str, Section] = {}
    for section in _headed(text, form):
        known = longest.get(section.item)
        if section.end - section.start >= _SMALLEST and (
            known is None or section.end - section.start > known.end - known.start
        ):
            longest[section.item] = section
    return sorted(longest.values(), key=lambda section: section.start)


def _headed(text: str, form: str) -> list[Section]:
    part, marks = "I", []
    for match in _HEADING.finditer(text):
        if match["part"]:
            part = match["part"].upper()
        if match["item"]:
            item = match["item"].upper()
            marks.append((f"{part}-{item}" if form == "10-Q" else item, match.start()))
        elif match["part"]:
            marks.append((f"part {part}", match.start()))
    marks.append(("part end", len(text)))
    return [Section(item, start, end) for (item, start), (_, end) in pairwise(marks) if not item.startswith("part")]
