"""Decides what a document says, whom it names, how good it is and whether it goes on."""

from enum import StrEnum

from stonks.model.document import Document, DocumentStatus, DocumentType, Mention, Parsed
from stonks.model.errors import Malformed
from stonks.stages.parser.core.duplicates import SHORT
from stonks.stages.parser.core.filings import Opinion, Outline, outline_of, read_filing
from stonks.stages.parser.core.language import SURE, language_of
from stonks.stages.parser.core.mentions import Gazetteer
from stonks.stages.parser.core.page import read_page
from stonks.stages.parser.core.quality import LOWEST, features_of, is_paywall, is_solicitation, score
from stonks.stages.parser.core.reading import Reading, read_item, read_plain
from stonks.stages.parser.core.text import MOST_BYTES


class Rejection(StrEnum):
    """Why a document ends at the parser."""

    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    TOO_SHORT = "too short"
    LANGUAGE = "unsupported language"
    SPAM = "spam"
    PAYWALL = "paywall"
    QUALITY = "low quality"
    NO_COMPANY = "no tracked company"


COPY = "same text as an earlier document"
"""Why a document ends as a duplicate."""

CROWDED = "crowded"
"""Flag of a text that names companies at more places than are looked at."""

_FEWEST_WORDS = 3
_NOTICE = 20_000  # bytes up to which a page of a filing is a notice of it, not the report


def parse(document: Document, raw: bytes, gazetteer: Gazetteer, opinion: Opinion | None = None) -> Parsed:
    """Return what a document's raw bytes say, with a status that is PARSED or an end state and its reason.

    Args:
        document: what is known of it.
        raw: its bytes.
        gazetteer: finds the companies that are followed.
        opinion: finds the items of a filing where our own way does not.
    """
    if len(raw) > MOST_BYTES:
        return _unread(document, Rejection.TOO_LARGE)
    try:
        reading = _read(document, raw)
    except Malformed:
        return _unread(document, Rejection.UNREADABLE)
    return _judge(document, reading, gazetteer, opinion)


def _read(document: Document, raw: bytes) -> Reading:
    kind = document.content_type.partition(";")[0].strip().lower()
    is_report = document.document_type is DocumentType.FILING and len(raw) > _NOTICE
    match kind:
        case "application/json":
            return read_item(raw, document.title)
        case "text/html" | "application/xhtml+xml":
            return read_filing(raw, document.title) if is_report else read_page(raw, document.title)
        case "text/plain" | "text/markdown":
            return read_filing(raw, document.title, html=False) if is_report else read_plain(raw, document.title)
        case _:
            raise Malformed(f"nothing here reads {kind}")


def _judge(document: Document, reading: Reading, gazetteer: Gazetteer, opinion: Opinion | None) -> Parsed:
    text = f"{reading.title}\n\n{reading.body}" if reading.title and reading.body else reading.title or reading.body
    body_start = len(text) - len(reading.body)
    is_filing = document.document_type is DocumentType.FILING
    outline = outline_of(text, document.title, opinion) if is_filing else Outline()
    mentions, whole = gazetteer.search(text, body_start)
    language, confidence = language_of(reading.title, reading.body) if text else ("en", 0.0)
    features = features_of(reading, document.publisher, len(mentions))
    quality = score(features)
    reason = _rejection(document, reading, (language, confidence, quality), mentions)
    flags = reading.flags | outline.flags | {flag for flag in ("injection", "disguised", "template") if features[flag]}
    flags |= frozenset() if whole else {CROWDED}
    return Parsed(
        title=reading.title,
        text=text,
        body_start=body_start,
        language=language,
        language_confidence=confidence,
        quality=quality,
        features=features,
        flags=tuple(sorted(flags)),
        mentions=mentions,
        published_at=document.published_at or reading.published_at,
        status=DocumentStatus.REJECTED if reason else DocumentStatus.PARSED,
        status_reason=reason,
        form=outline.kind.name if outline.kind else None,
        items=outline.items,
    )


def _rejection(
    document: Document, reading: Reading, judged: tuple[str, float, float], mentions: tuple[Mention, ...]
) -> Rejection | None:
    language, confidence, quality = judged
    words = len(reading.title.split()) + len(reading.body.split())
    checks = (
        (Rejection.EMPTY, words == 0),
        (Rejection.TOO_SHORT, words < _FEWEST_WORDS),
        (Rejection.LANGUAGE, language != "en" and confidence > SURE),
        (Rejection.SPAM, document.document_type is not DocumentType.FILING and is_solicitation(reading)),
        (Rejection.PAYWALL, is_paywall(reading)),
        (Rejection.QUALITY, quality < LOWEST),
        (Rejection.NO_COMPANY, document.document_type is not DocumentType.MACRO_EVENT and not mentions),
    )
    return next((reason for reason, applies in checks if applies), None)


def _unread(document: Document, reason: Rejection) -> Parsed:
    return Parsed(
        title=document.title,
        text="",
        body_start=0,
        language=document.language or "en",
        language_confidence=0.0,
        quality=0.0,
        features={},
        flags=(),
        mentions=(),
        published_at=document.published_at,
        status=DocumentStatus.REJECTED,
        status_reason=reason,
    )


__all__ = ["COPY", "SHORT", "Gazetteer", "Rejection", "parse"]
