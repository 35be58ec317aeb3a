"""The same story twice: signatures that are alike when texts are, and where a document belongs among its like."""

import re
import struct
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import eq
from uuid import UUID

import msgspec

from stonks.stages.parser.core.folding import fold

_PERMUTATIONS = 128
_SEED = 42
_ALIKE = 0.5
_WORD = re.compile(r"\w+")
_LETTERS = bytes(ord(char.lower()) if (char := chr(byte)).isalnum() or char == "_" else ord(" ") for byte in range(256))
"""Latin-1 in lower case, and a blank for what is no part of a word."""
_FOREIGN = 0.2
"""The share of characters beyond Latin-1 from which on a text is read as characters."""
_BAND = struct.Struct("<QQ")  # four numbers of the signature, two by two
_MULTIPLIER, _UNSIGNED, _SIGN = 0x9E3779B97F4A7C15, 2**64 - 1, 2**63

SHORT = 600
"""Characters under which a text may be a template: the same words a day later tell another day."""

_SHORT_SPAN = timedelta(hours=20)
_LONG_SPAN = timedelta(days=14)


def signature_of(text: str) -> bytes:
    """Return the MinHash of a text's three-word shingles: 128 numbers of four bytes, as much alike as texts are."""
    from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue] # a compiled module without stubs

    words = _words(text)
    shingles = list(map(b" ".join, zip(words, words[1:], words[2:], strict=False)))
    sketch = RMinHash(_PERMUTATIONS, _SEED)
    sketch.update(shingles or [b" ".join(words)])
    return array("I", sketch.digest()).tobytes()


def _words(text: str) -> list[bytes]:
    """Return the words in lower case; bytes are split several times as fast as characters."""
    folded = fold(text)
    if folded.count(b"?") > _FOREIGN * len(folded):
        return [word.encode() for word in _WORD.findall(text.lower())]
    return folded.translate(_LETTERS).split()


def bands_of(signature: bytes) -> list[int]:
    """Return 32 signed 64-bit hashes; texts that are alike share one of them almost surely; none of no signature."""
    return [((one * _MULTIPLIER + other) & _UNSIGNED) - _SIGN for one, other in _BAND.iter_unpack(signature)]


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated share of shingles that two texts have in common."""
    equal: int = sum(map(eq, array("I", one), array("I", other)))
    return equal / _PERMUTATIONS


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its like see it; ``head_known_at`` is when the first document of its story was known."""

    id: UUID
    known_at: datetime
    signature: bytes
    text_sha256: str
    chars: int
    tickers: tuple[str, ...]
    status: str
    same_document: bool = False
    cluster_id: UUID | None = None
    head_known_at: datetime | None = None


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document belongs: its story, stories that it shows to be one, and copies before and after it."""

    cluster_id: UUID
    merged: tuple[UUID, ...]
    is_copy: bool
    later_copies: tuple[UUID, ...]


def place(own: Member, others: Iterable[Member]) -> Placement:
    """Return where a document belongs among those that share a band with it.

    What comes out once all are placed does not depend on the order: a story is all that hangs together, named after its
    first document by (known_at, id); a copy is what has the text of an earlier one.
    """
    like = [other for other in others if other.id != own.id and _same_story(own, other)]
    heads = {(own.known_at, own.id)} | {
        (other.head_known_at or other.known_at, other.cluster_id or other.id) for other in like
    }
    first = min(heads)[1]
    copies = [other for other in like if other.text_sha256 == own.text_sha256 and other.status != "withdrawn"]
    return Placement(
        cluster_id=first,
        merged=tuple(sorted(head for _, head in heads if head not in {first, own.id})),
        is_copy=any((other.known_at, other.id) < (own.known_at, own.id) for other in copies),
        later_copies=_later(own, copies),
    )


def _later(own: Member, copies: Sequence[Member]) -> tuple[UUID, ...]:
    later = [other for other in copies if (other.known_at, other.id) > (own.known_at, own.id)]
    return tuple(sorted(other.id for other in later if other.status == "parsed"))


def _same_story(one: Member, other: Member) -> bool:
    if other.same_document:
        return True
    span = _SHORT_SPAN if min(one.chars, other.chars) < SHORT else _LONG_SPAN
    if abs(one.known_at - other.known_at) > span:
        return False
    if set(one.tickers).isdisjoint(other.tickers) and (one.tickers or other.tickers):
        return False
    return one.text_sha256 == other.text_sha256 or similarity(one.signature, other.signature) >= _ALIKE


LONGEST_SPAN = _LONG_SPAN
"""How far apart in time two documents of one story may be."""
