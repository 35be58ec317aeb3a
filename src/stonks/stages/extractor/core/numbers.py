"""Figures of a sentence: amount, unit and scale, the metric they belong to, their time, and whether they happened."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from stonks.model.document import Quote
from stonks.model.signal import KeyNumber
from stonks.stages.extractor.core.clauses import Sentence, figure_of

METRIC_REACH = 6
"""Words between a figure and the metric it may belong to."""

_BASIS_REACH = 12
_CURRENCY = r"(?:US\$|C\$|A\$|[$€£¥₹]|\b(?:USD|EUR|GBP|INR|Rs\.?))"
_DIGITS = r"(?:\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d]|[.,]\d)"
_SCALE = r"(?:thousand|million|mln|mn|billion|bln|bn|trillion|trn|tn|lakh crore|crore|cr|lakhs?|[kmbt])"
_UNIT = (
    r"(?:%|percentage points?|percent|per cent|basis points|bps|cents? (?:a|per) share|cents?\b|(?:a|per) share"
    r"|(?:a|per) common share|shares)"
)
_AMOUNT = re.compile(
    rf"(?<![\w.,\-\u2212])(?P<open>\()?(?P<minus>[-\u2212](?=[$€£\d]))?(?P<currency>{_CURRENCY})?\s?(?P<inner>\()?"
    rf"(?<!S&P )(?<!Fortune )(?<!Russell )(?P<value>{_DIGITS})(?P<close>\))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE})\b)?\s?(?P<unit>{_UNIT})?"
    rf"(?:\s?(?P<to>to|and|[-–—])\s?(?P<currency2>{_CURRENCY})?\s?(?P<value2>{_DIGITS})"
    rf"(?:[\s-]?(?P<scale2>{_SCALE})\b)?\s?(?P<unit2>{_UNIT})?)?",
    re.IGNORECASE,
)
_SCALES = {
    "thousand": 1e3, "k": 1e3, "lakh": 1e5, "lakhs": 1e5, "million": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6,
    "crore": 1e7, "cr": 1e7, "billion": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "trn": 1e12,
    "tn": 1e12, "t": 1e12, "lakh crore": 1e12,
}  # fmt: skip
_CURRENCIES = {"$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP"}
_METRICS: dict[str, str] = {
    **dict.fromkeys("revenue revenues sales turnover".split(), "revenue"),
    "eps": "eps",
    **dict.fromkeys("profit profits income earnings loss losses earned pat".split(), "net_income"),
    **dict.fromkeys("margin margins".split(), "margin"),
    **dict.fromkeys("deliveries delivered shipments".split(), "deliveries"),
    **dict.fromkeys("dividend dividends payout".split(), "dividend"),
    **dict.fromkeys("buyback buybacks repurchase repurchases repurchased".split(), "buyback"),
    **dict.fromkeys(
        "acquisition acquire acquires acquired buyout takeover merger deal buy buys bought bid".split(), "deal_value"
    ),
    **dict.fromkeys("jobs workers employees staff workforce headcount positions".split(), "headcount"),
    **dict.fromkeys("target targets".split(), "price_target"),
    **dict.fromkeys("fine fined penalty penalties settlement".split(), "fine"),
    **dict.fromkeys("shares share stock stocks".split(), "shares"),
}
_OTHER_INCOME = frozenset("operating gross comprehensive pretax interest rental investment".split())
"""Words before an income that is not the net one."""
_BOUGHT = (("buy",), ("buys",), ("bought",), ("bid",))
_YEARS = range(1900, 2100)
_COUNTED = frozenset(("deliveries", "headcount"))
"""Metrics whose figures are bare counts; elsewhere a bare count is a year, a rank or a number of things."""
_OUTLOOK = frozenset(
    "guidance outlook forecast forecasts expects expect expected sees projects guides guided anticipates".split()
)
_CONSENSUS = frozenset("consensus estimate estimates expectations analysts street".split())
_ACTUAL = frozenset("reported reports posted posts earned was were totaled rose fell actual".split())
_PRIOR = frozenset("from earlier previously prior versus vs against last compared".split())
_PERCENTS = (("percent",), ("per",), ("pc",), ("pct",))
_DOWN = frozenset(
    "fell fall falls falling down drop drops dropped decline declines declined declining lower decrease decreased "
    "decreases slipped slips slid tumbled tumbles plunged plunges sank sinks lost shed sheds slumped slumps dipped "
    "shrank contracted contraction slide slump plunge".split()
)
_LOSSES = frozenset("loss losses lost".split())
_PERIOD = re.compile(
    r"\b(?:(?:fiscal )?(?:Q[1-4]|[1-4]Q)(?: ?(?:FY ?)?(?:20)?\d\d\b)?|FY ?(?:20)?\d\d|fiscal (?:year )?20\d\d"
    r"|(?:first|second|third|fourth|this|last|next)[- ](?:fiscal )?(?:quarter|year)(?: of (?:fiscal )?20\d\d)?"
    r"|(?:full|fiscal)[- ](?:fiscal )?year(?: 20\d\d)?|first half(?: of 20\d\d)?|a year (?:ago|earlier)|year-earlier"
    r"|(?:quarter|year|weeks|months) ended [A-Z][a-z]+\.? \d{1,2},? (?:20\d\d)?|20[0-4]\d)",
    re.IGNORECASE,
)
_PERIOD_REACH = 60
"""Characters between a figure and the time it is of."""
_MONEY = r"(?:\$\s?(?P<{0}>\d{{1,6}}\.\d{{1,4}})|(?P<{0}_cents>\d{{1,4}}(?:\.\d)?) ?(?:cents?|c)\b)"
_EPS_PAIR = re.compile(
    r"(?P<what>\beps\b|earnings|earned|profit|loss)[^.;]{0,30}?(?:of |at |was |came in at )?"
    + _MONEY.format("actual")
    + r"(?:\s?(?:a|per) share)?[^.;]{0,60}?"
    r"(?:(?:\bvs\.?|versus|consensus|estimates?(?: of)?|expectations?(?: of)?|expected|forecast)[^$;\d]{0,30}"
    + _MONEY.format("consensus")
    + r"|\b(?P<way>beat|beats|beating|topped|tops|miss|misses|missed|missing)\b[^$;\d]{0,30}\bby "
    + _MONEY.format("gap")
    + r")",
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


class _Amount(msgspec.Struct, frozen=True):
    """An amount at the characters [start, end): its value with sign and scale, and which end of a range it is."""

    start: int
    end: int
    at: int
    """Where its digits begin, or those of its range."""
    value: float
    unit: str
    money: bool
    edge: str = ""


def find_numbers(text: str, sentence: Sentence) -> Iterator[KeyNumber]:
    """Yield the figures of a sentence that belong to a metric or are an amount of money; bare counts are left out.

    A loss, a fall and what stands in parentheses or after a minus is below zero. Both ends of a range are quoted as the
    whole range.
    """
    if not any(word[0].isdecimal() for word in sentence.words):
        return
    for match in _AMOUNT.finditer(text, sentence.start, sentence.end):
        for amount in _amounts(text, sentence, match):
            if (number := _number(text, sentence, amount)) is not None:
                yield number


def _amounts(text: str, sentence: Sentence, match: re.Match[str]) -> Iterator[_Amount]:
    """Yield the amounts of a match: one, two, or the ends of a range, which share currency, scale and unit."""
    first, second = figure_of(match["value"]), figure_of(match["value2"] or "")
    glued = text[match.end("value") : match.end("value") + 1].isalpha() and not (match["scale"] or match["unit"])
    if first is None or glued:
        return
    if second is None or not _is_range(text, sentence, match):
        end = match.end("unit") if match["unit"] else match.end("scale") if match["scale"] else match.end("close")
        yield _amount(match, "", first, max(end, match.end("value")))
        if second is not None:
            yield _amount(match, "2", second, match.end())
        return
    scale, unit = match["scale"] or match["scale2"], _unit(match, "2") if match["unit2"] else _unit(match, "")
    unit = _unit(match, "2") if unit == "count" else unit
    start = match.start("currency") if match["currency"] else match.start("value")
    end = start + len(text[start : match.end()].rstrip())
    money = bool(match["currency"] or match["currency2"])
    at = match.start("value")
    for edge, figure, told in (("low", first, scale), ("high", second, match["scale2"] or scale)):
        yield _Amount(start, end, at, figure * _scaled(told, unit, match), unit, money, edge)


def _is_range(text: str, sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether two figures are the ends of one: from 1 to 2 is a change, and two things may stand side by side."""
    before = text[max(sentence.start, match.start() - 8) : match.start()].lower().split()[-1:]
    if match["to"].lower() == "and" and before != ["between"]:
        return False
    one_unit = not match["unit"] or not (match["unit2"] or match["currency2"]) or match["unit"] == match["unit2"]
    known = match["currency"] or match["currency2"] or match["unit2"] or match["scale2"]
    return bool(before != ["from"] and one_unit and known)


