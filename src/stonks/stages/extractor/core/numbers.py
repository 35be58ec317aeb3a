"""Figures of a sentence: amount, unit and scale, the metric they belong to, and what they are compared with."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from stonks.model.document import Quote
from stonks.model.signal import KeyNumber
from stonks.stages.extractor.core.clauses import Sentence, figure_of

METRIC_REACH = 6
"""Words between a figure and the metric it may belong to."""

_AMOUNT = re.compile(
    r"(?P<currency>US\$|C\$|A\$|[$€£¥]|\bUSD|\bEUR|\bGBP|\bRs\.?|₹)?\s?"
    r"(?<![\w.,-])(?<!S&P )(?<!Fortune )(?<!Russell )(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[\s-]?(?P<scale>thousand|million|mln|mn|billion|bln|bn|trillion|trn|tn|crore|cr|lakh|[kmb])\b)?"
    r"\s?(?P<unit>%|percentage points?|percent|per cent|basis points|bps|(?:a|per) share|shares)?",
    re.IGNORECASE,
)
_SCALES = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6, "crore": 1e7, "cr": 1e7,
    "billion": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "trn": 1e12, "tn": 1e12,
}  # fmt: skip
_CURRENCIES = {"$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP"}
_METRICS: dict[str, str] = {
    **dict.fromkeys("revenue revenues sales turnover".split(), "revenue"),
    "eps": "eps",
    **dict.fromkeys("profit profits income earnings loss losses earned".split(), "net_income"),
    **dict.fromkeys("margin margins".split(), "margin"),
    **dict.fromkeys("deliveries delivered shipments".split(), "deliveries"),
    **dict.fromkeys("dividend dividends payout".split(), "dividend"),
    **dict.fromkeys("buyback buybacks repurchase repurchases repurchased".split(), "buyback"),
    **dict.fromkeys("acquisition acquire acquired buyout takeover merger deal".split(), "deal_value"),
    **dict.fromkeys("jobs workers employees staff workforce headcount positions".split(), "headcount"),
    **dict.fromkeys("target targets".split(), "price_target"),
    **dict.fromkeys("fine fined penalty penalties settlement".split(), "fine"),
    **dict.fromkeys("shares share stock stocks".split(), "shares"),
}
_COUNTED = frozenset(("deliveries", "headcount"))
"""Metrics whose figures are bare counts; elsewhere a bare count is a year, a rank or a number of things."""
_OUTLOOK = frozenset("guidance outlook forecast forecasts expects sees projects guides guided".split())
_CONSENSUS = frozenset("consensus estimate estimates expected expectations analysts forecasts street".split())
_PRIOR = frozenset("from earlier previously prior versus vs against last compared".split())
_PERCENTS = (("percent",), ("per",), ("pc",), ("pct",))
_EPS_PAIR = re.compile(
    r"(?:\beps\b|earnings|earned|profit)[^.;]{0,30}?(?:of |at |was |came in at )?\$\s?(?P<actual>\d{1,6}\.\d{1,4})"
    r"(?:\s?(?:a|per) share)?[^.;]{0,60}?"
    r"(?:\bvs\.?|versus|consensus|estimates?(?: of)?|expectations?(?: of)?|expected|forecast)[^$;]{0,30}"
    r"\$\s?(?P<consensus>\d{1,6}\.\d{1,4})",
    re.IGNORECASE,
)
_FLOOR = 0.05
_MOST = 0.15
"""A surprise of this share counts in full (signals.md 2.4)."""


class Surprise(msgspec.Struct, frozen=True):
    """Earnings a share against what analysts expected: the share by which they differ, and where it is told."""

    share: float
    start: int
    end: int

    @property
    def strength(self) -> float:
        """How much it counts, in [-1, 1]."""
        return max(-1.0, min(1.0, self.share / _MOST))


def find_numbers(text: str, sentence: Sentence) -> Iterator[KeyNumber]:
    """Yield the figures of a sentence that belong to a metric or are an amount of money; bare counts are left out."""
    if not any(word[0].isdecimal() for word in sentence.words):
        return
    for match in _AMOUNT.finditer(text, sentence.start, sentence.end):
        word = bisect_left(sentence.ends, match.start("value") + 1)
        metric = _metric(sentence.words, word)
        currency, unit = match["currency"], _unit(match)
        if currency is None and (metric is None or (unit == "count" and metric not in _COUNTED)):
            continue
        figure = figure_of(match["value"])
        if figure is None:
            continue
        start = match.start("currency") if currency else match.start("value")
        end = start + len(text[start : match.end()].rstrip())
        yield KeyNumber(
            metric=_qualified(sentence.words, metric or "other", unit),
            value=figure * _SCALES.get((match["scale"] or "").lower(), 1.0),
            unit=unit,
            basis=_basis(sentence.words, word),
            evidence=Quote(quote=text[start:end], start=start, end=end),
        )


def _unit(match: re.Match[str]) -> str:
    told = (match["unit"] or "").lower()
    if told.startswith(("%", "per cent", "percent")):
        return "pct"
    if told.endswith("share") and told != "shares":
        return "per_share"
    if told in ("bps", "basis points"):
        return "bps"
    if match["currency"]:
        return _CURRENCIES.get(match["currency"].lower(), "other")
    return "shares" if told == "shares" else "count"


def _metric(words: Sequence[str], place: int) -> str | None:
    """Return the metric nearest to a word, the one before it where two are as near."""
    for distance in range(1, METRIC_REACH + 1):
        for near in (place - distance, place + distance):
            if 0 <= near < len(words) and (metric := _METRICS.get(words[near])):
                return metric
    return None


def _qualified(words: Sequence[str], metric: str, unit: str) -> str:
    if unit == "per_share" and metric in ("net_income", "shares", "other"):
        return "eps"
    if metric in ("revenue", "eps") and not _OUTLOOK.isdisjoint(words):
        return f"guidance_{metric}"
    return metric


def _basis(words: Sequence[str], place: int) -> str:
    """Return what a figure is: what happened, what was expected, what was before, or one end of a guided range."""
    before = words[max(0, place - 4) : place]
    if not _CONSENSUS.isdisjoint(before):
        return "consensus"
    if not _PRIOR.isdisjoint(before):
        return "prior"
    if not _OUTLOOK.isdisjoint(words[:place]):
        return "guidance_point"
    return "actual"


def eps_surprise(text: str, sentence: Sentence) -> Surprise | None:
    """Return by how much told earnings a share differ from told expectations, or None where both are not told."""
    if "share" not in sentence.words and "eps" not in sentence.words:
        return None
    match = _EPS_PAIR.search(text, sentence.start, sentence.end)
    if match is None:
        return None
    actual, consensus = float(match["actual"]), float(match["consensus"])
    return Surprise((actual - consensus) / max(abs(consensus), _FLOOR), match.start(), match.end())


def price_move(sentence: Sentence, at: int) -> float:
    """Return the percentage told within a few words after a word, 0 where there is none."""
    words = sentence.words
    for place in range(at + 1, min(len(words), at + 1 + METRIC_REACH)):
        told = words[place].endswith("%") or words[place + 1 : place + 2] in _PERCENTS
        if told and (figure := figure_of(words[place])) is not None:
            return figure
    return 0.0
