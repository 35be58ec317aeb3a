"""The sentences of a filing that carry news, each known by a hash of what it says."""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice

import msgspec

from stonks.model.document import Section
from stonks.stages.parser.core.filings.forms import Form
from stonks.stages.parser.core.filings.layout import CELL

_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9$€£•])|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:Inc|Corp|Co|Ltd|Mr|Mrs|Ms|Dr|St|No|vs|Jr|Sr|approx|[A-Z])|\.[A-Za-z])\.$")
_WORD = re.compile(r"\w+")
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_PERIOD = re.compile(
    rf"\b(?:ended|as of|at|since|fiscal(?: year)?)(?: (?:{_MONTH}))?(?: \d{{1,2}})? (?:19|20)\d\d\b"
    rf"(?: and (?:(?:{_MONTH}) \d{{1,2}} )?(?:19|20)\d\d\b)?"
)
_FEWEST_WORDS = 4
_MOST = 20_000
_LOOK_BACK = 12
_LONGEST_HEADING = 300
_SHORT_LINE = 60


class Sentence(msgspec.Struct, frozen=True, array_like=True):
    """A sentence's place in the normalized text, the item in which it stands, and the hash of its words."""

    hash: bytes
    start: int
    end: int
    item: str


def sentences_of(text: str, body_start: int, form: Form, items: Sequence[Section]) -> list[Sentence]:
    """Return the sentences of the items that carry news, the most telling item first; of all where none is known.

    Headings of items are left out, rows of tables, and lines of less than four words.
    """
    places = {section.item: section for section in items}
    parts = [places[code] for code in form.news if code in places]
    regions = [(part.item, _after_heading(text, part), part.end) for part in parts] or [("", body_start, len(text))]
    found = (
        Sentence(digest, start, end, item)
        for item, lo, hi in regions
        for start, end in _split(text, lo, hi)
        if (digest := _hash(text[start:end]))
    )
    return list(islice(found, _MOST))


def _after_heading(text: str, part: Section) -> int:
    """Return where an item's text begins: after its first line, unless that is a sentence already."""
    end = text.find("\n", part.start, min(part.end, part.start + _LONGEST_HEADING))
    is_sentence = end - part.start > _SHORT_LINE and text[end - 1] in ".!?"
    return part.start if end < 0 or is_sentence else end + 1


def _split(text: str, lo: int, hi: int) -> Iterator[tuple[int, int]]:
    for match in _END.finditer(text, lo, hi):
        full_stop = text[match.start()] != "\n"
        if full_stop and _ABBREVIATION.search(text[max(lo, match.start() - _LOOK_BACK) : match.start() + 1]):
            continue
        end = match.start() + len(match.group().rstrip()) if full_stop else match.start()
        if end > lo:
            yield lo, end
        lo = match.end()
    if hi > lo:
        yield lo, hi


def _hash(sentence: str) -> bytes:
    """Return eight bytes that are the same for the same words; which period a sentence speaks of does not count."""
    if CELL in sentence:
        return b""
    words = _WORD.findall(sentence.lower())
    if len(words) < _FEWEST_WORDS:
        return b""
    plain = " ".join(words)
    if "19" in plain or "20" in plain:  # no period is without a year
        plain = _PERIOD.sub("#", plain)
    return blake2b(plain.encode(), digest_size=8).digest()
