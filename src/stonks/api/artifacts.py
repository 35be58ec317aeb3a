"""Bytes and texts of documents from the object store, and quotes looked up in them."""

import re

from stonks.api.answers.signals import QuoteInContext
from stonks.model.document import Quote
from stonks.model.errors import Refused
from stonks.ports.objects import Objects

_CONTEXT = 240
_SENTENCE_END = re.compile(r"[.!?]['\")\]]*\s+|\n+")


def object_key(kind: str, sha256: str) -> str:
    """Return the key of an artifact: ``raw`` or ``normalized`` under its hash."""
    return f"{kind}/sha256/{sha256[:2]}/{sha256[2:]}"


async def normalized_text(objects: Objects, sha256: str | None) -> str | None:
    """Return the text that offsets refer to, or None where it was never made or is gone."""
    if sha256 is None:
        return None
    try:
        return (await objects.get(object_key("normalized", sha256))).decode()
    except Refused:
        return None


def in_context(quote: Quote, text: str | None) -> QuoteInContext:
    """Return a quote between the rest of its sentences, checked against the text just now."""
    verbatim = text is not None and quote.end > quote.start >= 0 and text[quote.start : quote.end] == quote.quote
    before, after = _around(text, quote.start, quote.end) if text is not None and verbatim else ("", "")
    return QuoteInContext(
        quote=quote.quote, start=quote.start, end=quote.end, before=before, after=after, verbatim=verbatim
    )


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a range up to the ends of its sentences and their neighbours."""
    head = text[max(0, start - _CONTEXT) : start]
    tail = text[end : end + _CONTEXT]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if len(ends) > 1:
        head = head[ends[-2] :]
    stops = [match.start() + 1 for match in _SENTENCE_END.finditer(tail)]
    if len(stops) > 1:
        tail = tail[: stops[1]]
    return head.lstrip("\n"), tail.rstrip("\n")
