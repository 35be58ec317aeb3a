"""Where a report's items stand: of all lines that may head one, those that in their order hold most of the text."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from math import log2

import msgspec

from stonks.model.document import Section
from stonks.stages.parser.core.filings.forms import Form, Item
from stonks.stages.parser.core.filings.references import is_elsewhere, is_pointer

_LINE = re.compile(r"\n(?:\| )?((?:part|items?)(?=[\s\d])[^\n]{0,300})(?=\n)", re.IGNORECASE)
"""A line that begins as a heading does, with the end of the one before it: by that a search is ten times as fast."""

_PART = re.compile(r"part (iv|i{1,3})\b[ .,:;|)\u2013\u2014-]*(?P<rest>.*)", re.IGNORECASE)
_ITEM = re.compile(
    r"(?:part (?:iv|i{1,3})\b.{0,40}?\W)?items? ?(?P<item>\d{1,2}(?:\.\d\d)?(?:[. ]?[a-k](?![a-z]))?)(?!\w)"
    r"(?:\(t\))?(?P<rest>.*)",
    re.IGNORECASE,
)
_NEXT_PART = re.compile(r"(?:\n+(?:part (?:iv|i{1,3})\b[^\n]{0,60}|\d{1,3}|table of contents))+$", re.IGNORECASE)
_SIGNED = re.compile(r"^signatures?\W{0,3}$", re.IGNORECASE | re.MULTILINE)
_WITHIN = re.compile(r"\b(?:Item|ITEM) (\d{1,2}[A-K]?)[.:] (?=[A-Z])")
_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile("[\u2018\u2019'`]")
_JOINED = re.compile(r"[. ]([A-K])$")
_SEPARATOR = re.compile(r"^[ .:;|\-\u2013\u2014\u2022)*]+")
_PROSE = re.compile(r"^(?:of|and|in|above|below|shall|to|or|is|are|through|hereof|through|as|for|on|that|which)\b")
_VACANT = re.compile(
    r"^\W*(?:\(?(?:removed and )?reserved|not applicable|none|n/?a\b|\(removed|\[removed)", re.IGNORECASE
)
_LONGEST_TITLE = 160
_LETTERS = 3
_SMALL_WORD = 3
_NEXT_LINE = 200
_OUT_OF_ORDER = 10
_TAIL = 400
_MOST_MARKS = 5_000
"""A report with a header on every page has some hundred lines that look like headings."""

_SUBSTANCE = 400
"""Characters from which on what stands under a heading is more than a line of a table of contents."""

_DOUBT = 0.5
"""How much a heading counts whose words are not the form's."""


class _Mark(msgspec.Struct):
    """A line that may head an item: which, where, where the next other one stands, and how sure that is."""

    rank: int
    start: int
    end: int
    trust: float

    @property
    def length(self) -> int:
        """Characters that stand under it."""
        return self.end - self.start

    @property
    def worth(self) -> float:
        """How much speaks for it: more text counts, but twice as much not twice."""
        return self.trust * log2(2 + self.length)


def split_items(text: str, form: Form) -> tuple[Section, ...]:
    """Return the items that a normalized text has, in its order; they do not overlap.

    A table of contents, running headers and references to items are told from the items themselves: of all ways to
    read the headings in the form's order, the one is taken in which most text stands under them.
    """
    chosen = _chosen(list(islice(_marks(text, form), _MOST_MARKS)), text, form)
    found = _sections(text, form, chosen)
    if any(is_pointer(text[one.start : one.end]) for one in found if one.item in form.core) or not found:
        titled = _longest(list(islice(_titled(text, form), _MOST_MARKS)), text)
        found = _sections(text, form, [*(mark for mark in chosen if mark.rank not in titled), *titled.values()])
    if not understood(found, form):
        inline = _sections(text, form, _chosen(list(islice(_inline(text, form), _MOST_MARKS)), text, form))
        return inline if understood(inline, form) else found
    return found


def understood(sections: Sequence[Section], form: Form) -> bool:
    """Whether at least one of the items is there without which there is no report; a form may have none."""
    return not form.core or any(section.item in form.core for section in sections)


def _marks(text: str, form: Form) -> Iterator[_Mark]:
    """Yield every line that may head an item."""
    ranks, part = form.ranks, "I"
    lines = f"\n{text}\n"
    for match in _LINE.finditer(lines):
        if (begins := _PART.match(match[1])) and not _PROSE.match(begins["rest"]):
            part = begins[1].upper()
        if not (heading := _ITEM.match(match[1])):
            continue
        rest = _SEPARATOR.sub("", heading["rest"])
        title = rest or _SEPARATOR.sub("", text[match.end() : match.end() + _NEXT_LINE].partition("\n")[0])
        number = _JOINED.sub(r"\1", heading["item"].upper())
        codes = [code for code in (number, f"I-{number}", f"II-{number}") if code in ranks]
        if (named := [code for code in codes if form.items[ranks[code]].heading.match(title)]) and len(named) == 1:
            yield _Mark(ranks[named[0]], match.start(), 0, 1.0)
        elif codes and not (rest and _PROSE.match(rest)):
            likely = f"{part}-{number}" if f"{part}-{number}" in codes else codes[0]
            sure = not rest or _VACANT.match(rest) or "." in number or likely in named
            yield _Mark(ranks[likely], match.start(), 0, 1.0 if sure else _DOUBT)


