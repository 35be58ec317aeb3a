"""One document read from bytes to text and signature: the whole of what may go wrong with a page, in one call."""

from functools import lru_cache

import msgspec

from stonks.model.company import Company
from stonks.model.document import Document, DocumentStatus, Parsed
from stonks.stages.parser.core import parse
from stonks.stages.parser.core.duplicates import signature_of
from stonks.stages.parser.core.mentions import Gazetteer


class Read(msgspec.Struct, frozen=True):
    """A document as the core reads it; the signature is empty where it ends here."""

    parsed: Parsed
    signature: bytes


def packed(universe: list[Company]) -> bytes:
    """Return the companies that are followed, as ``read`` takes them: the same companies are the same bytes."""
    return msgspec.msgpack.encode(universe)


def read(document: Document, raw: bytes, universe: bytes) -> Read:
    """Return what a document's raw bytes say of a packed universe."""
    parsed = parse(document, raw, _gazetteer(universe))
    return Read(parsed, signature_of(parsed.text) if parsed.status is DocumentStatus.PARSED else b"")


@lru_cache(maxsize=1)
def _gazetteer(universe: bytes) -> Gazetteer:
    return Gazetteer(msgspec.msgpack.decode(universe, type=list[Company]))