def _amount(match: re.Match[str], which: str, figure: float, end: int) -> _Amount:
    currency = match[f"currency{which}"]
    unit = _unit(match, which)
    start = match.start(f"currency{which}") if currency else match.start(f"value{which}")
    minus = not which and (match["minus"] or (match["close"] and (match["open"] or match["inner"])))
    if minus:
        start = match.start("minus") if match["minus"] else min(start, match.start("value") - 1)
    value = figure * _scaled(match[f"scale{which}"], unit, match)
    return _Amount(start, end, match.start(f"value{which}"), -value if minus else value, unit, bool(currency))


def _scaled(scale: str | None, unit: str, match: re.Match[str]) -> float:
    cents = unit in ("per_share", "USD") and "cent" in f"{match['unit']} {match['unit2']}".lower()
    return 0.01 if cents else _SCALES.get((scale or "").lower(), 1.0)


def _unit(match: re.Match[str], which: str) -> str:
    told, currency = (match[f"unit{which}"] or "").lower(), match[f"currency{which}"]
    if told.startswith(("%", "per cent", "percent")):
        return "pct"
    if told.endswith("share"):
        return "per_share"
    if told in ("bps", "basis points"):
        return "bps"
    if told.startswith("cent"):
        return "USD"
    if currency:
        return _CURRENCIES.get(currency.lower(), "other")
    return "shares" if told == "shares" else "count"


