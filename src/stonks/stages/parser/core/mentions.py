"""Where a text names tracked companies: by name, by ticker, and how much it is about each."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import chain, islice
from typing import NamedTuple

from stonks.model.company import Company
from stonks.model.document import Mention, Span
from stonks.stages.parser.core.aliases import COMMON_TICKERS, OTHERS, WORD_TICKERS, owners_of, spellings
from stonks.stages.parser.core.folding import fold
from stonks.stages.parser.core.roles import roles_of
from stonks.stages.parser.core.senses import Sense, sense_of

_EXCHANGES = ("NYSE", "NASDAQ", "Nasdaq", "AMEX")
_LISTED = re.compile(
    r"(?:(?:GS|GM|CM)\b|\s?(?:American|Arca|GS|GM|CM)\b)?\s?:\s?(?P<ticker>[A-Z]{1,5}(?:[./-][A-Z])?)\b"
)
_WIRE = re.compile(r"(?:N|O|OQ|K)>")
_NAMED_BEFORE = re.compile(r"[\w.]\s$")
_LETTER_NAMED_BEFORE = re.compile(
    r"\b(?!(?:Section|Class|Item|Part|Schedule|Exhibit|Article|Clause|Rule|Note|Series)\b)[A-Z][\w.&'’-]*\s$"
)
_SHOUTED = re.compile(r"(?<![\w])[A-Z]{2,}['’]?[A-Z]*[\s,:;-]+$")
_SHOUTS = re.compile(r"^(?:['’]S)?[\s,:;-]+[A-Z]{2,}(?![\w])")
_NOBODY = ""  # whose the names of others are: they are never named surely
_FEW = 20_000  # spellings up to which the fastest kind of automaton takes some 60 MB at most
_MOST_PLACES = 20_000  # that are judged; the report of 1 MB that names most companies has 1,200
_SHORT = 2  # letters of a ticker that mean too much else


class Hit(NamedTuple):
    """One place where a text names a company, surely or only if it does so elsewhere."""

    start: int
    end: int
    ticker: str
    sure: bool


class Found(NamedTuple):
    """The companies a text names, and whether every place of it was looked at."""

    mentions: tuple[Mention, ...]
    whole: bool


Judge = Callable[[str, int, int], Hit | None]
"""Says what a place in a text is, given its ends; None if it names no company."""


class Gazetteer:
    """Finds tracked companies in texts; made once for a set of companies, in a second for 10,000 of them."""

    def __init__(self, companies: Iterable[Company]) -> None:
        """Know these companies by all their names and tickers."""
        from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

        companies = list(companies)
        judges = _judges(companies)
        patterns = sorted(judges)
        self._judges = [judges[pattern] for pattern in patterns]
        self._shorter = _prefixes(patterns)
        self._automaton = BytesAhoCorasick(
            list(map(fold, patterns)),
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.DFA if len(patterns) <= _FEW else None,
        )
        weak = {one.ticker for one in companies if len(one.ticker) <= _SHORT or one.ticker in WORD_TICKERS}
        self._weak = weak - COMMON_TICKERS

    def find(self, text: str, body_start: int) -> tuple[Mention, ...]:
        """Return the companies a normalized text names, by ticker, with every place and their role."""
        return self.search(text, body_start).mentions

    def search(self, text: str, body_start: int) -> Found:
        """Return the same, and whether that is all: of a text that does little but name companies it is not."""
        places = self._automaton.find_matches_as_indexes(fold(text))
        hits = list(self._hits(text, places[:_MOST_PLACES]))
        sure = {hit.ticker for hit in hits if hit.sure}
        bare = chain.from_iterable(_bare_places(text, ticker) for ticker in sorted(self._weak & sure))
        hits += islice(bare, _MOST_PLACES)
        whole = len(places) <= _MOST_PLACES and next(bare, None) is None
        return Found(_mentions(text, body_start, hits), whole)

    def _hits(self, text: str, places: Iterable[tuple[int, int, int]]) -> Iterator[Hit]:
        for index, start, end in places:
            hit = self._judges[index](text, start, end)
            if hit or (index in self._shorter and (hit := self._shorter_hit(index, text, start))):
                yield hit

    def _shorter_hit(self, index: int, text: str, start: int) -> Hit | None:
        """Return what begins where a longer pattern does that names nothing there: the longest hides the others."""
        while shorter := self._shorter.get(index):
            index, length = shorter
            if hit := self._judges[index](text, start, start + length):
                return hit
        return None


def _mentions(text: str, body_start: int, hits: list[Hit]) -> tuple[Mention, ...]:
    """Return each company once, with its places that no other one covers, and its role."""
    sure = {hit.ticker for hit in hits if hit.sure}
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    spans: dict[str, list[Span]] = defaultdict(list)
    covered = 0
    for start, end, ticker, _ in hits:
        # One sense a document: what alone would be unsure counts where the company is named surely elsewhere.
        if start >= covered and ticker in sure:
            spans[ticker].append(Span(start=start, end=end))
            covered = end
    roles = roles_of(text, body_start, spans)
    return tuple(Mention(ticker=ticker, role=roles[ticker], spans=tuple(spans[ticker])) for ticker in sorted(spans))


def _judges(companies: list[Company]) -> dict[str, Judge]:
    """Return every spelling that is looked for, each with what tells whether it names a company where it stands."""
    judges: dict[str, Judge] = {}
    tickers = frozenset(company.ticker for company in companies)
    for ticker in tickers:
        if len(ticker) > _SHORT and ticker not in WORD_TICKERS:
            judges[ticker] = partial(_bare, ticker)
        judges[f"${ticker}"] = partial(_cash, ticker)
        judges[f"({ticker})"] = partial(_beside, ticker)
        judges[f"<{ticker}."] = partial(_wire, ticker)
    for name in OTHERS:
        judges |= dict.fromkeys(spellings(name), partial(_named, _NOBODY, _never))
    for name, ticker in owners_of(companies).items():
        judge = partial(_named, ticker, sense_of(name))
        judges |= dict.fromkeys(spellings(name), judge)
    for exchange in _EXCHANGES:
        judges[exchange] = partial(_listed, tickers, judges.get(exchange))
    return judges


def _prefixes(patterns: list[str]) -> dict[int, tuple[int, int]]:
    """Return for each pattern that begins with another one the longest such, by number, and its length."""
    prefixes: dict[int, tuple[int, int]] = {}
    open_ones: list[int] = []
    for number, pattern in enumerate(patterns):
        while open_ones and not pattern.startswith(patterns[open_ones[-1]]):
            open_ones.pop()
        if open_ones:
            prefixes[number] = (open_ones[-1], len(patterns[open_ones[-1]]))
        open_ones.append(number)
    return prefixes


def _named(ticker: str, sense: Sense | None, text: str, start: int, end: int) -> Hit | None:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before in {"_", "@", "/", "$"} or after.isalnum() or after == "_":
        return None
    sure = sense(text, start, end) if sense else True
    return None if sure is None else Hit(start, end, ticker, sure)


def _never(_text: str, _start: int, _end: int) -> bool:
    return False


def _listed(tickers: frozenset[str], otherwise: Judge | None, text: str, start: int, end: int) -> Hit | None:
    """Read what follows an exchange's name; one that lists nothing may still be a company."""
    if found := _LISTED.match(text, end):
        ticker = found["ticker"].replace("/", ".").replace("-", ".")
        return Hit(found.start("ticker"), found.end("ticker"), ticker, sure=True) if ticker in tickers else None
    return otherwise(text, start, end) if otherwise else None


