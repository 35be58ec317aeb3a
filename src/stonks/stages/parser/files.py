"""Files of a disk read as documents, without a database: to look at a page, and to measure the parser from outside."""

import asyncio
import gzip
import re
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stonks.model.company import Company
from stonks.model.document import Action, Document, DocumentType
from stonks.model.file import FileRead
from stonks.model.identity import content_hash, document_id
from stonks.ports.pool import Pool
from stonks.stages.parser.core.filings import NO_ITEMS
from stonks.stages.parser.core.filings.fallback import is_installed
from stonks.stages.parser.core.reader import Read, packed, read, read_twice
from stonks.stages.parser.core.text import MOST_BYTES

_AT_ONCE = 16  # files asked for ahead of the one whose turn it is
_NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)  # when a file became known does not matter to its reading
_HEAD = 60_000  # bytes in which a file says what it is

_TYPES = {
    ".htm": "text/html",
    ".html": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".json": "application/json",
    ".md": "text/markdown",
    ".txt": "text/plain",
}
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|table)\b", re.IGNORECASE)
_FILING = re.compile(
    rb"<SEC-(?:DOCUMENT|HEADER)>|<TYPE>(?:10|8|20|6)-?[KQF]|xmlns:ix="
    rb"|SECURITIES\s+(?:AND|&(?:amp;)?)\s+EXCHANGE\s+COMMISSION.{0,4000}?FORM(?:\s|&nbsp;|&#160;|<[^>]{0,300}>)+"
    rb"(?:10|8|20|6)-?[KQF]",
    re.IGNORECASE | re.DOTALL,
)


class FileReader:
    """Reads files in the pool's children: none of them can stop, hang or bring down whoever asks."""

    def __init__(self, pool: Pool, universe: Sequence[Company], kind: DocumentType | None = None) -> None:
        """Find these companies; without a kind each file is a filing if it says so, and news if not."""
        self._pool, self._universe, self._kind = pool, packed(list(universe)), kind

    async def read_all(self, paths: Iterable[Path]) -> AsyncIterator[FileRead]:
        """Yield what each file says, in the order given, several being read at a time."""
        waiting: deque[asyncio.Task[FileRead]] = deque()
        try:
            for path in paths:
                waiting.append(asyncio.create_task(self.read(path)))
                if len(waiting) >= _AT_ONCE:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()

    async def read(self, path: Path) -> FileRead:
        """Return what a file says; what cannot be read, or brings down its reader, is an answer too."""
        found = await self._answer(read_file, path)
        if NO_ITEMS not in found.flags or not is_installed():
            return found
        again = await self._answer(read_file_twice, path)
        return again if again.text else msgspec.structs.replace(found, flags=(*found.flags, "second_opinion_failed"))

    async def _answer(self, how: Callable[[str, DocumentType | None, bytes], FileRead], path: Path) -> FileRead:
        call = self._pool.run(how, str(path), self._kind, self._universe)
        (answer,) = await asyncio.gather(call, return_exceptions=True)
        if isinstance(answer, FileRead):
            return answer
        if not isinstance(answer, Exception):
            raise answer
        return _failed(str(path), self._kind, f"{type(answer).__name__}: {answer}")


def read_file(path: str, kind: DocumentType | None, universe: bytes) -> FileRead:
    """Return what a file says."""
    return _file(path, kind, universe, read)


def read_file_twice(path: str, kind: DocumentType | None, universe: bytes) -> FileRead:
    """Return the same of a filing whose items our own way does not find, with edgartools' opinion on them."""
    return _file(path, kind, universe, read_twice)


def _file(
    path: str, kind: DocumentType | None, universe: bytes, how: Callable[[Document, bytes, bytes], Read]
) -> FileRead:
    try:
        data = _bytes_of(Path(path))
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return _failed(path, kind, f"cannot be read: {why}")
    document = document_in(path, data, kind)
    parsed = how(document, data, universe).parsed
    return FileRead(
        path=_printable(path),
        kind=document.document_type,
        content_type=document.content_type,
        form=parsed.form,
        title=parsed.title,
        text=parsed.text,
        published_at=parsed.published_at,
        language=parsed.language,
        quality=parsed.quality,
        flags=parsed.flags,
        mentions=parsed.mentions,
        items=parsed.items,
        status=parsed.status,
        reason=parsed.status_reason,
    )


def _failed(path: str, kind: DocumentType | None, reason: str) -> FileRead:
    return FileRead(path=_printable(path), kind=kind or DocumentType.NEWS, reason=_printable(reason))


def _printable(text: str) -> str:
    """Return a name that need not be UTF-8 as text that is."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _bytes_of(path: Path) -> bytes:
    """Return a file's bytes, unpacked, up to one more than are ever read."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def document_in(path: str, data: bytes, kind: DocumentType | None = None) -> Document:
    """Return a file as the document that a source would have brought."""
    head = data[:_HEAD]
    return Document(
        id=document_id("file", _printable(path), 1),
        source="file",
        external_id=_printable(path),
        revision=1,
        action=Action.CREATED,
        document_type=kind or (DocumentType.FILING if _FILING.search(head) else DocumentType.NEWS),
        publisher="",
        url=None,
        title="",
        published_at=None,
        known_at=_NO_INSTANT,
        content_hash=content_hash(data),
        raw_sha256=content_hash(data),
        content_type=_content_type(path, head),
    )


def _content_type(path: str, head: bytes) -> str:
    """Return what a file is: what its name says, unless that is plain text with a page in it, or nothing."""
    told = _TYPES.get(Path(path.removesuffix(".gz")).suffix.lower())
    if told not in {None, "text/plain"}:
        return str(told)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "application/octet-stream"
    if _MARKUP.search(head):
        return "text/html"
    return told or ("application/json" if head.lstrip()[:1] == b"{" else "text/plain")
