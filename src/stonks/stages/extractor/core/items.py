"""Directional items: the words of a sentence that say better or worse, each with its signed value.

A move takes its sense from the metric nearest to it (costs that rise are bad), a negation or an end of something turns
what follows, and two figures of one metric are compared where the text compares them.
"""

from collections.abc import Sequence

import msgspec

from stonks.stages.extractor.core.clauses import HARD, figure_of
from stonks.stages.extractor.core.lexicon import WORDS, Entry, Kind
from stonks.stages.extractor.core.phrases import PHRASES

BEHIND = 6
AHEAD = 5
FLIP_REACH = 4
"""How many words away a move's metric, or what a negation turns, may stand."""

_COMPARATORS = frozenset("compared versus vs against from".split())
_CALLS = {"buy": 0.9, "sell": -0.9, "avoid": -0.8, "like": 0.7, "hold": 0.0}
_BY_THE_WAY = frozenset("on by to for from at with over against".split())
_CALL_BEFORE = frozenset(
    ": ; , - – | recommends recommend says maintain maintains retain retains reiterates rate rates".split()
)


_TELLING = frozenset((*WORDS, *PHRASES, *_CALLS))


class Item(msgspec.Struct, frozen=True):
    """Words [lo, hi) of a sentence and what they say: below zero is bad for whoever it is said of."""

    at: int
    """The word that says it; its metric may stand elsewhere in [lo, hi)."""
    lo: int
    hi: int
    value: float
    ahead: bool = False
    """Whether it is said of the company named after it."""
    strict: bool = False
    """Whether it is said of nobody named before it."""
    hedged: bool = False
    about_price: bool = False
    """Whether it tells how a share price moved, which is news for hours only."""


class _Hit(msgspec.Struct):
    """A word or phrase of the lexicon found in a sentence."""

    lo: int
    hi: int
    entry: Entry
    used: bool = False


_PRICE_WORDS = frozenset("shares share stock stocks price scrip index equities futures market markets".split())


def find_items(words: Sequence[str]) -> tuple[Item, ...]:
    """Return what the words of one sentence say, in order."""
    hits = _hits(words)
    if not hits:
        return ()
    items = [item for index in range(len(hits)) if (item := _item(words, hits, index)) is not None]
    items += _alone(hits)
    if not items and (compared := _comparison(words, hits)):
        items.append(compared)
    flips = [hit for hit in hits if hit.entry.kind is Kind.FLIP]
    hedges = [hit.lo for hit in hits if hit.entry.kind is Kind.HEDGE]
    if flips or hedges:
        items = [_turned(item, flips, hedges, words) for item in items]
    return tuple(sorted(items, key=lambda item: item.at))


def _hits(words: Sequence[str]) -> list[_Hit]:
    hits, index = [], 0
    while index < len(words):
        word = words[index]
        if word not in _TELLING:
            index += 1
            continue
        length, entry = 1, WORDS.get(word)
        if word in PHRASES:
            for phrase, meaning in PHRASES[word]:
                if tuple(words[index : index + len(phrase)]) == phrase:
                    length, entry = len(phrase), meaning
                    break
        if length == 1 and word in _CALLS and (index == 0 or words[index - 1] in _CALL_BEFORE):
            entry = Entry(Kind.TONE, _CALLS[word], ahead=True)
        index += length
        if entry is not None and entry.kind is not Kind.MUTE and not (entry.strict and _is_figure(words, index)):
            hits.append(_Hit(index - length, index, entry))
    return hits


def _is_figure(words: Sequence[str], index: int) -> bool:
    """Whether an amount stands here: a verb before it then raises money or reaches a level, which says nothing."""
    return index < len(words) and words[index][0].isdecimal() and not words[index].endswith("%")


def _item(words: Sequence[str], hits: Sequence[_Hit], index: int) -> Item | None:
    hit = hits[index]
    match hit.entry.kind:
        case Kind.TONE:
            return _toned(hits, index)
        case Kind.MOVE:
            return _moved(words, hits, index)
        case _:
            return None


def _toned(hits: Sequence[_Hit], index: int) -> Item:
    """Return what a tone says; of a metric right after it only the polarity is left (a record loss is bad)."""
    hit, value = hits[index], hits[index].entry.value
    if index + 1 < len(hits) and hits[index + 1].lo == hit.hi and hits[index + 1].entry.kind is Kind.METRIC:
        metric = hits[index + 1]
        metric.used = True
        value = min(value, value * metric.entry.value)
    return Item(hit.lo, hit.lo, hit.hi, value, hit.entry.ahead, hit.entry.strict)