def _cash(ticker: str, text: str, start: int, end: int) -> Hit | None:
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isalnum() or before in {"_", "$"} or after[:1].isalnum() or after[:1] == "_":
        return None
    return None if after[:1] == "." and after[1:].isdigit() else Hit(start + 1, end, ticker, sure=True)


def _beside(ticker: str, text: str, start: int, end: int) -> Hit | None:
    """Read a ticker in brackets, which stands behind a name; a single letter may also count the parts of a text."""
    named = _NAMED_BEFORE if len(ticker) > 1 else _LETTER_NAMED_BEFORE
    return Hit(start + 1, end - 1, ticker, sure=True) if named.search(text, max(0, start - 24), start) else None


def _wire(ticker: str, text: str, start: int, end: int) -> Hit | None:
    return Hit(start + 1, end - 1, ticker, sure=True) if _WIRE.match(text, end) else None


def _bare(ticker: str, text: str, start: int, end: int) -> Hit | None:
    found = _bare_pattern(ticker).match(text, start)
    return Hit(start, end, ticker, sure=True) if found and not _shouted(text, start, end) else None


def _bare_places(text: str, ticker: str) -> Iterator[Hit]:
    """Yield where a ticker stands alone that means too much else to be looked for everywhere."""
    for found in _bare_pattern(ticker).finditer(text):
        if not _shouted(text, found.start(), found.end()):
            yield Hit(found.start(), found.end(), ticker, sure=False)


@cache
def _bare_pattern(ticker: str) -> re.Pattern[str]:
    """Return what finds a ticker as a word of its own; the literal comes first, which makes the search fast."""
    ours = re.escape(ticker)
    return re.compile(rf"{ours}(?<![\w$.&/-]{ours})(?![\w&/-]|\.\w)")


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether a word in capitals stands among others, where capitals mean nothing."""
    return bool(_SHOUTED.search(text, max(0, start - 20), start) or _SHOUTS.search(text[end : end + 20]))
