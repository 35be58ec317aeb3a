"""What a filing says that the one before it did not: sentences, by their hashes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stonks.model.document import Span
from stonks.stages.parser.core.filings.forms import MOST_NEWS, Form, kind_of
from stonks.stages.parser.core.filings.sentences import Sentence

_DECODER = msgspec.msgpack.Decoder(list[Sentence])
_NEAR = 2
"""Characters between two sentences of one paragraph."""


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a company's filings of one form, as its like are compared with it.

    ``name`` is the same for all revisions of it. ``waiting`` says that nothing was extracted from it yet.
    """

    id: UUID
    name: str
    known_at: datetime
    amends: bool
    sentences: bytes
    waiting: bool


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What of a document goes on: these spans of its normalized text, or all of it."""

    id: UUID
    spans: tuple[Span, ...] | None


def packed(sentences: Sequence[Sentence]) -> bytes:
    """Return sentences as they are stored."""
    return msgspec.msgpack.encode(sentences)


def differences(own: Filed, others: Sequence[Filed], series: str) -> list[Fresh]:
    """Return what goes on of a document, and of the waiting ones after it, which are compared with it too.

    What comes before is decided by (known_at, id), so that nothing depends on the order in which filings are parsed.
    """
    kind = kind_of(series, "")
    rules = kind.rules if kind else Form()
    order = sorted([own, *others], key=lambda filed: (filed.known_at, filed.id))
    place = order.index(own)
    return [
        Fresh(id=filed.id, spans=_fresh(filed, list(_before(filed, order[:at])), rules))
        for at, filed in enumerate(order)
        if at == place or (at > place and filed.waiting)
    ]


def _before(filed: Filed, earlier: Sequence[Filed]) -> Iterator[Filed]:
    """Yield what a document is compared with: the last original before it, and what amended that."""
    for other in reversed(earlier):
        if other.name != filed.name:
            yield other
            if not other.amends:
                return


def _fresh(filed: Filed, before: Sequence[Filed], rules: Form) -> tuple[Span, ...] | None:
    own = _DECODER.decode(filed.sentences)
    if not before and not any(sentence.item for sentence in own):
        return None
    known = {sentence.hash for other in before for sentence in _DECODER.decode(other.sentences)}
    return tuple(_limited(_merged(own, known), rules))


def _merged(sentences: Sequence[Sentence], known: set[bytes]) -> Iterator[tuple[str, Span]]:
    """Yield item and span of what is new, each sentence once; those of one paragraph in one."""
    item, start, end = "", 0, 0
    for sentence in sentences:
        if sentence.hash in known:
            continue
        known.add(sentence.hash)
        if end and item == sentence.item and 0 <= sentence.start - end <= _NEAR:
            end = sentence.end
            continue
        if end:
            yield item, Span(start=start, end=end)
        item, start, end = sentence.item, sentence.start, sentence.end
    if end:
        yield item, Span(start=start, end=end)


def _limited(parts: Iterator[tuple[str, Span]], rules: Form) -> Iterator[Span]:
    """Yield spans until an item's limit, or the filing's, is reached."""
    left, total = dict(rules.news), MOST_NEWS
    for item, span in parts:
        room = min(left.get(item, MOST_NEWS), total)
        if room <= 0:
            continue
        cut = Span(start=span.start, end=min(span.end, span.start + room))
        left[item] = left.get(item, MOST_NEWS) - (cut.end - cut.start)
        total -= cut.end - cut.start
        yield cut
