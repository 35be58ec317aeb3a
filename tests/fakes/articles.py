"""Articles for the extractor's tests: companies are found wherever their name stands."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from stonks.model.document import DocumentType, Role, Span
from stonks.stages.extractor.core.clauses import read_sentence
from stonks.stages.extractor.core.direction import Group, Reading, groups_in, read
from stonks.stages.extractor.core.extract import Article, Named
from stonks.stages.extractor.core.novelty import Told

COMPANIES = {
    "AAPL": "Apple",
    "AMZN": "Amazon",
    "BA": "Boeing",
    "CAT": "Caterpillar",
    "GS": "Goldman Sachs",
    "JNJ": "J&J",
    "MSFT": "Microsoft",
    "UNH": "UnitedHealth",
    "V": "Visa",
}


def spans_of(text: str, names: Mapping[str, str] = COMPANIES) -> dict[str, list[Span]]:
    """Return every place of every name that stands in a text."""
    places = {
        ticker: [Span(start=found.start(), end=found.end()) for found in re.finditer(rf"\b{re.escape(name)}\b", text)]
        for ticker, name in names.items()
    }
    return {ticker: spans for ticker, spans in places.items() if spans}


def reading_of(title: str, names: Mapping[str, str] = COMPANIES) -> tuple[Reading, tuple[Group, ...]]:
    """Return a title as read, with the companies it names."""
    sentence = read_sentence(title, 0, len(title), in_title=True)
    return read(sentence), groups_in(sentence, spans_of(title, names))


def make_article(
    title: str,
    body: str = "",
    *,
    kind: DocumentType = DocumentType.NEWS,
    roles: Mapping[str, Role] | None = None,
    earlier: Sequence[Told] = (),
) -> Article:
    """Return an article about the companies it names: primary in the title, secondary in the body."""
    text = f"{title}\n\n{body}" if body else title
    start = len(title) + 2 if body else len(title)
    named = [
        Named(
            ticker=ticker,
            role=(roles or {}).get(ticker, Role.PRIMARY if spans[0].start < start else Role.SECONDARY),
            spans=tuple(spans),
            name=COMPANIES[ticker],
        )
        for ticker, spans in spans_of(text).items()
    ]
    return Article(
        text=text,
        body_start=start,
        document_type=kind,
        cluster_id=UUID(int=1),
        named=tuple(named),
        earlier=tuple(earlier),
    )
