"""Whom an annual report names as competitor, customer, supplier or partner.

A name counts by the nearest telling word within twelve tokens of it in the same paragraph, in the items that describe
the business and its risks. A report in which those items are not found says nothing here. How often a report names a
region was looked at too, and is no measure of what is earned there: 47 % of the places a maker of chips names are in
China.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from stonks.model.company import Related
from stonks.model.document import Mention, Quote, Section
from stonks.model.units import Unit

WINDOW = 12
"""Tokens to either side of a name within which a word tells what the company is."""
LEAST_SHARE = 0.10
"""Share of sales from which on a customer has to be disclosed."""

_ITEMS = {"10-K": frozenset({"1", "1A"}), "20-F": frozenset({"3", "4"})}
_LETTERS = re.compile(r"[A-Z.]{1,4}")
"""What may as well be an abbreviation as a company."""
_TOKEN = re.compile(r"\S+")
_TELLING: tuple[tuple[Related, re.Pattern[str]], ...] = (
    (
        Related.COMPETITOR,
        re.compile(
            r"(?:compet(?:es?|ed|ing|itors?|ition(?! (?:Comm|Auth|and Mark|law))|itive)|rivals?)\b", re.IGNORECASE
        ),
    ),
    (Related.CUSTOMER, re.compile(r"(?:customers?|clients?|purchasers?)\b", re.IGNORECASE)),
    (Related.PARTNER, re.compile(r"(?:partners?|alliances?|joint ventures?)\b", re.IGNORECASE)),
    (Related.SUPPLIER, re.compile(r"(?:suppliers?|vendors?|subcontractors?|foundr(?:y|ies))\b", re.IGNORECASE)),
)
_NOT = re.compile(r"\b(?:not|no longer|neither|former(?:ly)?)\b", re.IGNORECASE)
_SOLD = re.compile(
    r"(?P<share>\d{1,2}(?:\.\d+)?) ?(?:%|percent)[^.\n]{0,60}\b(?:sales|revenues?)\b"
    r"|\b(?:sales|revenues?)\b[^.\n]{0,60}?(?P<later>\d{1,2}(?:\.\d+)?) ?(?:%|percent)",
    re.IGNORECASE,
)
_BOUGHT = re.compile(r"\b(?:sales to|sold to|revenues? from|customers?|accounted for|represented)\b", re.IGNORECASE)
_AROUND = 240
_WEIGHT, _SURE = 0.5, 0.9


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """What a company is to the one whose report it is, with the places that say so."""

    ticker: str
    relation: Related
    weight: Unit
    confidence: Unit
    evidence: tuple[Quote, ...]


class _Told(msgspec.Struct, frozen=True):
    ticker: str
    relation: Related
    quote: Quote
    share: float = 0.0


def neighbours(text: str, form: str, items: Sequence[Section], mentions: Sequence[Mention]) -> tuple[Neighbour, ...]:
    """Return what the companies that a report names are to the one whose it is, by ticker and relation; itself too."""
    told: defaultdict[tuple[str, Related], list[_Told]] = defaultdict(list)
    for one in _told(text, _spans(items, _ITEMS.get(form, frozenset())), mentions):
        told[one.ticker, one.relation].append(one)
    return tuple(_neighbour(every) for _, every in sorted(told.items()))


def _spans(items: Sequence[Section], wanted: frozenset[str]) -> list[tuple[int, int]]:
    return [(item.start, item.end) for item in items if item.item in wanted and not item.by_reference]


def _told(text: str, spans: Sequence[tuple[int, int]], mentions: Sequence[Mention]) -> Iterator[_Told]:
    for mention in mentions:
        for place in mention.spans:
            inside = any(start <= place.start < end for start, end in spans)
            if not inside or _LETTERS.fullmatch(text, place.start, place.end):
                continue
            begin, window = _window(text, place.start, place.end)
            quote = Quote(quote=window, start=begin, end=begin + len(window))
            if share := _sold(window):
                yield _Told(mention.ticker, Related.CUSTOMER, quote, share)
            elif relation := _nearest(window, place.start - begin, place.end - begin):
                yield _Told(mention.ticker, relation, quote)


def _window(text: str, start: int, end: int) -> tuple[int, str]:
    """Return the tokens around a name within its paragraph, as where they begin and the text they span."""
    floor = max(text.rfind("\n", max(0, start - _AROUND), start) + 1, start - _AROUND, 0)
    stop = text.find("\n", end, end + _AROUND)
    ceiling = min(len(text), end + _AROUND) if stop < 0 else stop
    before = [match.start() for match in _TOKEN.finditer(text, floor, start)]
    after = [match.end() for match in _TOKEN.finditer(text, end, ceiling)]
    begin = before[-WINDOW:][0] if before else start
    return begin, text[begin : after[:WINDOW][-1] if after else end]


def _sold(window: str) -> float:
    """Return the share of sales that a customer makes up, where a window says it and it is a tenth at least."""
    found = _SOLD.search(window) if _BOUGHT.search(window) else None
    share = float(found["share"] or found["later"]) / 100 if found else 0.0
    return share if share >= LEAST_SHARE else 0.0


def _nearest(window: str, start: int, end: int) -> Related | None:
    """Return what the nearest telling word makes of a name; None where there is none, or it is denied."""
    found = [
        (min(abs(match.start() - end), abs(start - match.end())), relation)
        for relation, words in _TELLING
        for match in words.finditer(window)
        if not start <= match.start() < end
    ]
    return None if not found or _NOT.search(window) else min(found)[1]


def _neighbour(every: Sequence[_Told]) -> Neighbour:
    share = max(one.share for one in every)
    places = list(dict.fromkeys(one.quote for one in sorted(every, key=lambda one: (-one.share, one.quote.start))))
    return Neighbour(
        ticker=every[0].ticker,
        relation=every[0].relation,
        weight=min(1.0, _WEIGHT + share),
        confidence=_SURE if share else _SURE * (1.0 - 0.5 ** len(places)),
        evidence=tuple(places[:3]),
    )
