"""A second opinion on where the items of a report stand: edgartools', where it is installed."""

import re
from collections.abc import Mapping
from importlib.util import find_spec

from stonks.model.document import Section
from stonks.stages.parser.core.filings.forms import Form
from stonks.stages.parser.core.filings.references import is_elsewhere

_NAMED = {
    "business": "1",
    "risk_factors": "1A",
    "unresolved_staff_comments": "1B",
    "cybersecurity": "1C",
    "properties": "2",
    "legal_proceedings": "3",
    "mda": "7",
    "market_risk": "7A",
    "financial_statements": "8",
    "controls_procedures": "9A",
}
"""What edgartools calls an annual report's items where it finds them by their titles."""

_NUMBERED = re.compile(r"(?:part_(i|ii|iii|iv)_)?item_(\d{1,2}[a-k]?)$")
_WORD = re.compile(r"\w+")
_MOST_WORDS, _FEWEST_WORDS = 16, 5
_SLACK = 1.5
"""How much longer a section may be in our text than in edgartools', which has other tables."""


def is_installed() -> bool:
    """Whether edgartools is there; it comes with the extra ``filings``."""
    return find_spec("edgar") is not None


def second_opinion(page: str, form: str) -> dict[str, str]:
    """Return the text of each item that edgartools finds in a report, by the item's code; nothing where it fails.

    Takes a second of CPU and 170 MB to load and about 0.7 s a megabyte to run.
    """
    from edgar.documents import HTMLParser, ParserConfig  # pyright: ignore[reportMissingImports] # an extra

    try:
        sections = HTMLParser(ParserConfig(form=form)).parse(page).sections
        return {code: str(section.text()) for key, section in sections.items() if (code := _code(key, form))}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):  # other people's code on odd input
        return {}


def _code(key: str, form: str) -> str:
    if not (found := _NUMBERED.match(key)):
        return _NAMED.get(key, "") if form == "10-K" else ""
    part, number = found.groups()
    return f"{(part or 'i').upper()}-{number.upper()}" if form == "10-Q" else number.upper()


def located(text: str, opinion: Mapping[str, str], form: Form) -> tuple[Section, ...]:
    """Return where items stand in a normalized text of which another one told what they say."""
    ranks = form.ranks
    starts = {code: at for code, told in opinion.items() if code in ranks and (at := _place(text, told)) is not None}
    order = sorted(starts, key=lambda code: (starts[code], ranks[code]))
    ends = [*(starts[code] for code in order[1:]), len(text)][: len(order)]
    sections = []
    for code, end in zip(order, ends, strict=True):
        start = starts[code]
        own = text[start : min(end, start + int(len(opinion[code]) * _SLACK))].rstrip()
        title = form.items[ranks[code]].title
        sections.append(
            Section(item=code, title=title, start=start, end=start + len(own), by_reference=is_elsewhere(own))
        )
    return tuple(section for section in sections if section.end > section.start)


def _place(text: str, told: str) -> int | None:
    """Return where the first words of a section stand last; a table of contents has fewer of them and comes first."""
    words = _WORD.findall(told[:1000])[:_MOST_WORDS]
    while len(words) >= _FEWEST_WORDS:
        places = [match.start() for match in re.finditer(r"\W{1,12}".join(map(re.escape, words)), text)]
        if places:
            return places[-1]
        words = words[: len(words) // 2]
    return None