def _moved(words: Sequence[str], hits: Sequence[_Hit], index: int) -> Item | None:
    """Return what a move says together with the metric it belongs to."""
    hit = hits[index]
    look = (_ahead, _behind) if hit.entry.ahead else (_behind, _ahead)
    metric = look[0](words, hits, index) or look[1](words, hits, index)
    if metric is None:
        if not hit.entry.alone or (hit.entry.ahead and _is_figure(words, hit.hi)):
            return None
        return Item(hit.lo, hit.lo, hit.hi, hit.entry.alone, hit.entry.ahead, about_price=not hit.entry.ahead)
    metric.used = True
    price = any(word in _PRICE_WORDS for word in words[metric.lo : metric.hi])
    value = hit.entry.value * metric.entry.value
    return Item(hit.lo, min(hit.lo, metric.lo), max(hit.hi, metric.hi), value, about_price=price)


def _behind(words: Sequence[str], hits: Sequence[_Hit], index: int) -> _Hit | None:
    """Return the nearest metric before a move that no other move stands between."""
    for other in reversed(hits[:index]):
        if hits[index].lo - other.hi > BEHIND or _parted(words, other.hi, hits[index].lo):
            return None
        if other.entry.kind is Kind.METRIC:
            return other
        if other.entry.kind is Kind.MOVE:
            return None
    return None


def _ahead(words: Sequence[str], hits: Sequence[_Hit], index: int) -> _Hit | None:
    """Return the nearest metric after a move: the object of cuts and lifts, else right after it or after in or of."""
    hit, after = hits[index], hits[index + 1 : index + 2]
    if not after or after[0].entry.kind is not Kind.METRIC or after[0].used:
        return None
    between = words[hit.hi : after[0].lo]
    near = not between or between[0] in ("in", "of") or hit.entry.ahead
    if not near or len(between) > AHEAD or any(word in HARD or word == "," or word in _BY_THE_WAY for word in between):
        return None
    return after[0]


def _parted(words: Sequence[str], lo: int, hi: int) -> bool:
    return any(word in HARD for word in words[lo:hi])


def _alone(hits: Sequence[_Hit]) -> list[Item]:
    """Return what metrics say that nothing moved: a loss is bad, a growth is good."""
    return [
        Item(hit.lo, hit.lo, hit.hi, hit.entry.alone)
        for hit in hits
        if hit.entry.kind is Kind.METRIC and hit.entry.alone and not hit.used
    ]


def _turned(item: Item, flips: Sequence[_Hit], hedges: Sequence[int], words: Sequence[str]) -> Item:
    """Return the item turned by each negation shortly before it, and marked where a hedge stands before it."""
    value, lo = item.value, item.lo
    for flip in flips:
        if 0 <= item.at - flip.hi < FLIP_REACH and not _parted(words, flip.hi, item.at):
            value, lo = value * flip.entry.value, min(lo, flip.lo)
    hedged = any(0 < item.hi - place <= FLIP_REACH + 2 for place in hedges)
    return msgspec.structs.replace(item, lo=lo, value=value, hedged=hedged)


def _comparison(words: Sequence[str], hits: Sequence[_Hit]) -> Item | None:
    """Return what "profit of 10 million compared to 7 million" says: the sign of the difference for that metric."""
    for place, word in enumerate(words):
        if word not in _COMPARATORS:
            continue
        metric = next((hit for hit in hits if hit.entry.kind is Kind.METRIC and hit.hi <= place), None)
        before, after = (
            _figure(words, range(place - 1, max(-1, place - 8), -1)),
            _figure(words, range(place, place + 8)),
        )
        if metric is not None and before is not None and after is not None and before != after:
            sign = 1.0 if before > after else -1.0
            return Item(metric.lo, metric.lo, min(len(words), place + 2), 0.8 * sign * metric.entry.value)
    return None


_SCALES = {"thousand": 1e3, "million": 1e6, "mn": 1e6, "mln": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
           "trillion": 1e12, "crore": 1e7, "cr": 1e7, "lakh": 1e5}  # fmt: skip


def _figure(words: Sequence[str], places: range) -> float | None:
    """Return the first figure at these places, scaled by the word after it."""
    for place in places:
        if _is_figure(words, place):
            scale = _SCALES.get(words[place + 1], 1.0) if place + 1 < len(words) else 1.0
            number = figure_of(words[place])
            return None if number is None else number * scale
    return None
