"""A tape as sources: serves what was recorded, each piece from the instant at which it was known."""

import asyncio
import gzip
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from stonks.adapters.sources.item import NewsItem
from stonks.model.document import FetchedDocument, Source
from stonks.model.errors import Malformed, Refused
from stonks.model.tape import (
    POLL,
    Tape,
    TapeDocument,
    parse_bars,
    parse_companies,
    parse_documents,
    parse_edges,
    parse_events,
    parse_manifest,
    parse_sessions,
    poll_time,
)
from stonks.ports.sources import Fetched

BARS = "bars"
CALENDAR = "calendar"
_FRESH = timedelta(minutes=15)
_IDLE = timedelta(days=1)
_START = datetime.min.replace(tzinfo=UTC)


class _Known(Protocol):
    @property
    def known_at(self) -> datetime | None: ...


K = TypeVar("K", bound=_Known)


class _Reel(Generic[K]):
    """One source's pieces in the order in which they became known."""

    def __init__(self, pieces: Sequence[K]) -> None:
        self._pieces = [piece for piece in pieces if piece.known_at is not None]
        self._known = [piece.known_at for piece in self._pieces if piece.known_at is not None]

    def between(self, after: datetime, until: datetime) -> list[tuple[datetime, K]]:
        """Return what became known in (after, until], each piece with when."""
        part = slice(bisect_right(self._known, after), bisect_right(self._known, until))
        return list(zip(self._known[part], self._pieces[part], strict=True))

    def next_at(self, now: datetime) -> datetime:
        """Return the poll instant at which the next piece is there; a finished reel is asked once a day."""
        at = bisect_right(self._known, now)
        return poll_time(self._known[at]) if at < len(self._known) else now + _IDLE


class TapeSources:
    """Every feed of a tape, its bars and its calendar, as sources that are polled."""

    def __init__(self, tape: Tape, directory: Path, *, after: datetime | None = None) -> None:
        """Serve this tape; of its documents only those known after an instant, of the rest all."""
        self.tape = tape
        self._directory = directory
        self._after = after
        names = [source.name for source in tape.manifest.sources]
        strangers = {document.source for document in tape.documents} - set(names)
        if strangers or {BARS, CALENDAR} & set(names):
            raise Malformed(f"manifest.toml: sources must be those of the documents, not {sorted(strangers or names)}")
        self._documents = {name: _Reel([d for d in tape.documents if d.source == name]) for name in names}
        self._bars = _Reel(tape.bars)
        self._events = _Reel(tape.events)

    def sources(self) -> Sequence[Source]:
        """Return one source a feed of the tape, and one each for its bars and its calendar."""
        after = self._after.isoformat() if self._after else None
        cursors = dict.fromkeys(self._documents, after) | {BARS: None, CALENDAR: None}
        return [
            Source(name=name, adapter="tape", cadence=POLL, freshness_slo=_FRESH, cursor=cursor)
            for name, cursor in cursors.items()
        ]

    async def fetch(self, source: Source, now: datetime) -> Fetched:
        """Return what became known after the source's cursor and by ``now``, oldest first."""
        after = datetime.fromisoformat(source.cursor) if source.cursor else _START
        cursor = max(after, now).isoformat()
        match source.name:
            case "bars":
                bars = tuple(bar for _, bar in self._bars.between(after, now))
                return Fetched(bars=bars, cursor=cursor, next_at=self._bars.next_at(now))
            case "calendar":
                events = tuple(event for _, event in self._events.between(after, now))
                return Fetched(events=events, cursor=cursor, next_at=self._events.next_at(now))
            case name if name in self._documents:
                reel = self._documents[name]
                documents = [await self._fetched(document, known_at) for known_at, document in reel.between(after, now)]
                return Fetched(documents=tuple(documents), cursor=cursor, next_at=reel.next_at(now))
            case name:
                raise Refused(f"the tape {self.tape.manifest.name} has no source {name}")

    async def _fetched(self, document: TapeDocument, known_at: datetime) -> FetchedDocument:
        raw, content_type = feed_item(document), "application/json"
        if document.body_file is not None:
            raw = await asyncio.to_thread(read_body, self._directory, document.body_file)
            content_type = document.content_type
        elif document.content_type != "text/plain":
            raw, content_type = (document.body or "").encode(), document.content_type
        return FetchedDocument(
            external_id=document.external_id,
            revision=document.revision,
            action=document.action,
            document_type=document.kind,
            publisher=document.publisher,
            published_at=document.published_at,
            known_at=known_at,
            content_type=content_type,
            raw=raw,
            title=document.title,
            url=document.url,
            language=document.language,
            feed_tickers=document.tickers,
        )


def feed_item(document: TapeDocument) -> bytes:
    """Return a document's text as the JSON that a news API would deliver."""
    item = NewsItem(
        id=document.external_id,
        title=document.title,
        body=document.body or "",
        publisher=document.publisher,
        published_at=document.published_at,
        url=document.url,
        language=document.language,
        tickers=document.tickers,
    )
    return item.encode()


def read_body(directory: Path, name: str) -> bytes:
    """Return the bytes of a body file, unpacked where its name ends in ``.gz``."""
    path = (directory / name).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise Malformed(f"documents.jsonl: the body file {name} lies outside the tape")
    data = _read(path)
    return gzip.decompress(data) if path.suffix == ".gz" else data


def open_tape(directory: Path, *, after: datetime | None = None) -> TapeSources:
    """Return the sources of the tape in a directory; ``after`` leaves out the documents known up to then."""
    return TapeSources(read_tape(directory), directory, after=after)


def read_tape(directory: Path) -> Tape:
    """Return what the tape in a directory holds, but for the bodies in files of their own.

    Raises:
        Refused: a part of the tape is missing.
        Malformed: a part is not what the format promises.
    """
    packed = directory / "documents.jsonl.gz"
    documents = gzip.decompress(_read(packed)) if packed.exists() else _read(directory / "documents.jsonl")
    sessions = parse_sessions(_text(directory / "sessions.csv"))
    return Tape(
        manifest=parse_manifest(_text(directory / "manifest.toml")),
        documents=parse_documents(documents),
        bars=parse_bars(_text(directory / "bars.csv"), sessions),
        events=parse_events(_read(directory / "calendar.jsonl")),
        companies=parse_companies(_text(directory / "companies.csv")),
        edges=parse_edges(_text(edges)) if (edges := directory / "edges.csv").exists() else (),
        sessions=sessions,
    )


def _text(path: Path) -> str:
    return _read(path).decode("utf-8")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise Refused(f"{path} is missing: no tape is there, or not all of it") from missing
