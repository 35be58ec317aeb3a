"""How much a text is about each company it names: by where, how often, and among how many others."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence

from stonks.model.document import Role, Span

_CROWD = 4
"""From this many companies on, a sentence is a list."""

_SHARE = 0.4
_TAIL = 0.7
_LONG = 1_000
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9$])|\n+")
_PEERS = re.compile(
    r"\b(?:peers|rivals|competitors|such as|including|along with|Zacks Rank)\b[^.\n]{0,80}$", re.IGNORECASE
)


def roles_of(text: str, body_start: int, spans: Mapping[str, Sequence[Span]]) -> dict[str, Role]:
    """Return each company's role: primary in title or first sentence, passing in lists, asides and at the far end."""
    if not spans:
        return {}
    starts = [0, body_start, *(match.end() for match in _SENTENCE_END.finditer(text, body_start))]
    sentences = {ticker: [bisect_right(starts, span.start) for span in places] for ticker, places in spans.items()}
    crowd = Counter(sentence for found in sentences.values() for sentence in set(found))
    total = sum(len(places) for places in spans.values())
    return {
        ticker: _role(text, places, [(at, crowd[at]) for at in sentences[ticker]], total)
        for ticker, places in spans.items()
    }


def _role(text: str, places: Sequence[Span], sentences: Sequence[tuple[int, int]], total: int) -> Role:
    """Decide by each place's sentence (1 the title, 2 the first of the body) and how many companies it names."""
    alone = [at for at, companies in sentences if companies < _CROWD]
    if not alone:
        return Role.PASSING
    if 1 in alone or 2 in alone:  # noqa: PLR2004 - the first sentence of the body
        return Role.PRIMARY
    if len(text) > _LONG and places[0].start > _TAIL * len(text):
        return Role.PASSING
    if len(places) >= _SHARE * total:
        return Role.PRIMARY
    if all(_PEERS.search(text, max(0, span.start - 100), span.start) for span in places):
        return Role.PASSING
    return Role.SECONDARY
