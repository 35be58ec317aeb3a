"""A file that was read as a document would be."""

from datetime import datetime

import msgspec

from stonks.model.document import DocumentStatus, DocumentType, Mention, Section


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the parser would store for a file, and the state in which the document would end or go on."""

    path: str
    kind: DocumentType
    content_type: str = ""
    form: str | None = None
    title: str = ""
    text: str = ""
    published_at: datetime | None = None
    language: str | None = None
    quality: float = 0.0
    flags: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    items: tuple[Section, ...] = ()
    status: DocumentStatus = DocumentStatus.FAILED
    reason: str | None = None
