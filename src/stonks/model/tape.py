"""Tapes: recorded input in plain text, with when each piece became known. Reading is here; files are someone else's."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec

from stonks.model.company import Company, CompanyEdge
from stonks.model.document import Action, DocumentType
from stonks.model.errors import Malformed
from stonks.model.market import Bar, CalendarEvent, Session

POLL = timedelta(minutes=15)
"""How often a tape's sources are polled; a document becomes due at the first such instant after it is known."""

S = TypeVar("S", bound=msgspec.Struct)
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TapeSpan(msgspec.Struct, frozen=True):
    """The part of time a tape tells, [start, end)."""

    start: Instant
    end: Instant


class TapeSource(msgspec.Struct, frozen=True):
    """A feed whose documents are on a tape."""

    name: str
    title: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a tape says of itself."""

    name: str
    title: str
    universe: tuple[str, ...]
    span: TapeSpan
    sources: tuple[TapeSource, ...]


class TapeDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one document as a line of ``documents.jsonl``.

    Its text stands in ``body`` or in the file ``body_file`` names, relative to the tape. What has no ``known_at`` is
    kept but never served.
    """

    source: str
    external_id: str
    revision: int = 1
    action: Action = Action.CREATED
    kind: DocumentType
    publisher: str
    url: str | None = None
    published_at: Instant | None = None
    known_at: Instant | None = None
    content_type: str = "text/plain"
    language: str | None = None
    title: str = ""
    body: str | None = None
    body_file: str | None = None
    tickers: tuple[str, ...] = ()


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    ticker: str | None = None
    day: date | None = msgspec.field(default=None, name="date")
    ex_date: date | None = None
    when: str | None = None
    released_at: str | None = None
    cash: Decimal | None = None
    known_at: Instant


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """All that a tape holds but the bodies in files of their own, each part in the order of its ``known_at``."""

    manifest: Manifest
    documents: tuple[TapeDocument, ...]
    bars: tuple[Bar, ...]
    events: tuple[CalendarEvent, ...]
    companies: tuple[Company, ...]
    edges: tuple[CompanyEdge, ...] = ()
    sessions: tuple[Session, ...]

    @property
    def undated(self) -> int:
        """How many documents a replay never serves, because nobody knows when they were known."""
        return sum(document.known_at is None for document in self.documents)

    def due_times(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the poll instants in (start, end] at which a document known after ``start`` becomes due."""
        known = (document.known_at for document in self.documents if document.known_at is not None)
        return sorted({due for at in known if at > start and (due := poll_time(at)) <= end})


def poll_time(known_at: datetime) -> datetime:
    """Return the first poll instant at which something known at this instant is there."""
    return known_at + (_EPOCH - known_at) % POLL


def parse_manifest(text: str) -> Manifest:
    """Return what a ``manifest.toml`` says."""
    try:
        return msgspec.convert(tomllib.loads(text), Manifest)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise Malformed(f"manifest.toml: {wrong}") from wrong


def parse_documents(data: bytes) -> tuple[TapeDocument, ...]:
    """Return the documents of a ``documents.jsonl``, by when they were known; undated ones last."""
    documents = _lines(data, TapeDocument, "documents.jsonl")
    last = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(documents, key=lambda one: (one.known_at or last, one.source, one.external_id, one.revision)))


def parse_events(data: bytes) -> tuple[CalendarEvent, ...]:
    """Return the dated facts of a ``calendar.jsonl``, by when they were known."""
    events = (_event(line) for line in _lines(data, _Event, "calendar.jsonl"))
    return tuple(sorted(events, key=lambda event: (event.known_at, event.type, event.ticker or "", event.day)))


def _event(line: _Event) -> CalendarEvent:
    day = line.day or line.ex_date
    if day is None:
        raise Malformed(f"calendar.jsonl: a {line.type} of {line.ticker} has no date")
    return CalendarEvent(
        type=line.type,
        ticker=line.ticker,
        day=day,
        when=line.when or line.released_at,
        amount=line.cash,
        known_at=line.known_at,
    )


def parse_sessions(text: str) -> tuple[Session, ...]:
    """Return the trading days of a ``sessions.csv``, in order."""
    return tuple(sorted(_table(text, Session, "sessions.csv"), key=lambda session: session.day))


class _DailyBar(msgspec.Struct, frozen=True):
    ticker: str
    date: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def parse_bars(text: str, sessions: Sequence[Session]) -> tuple[Bar, ...]:
    """Return the daily bars of a ``bars.csv``, each known when its session closes, in that order."""
    by_day = {session.day: session for session in sessions}
    bars = [_bar(row, by_day.get(row.date)) for row in _table(text, _DailyBar, "bars.csv")]
    return tuple(sorted(bars, key=lambda bar: (bar.known_at, bar.ticker)))


def _bar(row: _DailyBar, session: Session | None) -> Bar:
    if session is None:
        raise Malformed(f"bars.csv: {row.ticker} has a bar on {row.date}, which is no session of sessions.csv")
    return Bar(
        ticker=row.ticker,
        resolution="1d",
        starts_at=session.opens_at,
        ends_at=session.closes_at,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        known_at=session.closes_at,
    )


class _CompanyRow(msgspec.Struct, frozen=True):
    ticker: str
    name: str
    cik: str
    gics_sector: str
    gics_sub_industry: str
    aliases: str


def parse_companies(text: str) -> tuple[Company, ...]:
    """Return the companies of a ``companies.csv``, by ticker; aliases are separated by ``|``."""
    rows = sorted(_table(text, _CompanyRow, "companies.csv"), key=lambda row: row.ticker)
    return tuple(
        Company(
            ticker=row.ticker,
            name=row.name,
            cik=row.cik or None,
            sector=row.gics_sector,
            sub_industry=row.gics_sub_industry,
            aliases=tuple(alias for alias in row.aliases.split("|") if alias),
        )
        for row in rows
    )


def parse_edges(text: str) -> tuple[CompanyEdge, ...]:
    """Return the relations of an ``edges.csv``; the relation says what ``src`` is to ``dst``."""
    return tuple(sorted(_table(text, CompanyEdge, "edges.csv"), key=lambda edge: (edge.src, edge.dst, edge.relation)))


def _lines(data: bytes, shape: type[S], file: str) -> Iterator[S]:
    decoder = msgspec.json.Decoder(shape)
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError as wrong:
            raise Malformed(f"{file}:{number}: {wrong}") from wrong


def _table(text: str, shape: type[S], file: str) -> Iterator[S]:
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            yield msgspec.convert(row, shape, strict=False)
        except msgspec.ValidationError as wrong:
            raise Malformed(f"{file}:{number}: {wrong}") from wrong
