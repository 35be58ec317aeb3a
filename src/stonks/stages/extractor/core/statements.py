"""A company's own figures in the tables of its press release: sales, net income and earnings a share, now and before.

The first column is this year's and the next one the year's before where the table's head says so; else nothing is read.
Amounts of money are read only where the text says in what they are stated.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from stonks.model.document import Quote
from stonks.model.signal import KeyNumber

MOST_TEXT = 60_000
"""Characters in which the first statement of a release stands."""

_ROWS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("revenue", re.compile(r"(?:total |net )*(?:sales|revenues?)\b", re.IGNORECASE)),
    ("net_income", re.compile(r"net (?:income|earnings|loss|\(loss\) income|income \(loss\))(?: |$)", re.IGNORECASE)),
    (
        "eps",
        re.compile(r"(?:earnings per share\W+)?(?:- )?diluted\b(?!.*(?:weighted|shares outstanding))", re.IGNORECASE),
    ),
)
_SCALE = re.compile(r"\b(?:amounts? |dollars |\$ |shares )?in (thousands|millions|billions)\b", re.IGNORECASE)
_SCALES = {"thousands": 1e3, "millions": 1e6, "billions": 1e9}
_YEAR = re.compile(r"\b(?:20[0-4]\d)\b")
_DATE = re.compile(r"\b[A-Z][a-z]{2,8}\.? \d{1,2}, 20[0-4]\d\b|\b20[0-4]\d\b")
_VALUE = re.compile(
    r"(?P<open>\()?\s?\$?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\s?%)(?P<close>\s?\))?"
)
_BASES = ("actual", "prior")


class _Row(NamedTuple):
    """A row's label, where its cells begin, and where it ends."""

    label: str
    start: int
    end: int


def statement_numbers(text: str, body_start: int) -> tuple[KeyNumber, ...]:
    """Return the figures of the first statement that has them, those of now before those of then."""
    found: dict[str, list[KeyNumber]] = {}
    dates: list[str] = []
    end = min(len(text), body_start + MOST_TEXT)
    scaled = _SCALE.search(text, body_start, end)
    scale = _SCALES[scaled[1].lower()] if scaled else None
    for row in _rows(text, body_start, end):
        heads = _heads(text[row.start : row.end])
        if heads:
            dates = heads
        metric = next((name for name, pattern in _ROWS if pattern.match(row.label)), None)
        if metric is None or metric in found or not dates or (scale is None and metric != "eps"):
            continue
        numbers = list(_numbers(text, row, metric, dates, 1.0 if metric == "eps" else scale or 1.0))
        if len(numbers) == len(_BASES):
            found[metric] = numbers
    return tuple(number for metric, _ in _ROWS for number in found.get(metric, ()))


def _rows(text: str, start: int, end: int) -> Iterator[_Row]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if (bar := text.find(" | ", start, stop)) >= 0:
            yield _Row(text[start:bar].strip("| "), bar if text[start:bar].strip("| ") else start, stop)
        start = stop + 1


def _heads(cells: str) -> list[str]:
    """Return the dates above the columns where a row holds nothing else and each is later than the next."""
    dates = _DATE.findall(cells)
    if len(dates) < len(_BASES) or re.sub(r"[|\s()\d]", "", _DATE.sub("", cells)):
        return []
    years = [int(year) for date in dates for year in _YEAR.findall(date)]
    now, then = next(pairwise(years))
    return dates if now > then else []


def _numbers(text: str, row: _Row, metric: str, dates: list[str], scale: float) -> Iterator[KeyNumber]:
    values = list(_VALUE.finditer(text, row.start, row.end))
    if len(values) < len(_BASES) or len(values) > len(dates):
        return
    for basis, match, date in zip(_BASES, values, dates, strict=False):
        below = bool(match["open"] and match["close"])
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        value = float(match["digits"].replace(",", "")) * scale
        yield KeyNumber(
            metric=metric,
            value=-value if below else value,
            unit="per_share" if metric == "eps" else "USD",
            basis=basis,
            period=date,
            evidence=Quote(quote=text[start : match.end()], start=start, end=match.end()),
        )
