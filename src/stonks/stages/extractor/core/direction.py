"""What a text says of one company: the directional items of the clauses that speak of it, other companies masked."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stonks.model.document import Span
from stonks.stages.extractor.core.clauses import Clause, Sentence, split_clauses
from stonks.stages.extractor.core.items import Item, find_items

_K = 0.3
"""Weight that an empty sentence has: one item of .8 gives a score of .73."""
_FREE = 0.6
"""How much an item counts that stands in a clause without any company."""
_HEDGED = 0.5
_LIST_WORDS = frozenset(", and & / or".split())


class Reading(msgspec.Struct, frozen=True):
    """A sentence with what it says and how it is cut into clauses."""

    sentence: Sentence
    items: tuple[Item, ...]
    clauses: tuple[Clause, ...]


class Group(msgspec.Struct, frozen=True):
    """Companies named side by side, at words [lo, hi): what is said of one is said of all."""

    lo: int
    hi: int
    tickers: frozenset[str]


class Judgement(msgspec.Struct, frozen=True):
    """How a sentence speaks of one company: the score in [-1, 1] and the items that make it."""

    score: float
    items: tuple[Item, ...]
    own: bool
    """Whether at least one item stands in a clause that names the company."""

    @property
    def hedged(self) -> bool:
        """Whether all of it is hedged."""
        return all(item.hedged for item in self.items)

    @property
    def about_price(self) -> bool:
        """Whether it only tells how the share price moved."""
        return all(item.about_price for item in self.items)


def read(sentence: Sentence) -> Reading:
    """Return what a sentence says, before anybody asks of whom."""
    items = find_items(sentence.words)
    return Reading(sentence, items, split_clauses(sentence.words, [item.at for item in items]))


def groups_in(sentence: Sentence, named: Mapping[str, Iterable[Span]]) -> tuple[Group, ...]:
    """Return the companies that a sentence names, those of one list together."""
    found: list[tuple[int, int, str]] = []
    for ticker, spans in named.items():
        for span in spans:
            if sentence.start <= span.start and span.end <= sentence.end:
                lo = bisect_left(sentence.ends, span.start + 1)
                found.append((lo, max(lo + 1, bisect_left(sentence.starts, span.end)), ticker))
    groups: list[Group] = []
    for lo, hi, ticker in sorted(found):
        if groups and (lo < groups[-1].hi or all(word in _LIST_WORDS for word in sentence.words[groups[-1].hi : lo])):
            last = groups.pop()
            groups.append(Group(last.lo, max(hi, last.hi), last.tickers | {ticker}))
        else:
            groups.append(Group(lo, hi, frozenset((ticker,))))
    return tuple(groups)


def judge(reading: Reading, groups: Sequence[Group], ticker: str) -> Judgement | None:
    """Return how a sentence speaks of a company it names, or None where it says nothing directional of it.

    An item belongs to the companies named before it in its clause, else to those after it; verbs such as downgrades
    look ahead first. An item in a clause that names nobody counts less, and hardly at all where the sentence names
    others too.
    """
    total, weights, own, items = 0.0, 0.0, False, []
    alone = all(ticker in group.tickers for group in groups)
    for item in reading.items:
        clause = clause_at(reading.clauses, item.at)
        inside = [group for group in groups if clause.lo <= group.lo < clause.hi]
        holder = holder_of(item.at, inside, ahead=item.ahead)
        if holder is not None and not _is_said_of(item, holder, ticker):
            continue
        share = 1.0 if holder is not None else _FREE if alone else _FREE / 2
        own = own or holder is not None
        weight = clause.weight * share * (_HEDGED if item.hedged else 1.0)
        total += weight * item.value
        weights += weight * abs(item.value)
        items.append(item)
    return Judgement(total / (weights + _K), tuple(items), own) if items else None


def _is_said_of(item: Item, holder: Group, ticker: str) -> bool:
    """Whether an item of these companies says something of one: it is no deed of theirs and no word of their name."""
    doer = item.strict and holder.lo <= item.at
    return ticker in holder.tickers and not doer and not holder.lo <= item.at < holder.hi


def clause_at(clauses: Sequence[Clause], word: int) -> Clause:
    """Return the clause in which a word stands."""
    return next(clause for clause in clauses if word < clause.hi)


def holder_of(at: int, groups: Sequence[Group], *, ahead: bool) -> Group | None:
    """Return whom a word is said of: those named last before it, else first after it; looking ahead, the reverse."""
    before = [group for group in groups if group.lo <= at]
    after = [group for group in groups if group.lo > at]
    nearest = (after[:1], before[-1:]) if ahead else (before[-1:], after[:1])
    return next((group for groups in nearest for group in groups), None)
