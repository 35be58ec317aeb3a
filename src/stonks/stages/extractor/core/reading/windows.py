"""What of a document a model is shown: all of it where it is short, else pieces of at most 1,800 tokens."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import msgspec

from stonks.model.document import Quote, Span
from stonks.model.tokens import tokens_of
from stonks.stages.extractor.core.clauses import split_sentences
from stonks.stages.extractor.core.extract import Article

MOST_TOKENS = 1800
MOST_WINDOWS = 4
"""What one document may cost; of a filing the most telling news comes first."""

_BETWEEN = "\n\n"


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of a normalized text, joined to be read together."""

    text: str
    pieces: tuple[Span, ...]

    def place(self, found: Quote) -> Quote | None:
        """Return a quote of the window with its offsets in the whole text, or None where it runs over a joint."""
        before = 0
        for piece in self.pieces:
            after = before + piece.end - piece.start
            if before <= found.start and found.end <= after:
                shift = piece.start - before
                return Quote(quote=found.quote, start=found.start + shift, end=found.end + shift)
            before = after + len(_BETWEEN)
        return None

    def inside(self, span: Span) -> Span | None:
        """Return where a span of the whole text stands in the window, or None where it does not."""
        before = 0
        for piece in self.pieces:
            if piece.start <= span.start and span.end <= piece.end:
                shift = before - piece.start
                return Span(start=span.start + shift, end=span.end + shift)
            before += piece.end - piece.start + len(_BETWEEN)
        return None


class _Piece(NamedTuple):
    """One sentence of a region, and how many tokens it is."""

    region: int
    start: int
    end: int
    cost: int


def windows_of(article: Article) -> list[Window]:
    """Return at most four windows, each beginning with the title; what comes later is not shown."""
    text = article.text
    if article.regions is None and tokens_of(text) <= MOST_TOKENS:
        return [_window(text, [Span(start=0, end=len(text))])]
    title = Span(start=0, end=len(text[: article.body_start].rstrip()))
    head = [title] if title.end and tokens_of(text[: title.end]) < MOST_TOKENS // 2 else []
    room = MOST_TOKENS - sum(tokens_of(text[one.start : one.end]) for one in head)
    regions = article.regions or (Span(start=article.body_start, end=len(text)),)
    filled = islice(_filled(_pieces(text, regions), room), MOST_WINDOWS)
    return [_window(text, [*head, *_joined(pieces)]) for pieces in filled]


def _pieces(text: str, regions: Iterable[Span]) -> Iterator[_Piece]:
    for number, region in enumerate(regions):
        for start, end in split_sentences(text, region.start, region.end):
            yield _Piece(number, start, end, tokens_of(text[start:end]) + 1)


def _filled(pieces: Iterable[_Piece], room: int) -> Iterator[list[_Piece]]:
    """Yield what fits into each window; where a region is cut in two, its last sentence stands in both."""
    taken: list[_Piece] = []
    for piece in pieces:
        if piece.cost > room:
            continue  # a table without a full stop
        if sum(one.cost for one in taken) + piece.cost > room:
            yield taken
            last = taken[-1]
            taken = [last] if last.region == piece.region and last.cost + piece.cost <= room else []
        taken.append(piece)
    if taken:
        yield taken


def _joined(pieces: Sequence[_Piece]) -> list[Span]:
    """Return sentences as spans, those of one region together, with whatever stands between them."""
    groups = (list(group) for _, group in groupby(pieces, key=lambda piece: piece.region))
    return [Span(start=group[0].start, end=group[-1].end) for group in groups]


def _window(text: str, pieces: Sequence[Span]) -> Window:
    return Window(text=_BETWEEN.join(text[one.start : one.end] for one in pieces), pieces=tuple(pieces))