def _number(text: str, sentence: Sentence, amount: _Amount) -> KeyNumber | None:
    """Return an amount with what it measures, or None where that is not told."""
    words, word = sentence.words, bisect_left(sentence.ends, amount.at + 1)
    money = amount.money or amount.unit == "USD"
    unit = "per_share" if money and _of_a_share(words, word) else amount.unit
    metric, at = _metric(words, word, unit)
    if not money and (metric is None or (unit == "count" and (metric not in _COUNTED or _is_year(amount.value)))):
        return None
    basis = _basis(words, word)
    if amount.edge and basis == "guidance_point":
        basis = f"guidance_{amount.edge}"
    end = amount.start + len(text[amount.start : amount.end].rstrip())
    return KeyNumber(
        metric=_qualified(metric or "other", unit, basis),
        value=-amount.value if amount.value > 0 and _is_below(words, word, metric, at, unit) else amount.value,
        unit=unit,
        basis=basis,
        period=_period(text, sentence, amount),
        evidence=Quote(quote=text[amount.start : end], start=amount.start, end=end),
    )


def _is_year(value: float) -> bool:
    return value in _YEARS


def _metric(words: Sequence[str], place: int, unit: str) -> tuple[str | None, int]:
    """Return the metric nearest to a word, the one before it where two are as near, and where it stands."""
    for distance in range(1, METRIC_REACH + 1):
        for near in (place - distance, place + distance):
            metric = _METRICS.get(words[near]) if 0 <= near < len(words) else None
            # A share is then what the amount is divided by; and what is bought with an amount is not bought for it.
            beside = metric == "shares" and unit == "per_share"
            bought = words[near : near + 1] in _BOUGHT and "for" not in words[max(0, place - 4) : place]
            if metric is not None and not beside and not bought:
                net = metric != "net_income" or near == 0 or words[near - 1] not in _OTHER_INCOME
                return (metric if net else "other"), near
    return None, place


