"""What a model says held to the text it read: quotes found word for word, figures looked up."""

import re
import unicodedata
from functools import cached_property
from typing import NamedTuple

from stonks.model.document import Quote

LONGEST_QUOTE = 240
SHORTEST_QUOTE = 12
"""Characters below which a quote says nothing: any text has them somewhere."""

_SIGNS = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<percent>\s?(?:%|percent\b|per cent\b))?"
    r"(?:[\s-]?(?P<scale>thousand|million|mln|mn|billion|bln|bn|trillion|tn|[kmb])\b)?",
    re.IGNORECASE,
)
_SCALES = {"t": 1e3, "k": 1e3, "m": 1e6, "b": 1e9}
_TRILLIONS = ("trillion", "tn")


class Figure(NamedTuple):
    """A figure as it is written."""

    words: str
    value: float
    precision: float
    """Half of its last digit's worth: what rounding to it may have taken off."""
    percent: bool


class Grounds:
    """A normalized text in which quotes and figures are looked up, whatever their quotation marks, blanks and case."""

    def __init__(self, text: str) -> None:
        """Look things up in this text."""
        self._text = text

    def find(self, words: str) -> Quote | None:
        """Return the piece of the text that these words quote, or None where they do not stand there as they are."""
        folded, places = self._folded
        wanted = _fold(words)[0].strip()
        at = folded.find(wanted) if len(wanted) >= SHORTEST_QUOTE else -1
        if at < 0:
            return None
        start, end = places[at], places[at + len(wanted) - 1] + 1
        while end < len(self._text) and unicodedata.category(self._text[end]) == "Mn":
            end += 1
        end = min(end, start + LONGEST_QUOTE)
        return Quote(quote=self._text[start:end], start=start, end=end)

    def unsupported(self, prose: str) -> list[str]:
        """Return the figures of a prose that the text does not state, in other units of scale or rounded."""
        return [one.words for one in figures_in(prose) if not any(_supports(own, one) for own in self._figures)]

    @cached_property
    def _folded(self) -> tuple[str, list[int]]:
        return _fold(self._text)

    @cached_property
    def _figures(self) -> list[Figure]:
        return figures_in(self._text)


def figures_in(text: str) -> list[Figure]:
    """Return the figures of a text in order."""
    found = []
    for match in _FIGURE.finditer(unicodedata.normalize("NFKC", text)):
        digits, word = match["value"].replace(",", ""), (match["scale"] or "").lower()
        scale = 1e12 if word in _TRILLIONS else _SCALES.get(word[:1], 1.0)
        decimals = len(digits.partition(".")[2])
        found.append(
            Figure(match[0].strip(), float(digits) * scale, 0.5 * 10.0**-decimals * scale, match["percent"] is not None)
        )
    return found


def _supports(own: Figure, said: Figure) -> bool:
    """Whether what the text states may be said so: the same, or rounded to fewer digits."""
    slack = said.precision if said.precision > own.precision else 0.0
    return own.percent == said.percent and abs(own.value - said.value) <= slack + 1e-9 * abs(own.value)


def _fold(text: str) -> tuple[str, list[int]]:
    """Return a text for comparing, and for each of its characters the place it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plain = char if char.isascii() else _SIGNS.get(char) or unicodedata.normalize("NFKD", char)
        for one in plain.casefold():
            if one.isspace():
                if not folded or folded[-1] == " ":
                    continue
                one = " "  # noqa: PLW2901 - blanks are all alike
            elif not one.isascii() and unicodedata.category(one) in ("Mn", "Cf"):
                continue
            folded.append(one)
            places.append(place)
    return "".join(folded), places
