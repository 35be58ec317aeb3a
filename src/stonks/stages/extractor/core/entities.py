"""Where a text names somebody who is given by name only: word for word, in part, or by initials."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from stonks.model.document import Span

LONGEST_NAME = 200
MOST_PLACES = 100
"""Characters of a name, and places of one in a text, beyond which nothing is looked for."""

_SHORTEST_PART = 3
_LOOSE = 5
"""Letters from which a name may be written together or apart."""
_GAP = r"[^\S\n]+"
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset("a an and of the for in on & de la".split())


def places_of(text: str, names: Iterable[str]) -> dict[str, tuple[Span, ...]]:
    """Return where each name that is in the text stands; a place inside another name's counts only as the last resort.

    The whole name counts before its beginning, that before its initials, and letters as they are before any case.
    """
    found = {name: spans for name in names if (spans := _places(text, name))}
    return {name: _own(name, spans, found) for name, spans in found.items()}


def _own(name: str, spans: tuple[Span, ...], found: Mapping[str, Sequence[Span]]) -> tuple[Span, ...]:
    """Return the places of a name that are no part of a longer one: Nifty in Bank Nifty."""
    longer = [span for other, places in found.items() if other != name for span in places]
    own = tuple(
        span
        for span in spans
        if not any(
            other.start <= span.start and span.end <= other.end and other.end - other.start > span.end - span.start
            for other in longer
        )
    )
    return own or spans


def _places(text: str, name: str) -> tuple[Span, ...]:
    if not name.strip() or len(name) > LONGEST_NAME:
        return ()
    if spans := tuple(islice(_verbatim(text, name), MOST_PLACES)):
        return spans
    for pattern, flags in _ways(name):
        found = islice(re.compile(pattern, flags).finditer(text), MOST_PLACES)
        if spans := tuple(Span(start=match.start(), end=match.end()) for match in found):
            return spans
    return ()


def _verbatim(text: str, name: str) -> Iterator[Span]:
    """Yield where the name stands letter for letter as words of its own: mostly it does, and this is cheap."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (_is_letter(text[start - 1 : start]) or _is_letter(text[end : end + 1])):
            yield Span(start=start, end=end)
        start = text.find(name, end)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _ways(name: str) -> Iterator[tuple[str, int]]:
    """Yield the ways to write a name, the surest first."""
    words = name.split()
    whole = _GAP.join(map(re.escape, words))
    yield rf"(?<!\w){whole}(?!\w)", re.IGNORECASE
    yield whole, re.IGNORECASE
    for way in (*_loosened(name), *_shortened(words)):
        yield way, re.IGNORECASE
    for way in (*_initials(words), *_spelled_out(words)):
        yield way, 0


def _loosened(name: str) -> Iterator[str]:
    """Yield the name written together, apart or with other marks: SAB Miller, SABMiller, SAB-Miller."""
    letters = "".join(_WORD.findall(name))
    if len(letters) >= _LOOSE:
        yield r"(?<!\w)" + r"[ \t.&'’-]{0,2}".join(map(re.escape, letters)) + r"(?!\w)"


def _shortened(words: Sequence[str]) -> Iterator[str]:
    """Yield the beginnings of a name, the longest first: Rane Holdings, Rane."""
    for count in range(len(words) - 1, 0, -1):
        begin = words[:count]
        if begin[-1].casefold() not in _SMALL and len(begin[0]) >= _SHORTEST_PART:
            yield r"(?<!\w)" + _GAP.join(map(re.escape, begin)) + r"(?!\w)"


def _initials(words: Sequence[str]) -> Iterator[str]:
    """Yield what a long name is called for short: RBS for Royal Bank of Scotland."""
    letters = [word[0].upper() for word in words if word.casefold() not in _SMALL and word[0].isalpha()]
    if len(letters) >= _SHORTEST_PART:
        yield r"(?<!\w)" + r"\.?".join(letters) + r"(?!\w)"


def _spelled_out(words: Sequence[str]) -> Iterator[str]:
    """Yield what a short name may stand for: International Business Machines for IBM."""
    if len(words) == 1 and _SHORTEST_PART <= len(words[0]) <= 2 * _SHORTEST_PART and words[0].isupper():
        yield r"\b" + r"\s+(?:(?:of|and|the|&)\s+)?".join(rf"{re.escape(letter)}\w{{1,20}}" for letter in words[0])