def _of_a_share(words: Sequence[str], place: int) -> bool:
    """Whether a share is what an amount is of: earnings per share of 1 dollar."""
    before = list(words[max(0, place - 4) : place])
    return "share" in before and before[max(0, before.index("share") - 1)] in ("per", "a")


def _is_below(words: Sequence[str], place: int, metric: str | None, at: int, unit: str) -> bool:
    """Whether a figure is a loss, or a change downwards."""
    if unit == "pct" and metric != "margin":
        near = (*words[max(0, place - 3) : place], *words[place + 1 : place + 3])
        return not _DOWN.isdisjoint(near)
    return metric == "net_income" and words[at] in _LOSSES and unit != "pct"


def _qualified(metric: str, unit: str, basis: str) -> str:
    if unit == "per_share" and metric in ("net_income", "shares", "other"):
        metric = "eps"
    return f"guidance_{metric}" if metric in ("revenue", "eps") and basis.startswith("guidance") else metric


def _basis(words: Sequence[str], place: int) -> str:
    """Return what a figure is by the nearest word that says so: it happened, was expected, was before, or is guided."""
    after = words[place + 1 : place + 7]
    if any(pair in (("year", "ago"), ("year", "earlier")) for pair in pairwise(after)):
        return "prior"
    if not _PRIOR.isdisjoint(words[max(0, place - 3) : place]):
        beside = (*words[max(0, place - 4) : place], *after[:3])
        return "consensus" if not _CONSENSUS.isdisjoint(beside) else "prior"
    for near in range(place - 1, max(-1, place - 1 - _BASIS_REACH), -1):
        word = words[near]
        if word in _CONSENSUS:
            return "consensus"
        if word in _OUTLOOK and words[max(0, near - 1) : near] != ("than",):
            return "consensus" if not _CONSENSUS.isdisjoint(words[max(0, near - 3) : near]) else "guidance_point"
        if word in _ACTUAL:
            break
    return "actual"


def _period(text: str, sentence: Sentence, amount: _Amount) -> str:
    """Return the time nearest to an amount, as the sentence says it."""
    lo, hi = max(sentence.start, amount.start - _PERIOD_REACH), min(sentence.end, amount.end + _PERIOD_REACH)
    best, told = _PERIOD_REACH + 1, ""
    for match in _PERIOD.finditer(text, lo, hi):
        apart = amount.start - match.end() if match.end() <= amount.start else match.start() - amount.end
        if 0 <= apart < best:
            best, told = apart, match.group().strip()
    return told


def eps_surprise(text: str, sentence: Sentence) -> Surprise | None:
    """Return by how much told earnings a share differ from told expectations, or None where both are not told."""
    if "share" not in sentence.words and "eps" not in sentence.words:
        return None
    match = _EPS_PAIR.search(text, sentence.start, sentence.end)
    if match is None:
        return None
    actual, consensus, gap = _told(match, "actual"), _told(match, "consensus"), _told(match, "gap")
    if match["what"].lower() == "loss":
        actual, consensus = -actual, -consensus
    if match["way"]:
        consensus = actual + (gap if match["way"].lower().startswith("miss") else -gap)
    return Surprise((actual - consensus) / max(abs(consensus), _FLOOR), match.start(), match.end())


def _told(match: re.Match[str], name: str) -> float:
    return float(match[f"{name}_cents"]) / 100.0 if match[f"{name}_cents"] else float(match[name] or 0.0)


def price_move(sentence: Sentence, at: int) -> float:
    """Return the percentage told within a few words after a word, 0 where there is none."""
    words = sentence.words
    for place in range(at + 1, min(len(words), at + 1 + METRIC_REACH)):
        told = words[place].endswith("%") or words[place + 1 : place + 2] in _PERCENTS
        if told and (figure := figure_of(words[place])) is not None:
            return figure
    return 0.0
