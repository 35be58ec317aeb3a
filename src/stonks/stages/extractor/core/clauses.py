"""Sentences, words and clauses of a text, each with its offsets; nothing here knows what words mean."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

FIRST_SENTENCES = 5
MOST_SENTENCES = 40
LONGEST_NUMBER = 15
LONGEST_SENTENCE = 600
"""Characters of a sentence that are read; tables in filings run on without a full stop."""

_END = re.compile(r"[.!?][\"'”’)\]]*(?:\s+)(?=[\"'“‘(\[]?[A-Z0-9$€£])|\s*\n\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Inc|Corp|Co|Ltd|Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|St|No|vs|Jr|Sr|Bros|Cos|Rs|approx|est|Fig|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Z]|\.[A-Za-z])\.$"
)
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:['’][^\W\d_]+)*|[,;:|()?!—–…]|(?<=\s)-(?=\s)|\.{2,}"
)

HARD = frozenset(
    "; | ( ) ? ! … .. ... but while whereas although though despite however after as amid following because since "
    "when if which who yet before".split()
)
"""What always ends a clause; a conjunction begins the next one."""

SOFT = frozenset(", : - – — on over due".split())
"""What ends a clause only where something is said on both sides: names are listed with commas, shares fall on news."""

SUBORDINATE = {
    **dict.fromkeys(("on", "over", "due"), 0.4),
    **dict.fromkeys(("despite", "although", "though", "while", "whereas", "even"), 0.5),
    **dict.fromkeys(
        ("after", "as", "amid", "following", "because", "since", "before", "when", "if", "(", "which"), 0.7
    ),
}
"""How much a clause counts that begins with this word; any other counts 1."""


class Sentence(msgspec.Struct, frozen=True):
    """A sentence's place in the text and its words, in lower case, with theirs."""

    start: int
    end: int
    in_title: bool
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class Clause(msgspec.Struct, frozen=True):
    """A run of words [lo, hi) that says one thing, and how much it counts."""

    lo: int
    hi: int
    weight: float


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each sentence of a region, without surrounding white space."""
    lo = start
    for match in _END.finditer(text, start, end):
        stop = match.start() if text[match.start()].isspace() else match.end()
        if "\n" not in match.group() and _ABBREVIATION.search(text[max(lo, stop - 12) : match.start() + 1]):
            continue
        if trimmed := _trim(text, lo, stop):
            yield trimmed
        lo = match.end()
    if trimmed := _trim(text, lo, end):
        yield trimmed


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def read_sentence(text: str, start: int, end: int, *, in_title: bool) -> Sentence:
    """Return the sentence at this place with its words; of a very long one only the beginning is read."""
    end = min(end, start + LONGEST_SENTENCE)
    found = [match.span() for match in _TOKEN.finditer(text, start, end)]
    words = [text[lo:hi].lower() for lo, hi in found]
    if any(mark in text[start:end] for mark in ("'", "’")):
        words = [word.replace("’", "'").removesuffix("'s") for word in words]
    return Sentence(start, end, in_title, tuple(words), tuple([lo for lo, _ in found]), tuple([hi for _, hi in found]))


def figure_of(word: str) -> float | None:
    """Return the number that a word is, without its percent sign; None for words and for what is no plain number."""
    number = word.rstrip("%").replace(",", "")
    plain = number[:1].isdecimal() and number.count(".") <= 1 and len(number) <= LONGEST_NUMBER
    return float(number) if plain else None


def chosen_sentences(
    text: str, body_start: int, places: Iterable[int], regions: Sequence[tuple[int, int]] | None = None
) -> list[Sentence]:
    """Return the title, the first sentences and those around these places, in order, each once.

    The cost does not grow with the length of the text, only with what is read of it. Of the body only the regions are
    read where there are any, the first of them first; they do not overlap.
    """
    regions = [(body_start, len(text))] if regions is None else regions
    chosen = set(split_sentences(text, 0, body_start))
    chosen |= set(islice(_first(text, regions), FIRST_SENTENCES))
    wanted = sorted(places)
    for start, end in regions:
        covered = max(start, max((hi for _, hi in chosen if hi <= end), default=start))
        for place in wanted[bisect_left(wanted, covered) : bisect_left(wanted, end)]:
            if len(chosen) >= MOST_SENTENCES:
                break
            if place >= covered:
                chosen.add(sentence := _sentence_at(text, place, covered, end))
                covered = sentence[1]
    return [read_sentence(text, start, end, in_title=end <= body_start) for start, end in sorted(chosen)]


def _first(text: str, regions: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sentences of regions, of each no more than the first could fill."""
    for start, end in regions:
        yield from islice(
            split_sentences(text, start, min(end, start + FIRST_SENTENCES * LONGEST_SENTENCE)), FIRST_SENTENCES
        )


def _sentence_at(text: str, place: int, floor: int, ceiling: int) -> tuple[int, int]:
    """Return the sentence that holds a place, looking no further than a long sentence reaches."""
    lo = max(floor, text.rfind("\n", max(0, place - LONGEST_SENTENCE), place) + 1, place - LONGEST_SENTENCE)
    line_end = text.find("\n", place, place + LONGEST_SENTENCE)
    hi = min(ceiling, line_end if line_end >= 0 else place + LONGEST_SENTENCE)
    for start, end in split_sentences(text, lo, hi):
        if start <= place < end:
            return start, end
    return place, max(hi, place + 1)


def split_clauses(words: Sequence[str], said: Sequence[int]) -> tuple[Clause, ...]:
    """Return the clauses of a sentence; ``said`` are the indexes of words that say something, in order.

    Conjunctions and strong punctuation always end a clause; a comma, colon or dash only where something is said on both
    sides of it.
    """
    clauses: list[Clause] = []
    lo, weight, speaks, pending = 0, 1.0, False, iter((*said, len(words)))
    mark, last = next(pending), said[-1] if said else -1
    for index, word in enumerate(words):
        if index == mark:
            speaks, mark = True, next(pending, -1)
        hard = word in HARD
        if hard or (speaks and word in SOFT and index < last):
            if index > lo:
                clauses.append(Clause(lo, index, weight))
            lo, speaks = index, False
            weight = SUBORDINATE.get(word, 1.0)
    clauses.append(Clause(lo, len(words), weight))
    return tuple(clauses)
