"""Daily bars and splits as the recorded LEAN data has them: raw prices, times ten thousand."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

from stonks.model.market import Bar
from tests.fakes.facts import bar

_SCALE = 10_000
_EXACT = Decimal("0.0001")


def daily_bars(recorded: Path, ticker: str, first: date, last: date) -> list[Bar]:
    """Return the raw bars of the days from first to last, each with the hours of a summer day."""
    name = ticker.lower()
    with (
        ZipFile(recorded / "lean-bars" / "equity" / "usa" / "daily" / f"{name}.zip") as archive,
        archive.open(f"{name}.csv") as file,
    ):
        rows = [(datetime.strptime(row[0][:8], "%Y%m%d").date(), row) for row in csv.reader(TextIOWrapper(file))]  # noqa: DTZ007 - a date
    return [
        bar(
            day,
            (int(row[1]) / _SCALE, int(row[2]) / _SCALE, int(row[3]) / _SCALE, int(row[4]) / _SCALE),
            ticker=ticker,
            volume=int(row[5]),
        )
        for day, row in rows
        if first <= day <= last
    ]


def split_ratios(recorded: Path, ticker: str) -> dict[date, Decimal]:
    """Return new shares for one old, by the last day of the old ones: where the factor file's split factor changes."""
    path = recorded / "lean-bars" / "equity" / "usa" / "factor_files" / f"{ticker.lower()}.csv"
    rows = [(row[0], Decimal(row[2])) for row in csv.reader(path.read_text().splitlines())]
    return {
        datetime.strptime(day, "%Y%m%d").date(): (after / before).quantize(_EXACT)  # noqa: DTZ007 - a date
        for (day, before), (_, after) in pairwise(rows)
        if before and after != before
    }
