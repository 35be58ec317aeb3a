"""How much a text is about each company it names: by where, how often, and among how many others."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from stonks.model.document import Role, Span

_CROWD = 4
"""From this many companies on, a sentence is a list."""

_TITLE, _FIRST = 1, 2  # the sentences whose numbers are known: the title, and the first of the body
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
    sentences = _sentences(text, body_start, spans)
    crowd = Counter(sentence for found in sentences.values() for sentence in set(found))
    total = sum(len(places) for places in spans.values())
    return {
        ticker: _role(text, places, [(at, crowd[at]) for at in sentences[ticker]], total)
        for ticker, places in spans.items()
    }


def _sentences(text: str, body_start: int, spans: Mapping[str, Sequence[Span]]) -> dict[str, list[int]]:
    """Return a number for the sentence of each place; only between two places is looked for the end of one."""
    places = sorted((span.start, span.end, ticker) for ticker, found in spans.items() for span in found)
    sentences: dict[str, list[int]] = {ticker: [] for ticker in spans}
    number, last = _TITLE, 0
    for start, end, ticker in places:
        if number == _TITLE and start >= body_start:
            number, last = _FIRST, body_start
        if number >= _FIRST and ("\n" in text[last:start] or _SENTENCE_END.search(text, last, start + 1)):
            number += 1
        sentences[ticker].append(number)
        last = end - 1  # a name may end with the full stop of its sentence
    return sentences


def _role(text: str, places: Sequence[Span], sentences: Sequence[tuple[int, int]], total: int) -> Role:
    """Decide by each place's sentence and how many companies it names."""
    alone = [at for at, companies in sentences if companies < _CROWD]
    if not alone:
        return Role.PASSING
    if _TITLE in alone or _FIRST in alone:
        return Role.PRIMARY
    if len(text) > _LONG and places[0].start > _TAIL * len(text):
        return Role.PASSING
    if len(places) >= _SHARE * total:
        return Role.PRIMARY
    if all(_PEERS.search(text, max(0, span.start - 100), span.start) for span in places):
        return Role.PASSING
    return Role.SECONDARY
