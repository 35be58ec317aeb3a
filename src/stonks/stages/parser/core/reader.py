"""One document read from bytes to text and signature: the whole of what may go wrong with a page, in one call."""

from functools import lru_cache

import msgspec

from stonks.model.company import Company
from stonks.model.document import Document, DocumentStatus, Mention, Parsed, Section
from stonks.stages.parser.core import parse
from stonks.stages.parser.core.duplicates import signature_of
from stonks.stages.parser.core.filings import Opinion
from stonks.stages.parser.core.filings.difference import packed as packed_sentences
from stonks.stages.parser.core.filings.fallback import located, second_opinion
from stonks.stages.parser.core.filings.forms import Kind, kind_of
from stonks.stages.parser.core.filings.neighbours import Neighbour, neighbours
from stonks.stages.parser.core.filings.sentences import sentences_of
from stonks.stages.parser.core.mentions import Gazetteer
from stonks.stages.parser.core.text import decode


class Read(msgspec.Struct, frozen=True):
    """A document as the core reads it; the signature is empty where it ends here.

    Of a filing that goes on there are its kind and its sentences, which are compared with those of the one before, and
    what the companies it names are to the one whose it is.
    """

    parsed: Parsed
    signature: bytes
    kind: Kind | None = None
    sentences: bytes = b""
    neighbours: tuple[Neighbour, ...] = ()


def packed(universe: list[Company]) -> bytes:
    """Return the companies that are followed, as ``read`` takes them: the same companies are the same bytes."""
    return msgspec.msgpack.encode(universe)


def mentions_in(universe: bytes, text: str, body_start: int) -> tuple[Mention, ...]:
    """Return the companies of a packed universe that a normalized text names."""
    return _gazetteer(universe).find(text, body_start)


def read(document: Document, raw: bytes, universe: bytes) -> Read:
    """Return what a document's raw bytes say of a packed universe."""
    return _read(document, raw, universe, None)


def read_twice(document: Document, raw: bytes, universe: bytes) -> Read:
    """Return the same of a filing whose items our own way does not find, with edgartools' opinion on them."""

    def opinion(text: str, kind: Kind) -> tuple[Section, ...]:
        return located(text, second_opinion(decode(raw, html=True), kind.form), kind.rules)

    return _read(document, raw, universe, opinion)


def _read(document: Document, raw: bytes, universe: bytes, opinion: Opinion | None) -> Read:
    parsed = parse(document, raw, _gazetteer(universe), opinion)
    if parsed.status is not DocumentStatus.PARSED:
        return Read(parsed, b"")
    signature = signature_of(parsed.text)
    kind = kind_of(parsed.form, "") if parsed.form else None
    if kind is None:
        return Read(parsed, signature)
    sentences = sentences_of(parsed.text, parsed.body_start, kind.rules, parsed.items)
    told = neighbours(parsed.text, kind.name, parsed.items, parsed.mentions)
    return Read(parsed, signature, kind, packed_sentences(sentences), told)


@lru_cache(maxsize=1)
def _gazetteer(universe: bytes) -> Gazetteer:
    return Gazetteer(msgspec.msgpack.decode(universe, type=list[Company]))
