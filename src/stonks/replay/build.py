"""Builds a tape from recorded data: news, daily bars, filings and Federal Reserve statements of 20 Dow stocks."""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from stonks.model.document import DocumentType
from stonks.model.errors import Refused
from stonks.model.tape import TapeDocument, parse_companies

_NEW_YORK = ZoneInfo("America/New_York")
_DELAY = timedelta(seconds=60)
_FILED_AT = time(16, 5)
_MISLABELLED = frozenset({"MarketWatch", "DowJones", "Finnhub", "SeekingAlpha"})
"""Publishers whose New York clock times the recorded feed labels as UTC: the same story stands four hours earlier under
them than under others, and their reports of a close are dated before it."""

_MANIFEST = """\
name = "djia-2025"
title = "Twenty Dow stocks, {start} to {end}"
licence = "not for redistribution: texts belong to their publishers"
universe = {universe}
real = ["Headlines, descriptions, publishers and times; daily bars; filings; Federal Reserve statements."]
written = [
  "known_at: published_at and a minute; filings at 16:05 New York on their filing date.",
  "Aliases and relations of companies; dates of results.",
]
notes = ["Times of {mislabelled} are recorded as New York's clock under the name of UTC, and are corrected here."]

[span]
start = {starts_at}
end = {ends_at}

[[sources]]
name = "finnhub"
title = "News, headline and description"

[[sources]]
name = "polygon"
title = "News, headline and description"

[[sources]]
name = "federal_reserve"
title = "Statements of the Federal Open Market Committee"

[[sources]]
name = "edgar"
title = "Annual and quarterly reports"
"""


def build_djia(source: Path, out: Path, start: date, end: date) -> int:
    """Write the tape of [start, end] into an empty directory and return how many documents it has.

    Raises:
        Refused: the data is not where it should be, or the directory is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Refused(f"{out} is not empty")
    if not (source / "djia-2025").is_dir():
        raise Refused(f"{source} has no djia-2025 folder")
    out.mkdir(parents=True, exist_ok=True)
    bundled = Path(str(files("stonks.tapes"))) / "april-2025"
    for name in ("companies.csv", "edges.csv", "sessions.csv", "calendar.jsonl"):
        shutil.copyfile(bundled / name, out / name)
    universe = [company.ticker for company in parse_companies((out / "companies.csv").read_text())]
    _write_bars(source / "djia-2025" / "bars_daily.csv", out / "bars.csv", universe)
    _write_manifest(out / "manifest.toml", universe, start, end)
    documents = [
        *_finnhub(source / "djia-2025" / "news_finnhub.jsonl.gz"),
        *_polygon(source / "djia-2025" / "news_polygon.jsonl.gz", universe),
        *_statements(source / "fomc-statements" / "fomc_statements_2025_jan_may.json"),
        *_filings(source / "filings-html" / "2024-2025", out, universe, start, end),
    ]
    return _write_documents(out / "documents.jsonl", documents, start, end)


def _write_bars(source: Path, target: Path, universe: list[str]) -> None:
    with source.open(newline="") as recorded, target.open("w", newline="") as written:
        rows = (row for row in csv.DictReader(recorded) if row["symbol"] in universe)
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(("ticker", "date", "open", "high", "low", "close", "volume"))
        for row in rows:
            volume = row["volume"].removesuffix(".0")
            writer.writerow((row["symbol"], row["date"], row["open"], row["high"], row["low"], row["close"], volume))


def _write_manifest(target: Path, universe: list[str], start: date, end: date) -> None:
    text = _MANIFEST.format(
        start=start,
        end=end,
        universe=json.dumps(universe),
        mislabelled=", ".join(sorted(_MISLABELLED)),
        starts_at=_midnight(start).isoformat(),
        ends_at=_midnight(end + timedelta(days=1)).isoformat(),
    )
    target.write_text(text)


def _write_documents(target: Path, documents: list[TapeDocument], start: date, end: date) -> int:
    first, last = _midnight(start), _midnight(end + timedelta(days=1))
    kept = [one for one in documents if one.known_at is None or first <= one.known_at < last]
    kept.sort(key=lambda one: (one.known_at or last, one.source, one.external_id))
    target.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in kept))
    return len(kept)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _NEW_YORK).astimezone(UTC)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _known(published_at: datetime | None) -> datetime | None:
    return published_at and published_at + _DELAY


def _finnhub(path: Path) -> Iterator[TapeDocument]:
    for item in _lines(path):
        published = _instant(item["published_at"])
        if published is not None and item["source"] in _MISLABELLED:
            published = published.replace(tzinfo=_NEW_YORK).astimezone(UTC)
        yield TapeDocument(
            source="finnhub",
            external_id=str(item["id"]),
            kind=DocumentType.NEWS,
            publisher=item["source"],
            url=item["url"],
            published_at=published,
            known_at=_known(published),
            title=item["title"],
            body=item["description"],
            tickers=tuple(item["symbols"]),
        )


def _polygon(path: Path, universe: list[str]) -> Iterator[TapeDocument]:
    for item in _lines(path):
        published = _instant(item["published_utc"])
        yield TapeDocument(
            source="polygon",
            external_id=item["id"],
            kind=DocumentType.NEWS,
            publisher=item["publisher"]["name"],
            url=item["article_url"],
            published_at=published,
            known_at=_known(published),
            title=item["title"],
            body=item.get("description", ""),
            tickers=tuple(ticker for ticker in item["tickers"] if ticker in universe),
        )


def _statements(path: Path) -> Iterator[TapeDocument]:
    for item in json.loads(path.read_text()):
        published = _instant(item["released_at"])
        yield TapeDocument(
            source="federal_reserve",
            external_id=f"fomc-{item['date']}",
            kind=DocumentType.MACRO_EVENT,
            publisher="Federal Reserve",
            url=item["url"],
            published_at=published,
            known_at=_known(published),
            title=item["title"],
            body=item["text"],
        )


def _filings(folder: Path, out: Path, universe: list[str], start: date, end: date) -> Iterator[TapeDocument]:
    """Copy the reports filed in the span; a name is TICKER-FORM-DATE, as in ``crm-10-k-2025-03-05.html.gz``."""
    for file in sorted(folder.glob("*.html.gz")):
        ticker, _, rest = file.name.removesuffix(".html.gz").partition("-")
        form, day = rest[:-11].upper(), date.fromisoformat(rest[-10:])
        if ticker.upper() not in universe or not start <= day <= end:
            continue
        (out / "bodies").mkdir(exist_ok=True)
        (out / "bodies" / file.name).write_bytes(_repacked(file.read_bytes()))
        filed_at = datetime.combine(day, _FILED_AT, _NEW_YORK).astimezone(UTC)
        yield TapeDocument(
            source="edgar",
            external_id=file.name.removesuffix(".html.gz"),
            kind=DocumentType.FILING,
            publisher="SEC EDGAR",
            published_at=filed_at,
            known_at=_known(filed_at),
            content_type="text/html",
            title=f"{ticker.upper()} {form} filed {day}",
            body_file=f"bodies/{file.name}",
            tickers=(ticker.upper(),),
        )


def _repacked(packed: bytes) -> bytes:
    """The same content without the time and name that gzip keeps, so that two builds are equal."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as repacked:
        repacked.write(gzip.decompress(packed))
    return buffer.getvalue()


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