def _grouped(marks: Sequence[_Mark], end: int) -> list[_Mark]:
    """Return marks with running headers of one item made one; each reaches to the next other one."""
    groups: list[_Mark] = []
    for mark in marks:
        if groups and groups[-1].rank == mark.rank:
            groups[-1].trust = max(groups[-1].trust, mark.trust)
        else:
            groups.append(mark)
    for one, following in pairwise(groups):
        one.end = following.start
    if groups:
        groups[-1].end = end
    return groups


def _chain(groups: Sequence[_Mark], ranks: int) -> list[_Mark]:
    """Return the groups of rising rank that are worth most together; time grows with their number times the ranks."""
    best: list[tuple[float, list[int]]] = [(0.0, [])] * (ranks + 1)
    for index, mark in enumerate(groups):
        worth, before = best[mark.rank]
        total = worth + mark.worth
        after = mark.rank + 1
        if total <= best[after][0]:
            continue
        taken = (total, [*before, index])
        while after <= ranks and best[after][0] < total:
            best[after] = taken
            after += 1
    return [groups[index] for index in best[ranks][1]]


def _chosen(marks: Sequence[_Mark], text: str, form: Form) -> list[_Mark]:
    """Return one mark an item: in the form's order, but for a telling item that stands out of it."""
    groups = _grouped(marks, len(text))
    chosen = {mark.rank: mark for mark in _chain(groups, len(form.items))}
    for mark in groups:
        code = form.items[mark.rank].code
        known = chosen.get(mark.rank)
        if mark.trust == 1 and (code in form.core or code in form.news) and mark.length >= _SUBSTANCE:
            chosen[mark.rank] = mark if known is None or mark.length > _OUT_OF_ORDER * known.length else known
    return list(chosen.values())


def _sections(text: str, form: Form, marks: Sequence[_Mark]) -> tuple[Section, ...]:
    """Return what stands from each mark to the next, without the heading of a part or the signatures at its end."""
    marks = sorted(marks, key=lambda mark: mark.start)
    ends = [*(mark.start for mark in marks[1:]), len(text)][: len(marks)]
    sections = []
    for mark, end in zip(marks, ends, strict=True):
        signed = _SIGNED.search(text, mark.start, end) if mark is marks[-1] else None
        whole = text[mark.start : signed.start() if signed else end]
        own = whole.rstrip()
        own = (own[:-_TAIL] + _NEXT_PART.sub("", own[-_TAIL:])).rstrip()
        item = form.items[mark.rank]
        sections.append(
            Section(
                item=item.code,
                title=item.title,
                start=mark.start,
                end=mark.start + len(own),
                by_reference=not item.title.startswith("Exhibits") and is_elsewhere(own),
            )
        )
    return tuple(sections)


def _longest(marks: Sequence[_Mark], text: str) -> dict[int, _Mark]:
    """Return by rank the marks under which most text stands."""
    longest: dict[int, _Mark] = {}
    for mark in _grouped(marks, len(text)):
        known = longest.get(mark.rank)
        if mark.length >= _SUBSTANCE and (known is None or mark.length > known.length):
            longest[mark.rank] = mark
    return longest


def _titled(text: str, form: Form) -> Iterator[_Mark]:
    """Yield lines that are an item's title without its number, as in a report that comes with an index of items."""
    titles = {_words(item.title): rank for rank, item in enumerate(form.items)}
    begins = {words[:_LETTERS] for words in titles}
    at = 0
    for line in text.split("\n"):
        if len(line) <= _LONGEST_TITLE and line[:_LETTERS].lower() in begins:
            words = _words(line)
            named = [rank for title, rank in titles.items() if words == title or words.startswith(f"{title} ")]
            if len(named) == 1 and (" " in words or words.isalpha()) and _is_heading(line, words, form.items[named[0]]):
                yield _Mark(named[0], at, 0, 1.0)
        at += len(line) + 1


def _is_heading(line: str, words: str, item: Item) -> bool:
    """Whether a line that begins with a title is nothing more; of a title of one word nothing may follow."""
    if "|" in line or line.rstrip().endswith("."):
        return False
    if " " not in _words(item.title):
        return words in {_words(item.title), f"{_words(item.title)} summary", f"{_words(item.title)} overview"}
    long = [word for word in line.split() if len(word) > _SMALL_WORD]
    return all(word[:1].isupper() for word in long)


def _words(line: str) -> str:
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", line.lower())))


def _inline(text: str, form: Form) -> Iterator[_Mark]:
    """Yield headings inside lines, as in a report that was written without any line ends."""
    ranks = form.ranks
    for match in _WITHIN.finditer(text):
        rank = ranks.get(match.group(1).upper())
        if rank is not None and form.items[rank].heading.match(text, match.end()):
            yield _Mark(rank, match.start(), 0, _DOUBT)
