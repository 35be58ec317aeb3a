"""What one document says of one company: its clauses and events added up to a direction, with the words that say it."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from stonks.model.document import Quote
from stonks.model.signal import EventType, HalfLife, Impact
from stonks.stages.extractor.core.clauses import Sentence
from stonks.stages.extractor.core.direction import Group, Judgement, Reading, clause_at, judge
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.events import ELSEWHERE, SAME_SENTENCE, TITLE_CLAUSE, Event
from stonks.stages.extractor.core.numbers import Surprise, price_move

LONGEST_QUOTE = 240
MOST_QUOTES = 3
MOST_EVENTS = 3

_SHORTEST_QUOTE = 30
_TITLE_WEIGHT = 2.0
_BODY_WEIGHT = 1.0
_UNNAMED_WEIGHT = 0.5
"""How much a sentence counts in the title, in the body, and where it does not name the company."""
_K = 0.25
_LEAST = 0.1
"""A mean smaller than this says nothing of direction."""
_CERTAIN = 0.8
"""Confidence of what a title says plainly: 2p - 1 for the share of right signs on half of the SEntFiN headlines."""
HORIZONS = {HalfLife.B0: "intraday", HalfLife.B1: "1d", HalfLife.B2: "1w", HalfLife.B3: "1m", HalfLife.B4: "1q"}
"""Over how long an impact is expected to show, by how long its event stays news."""


class Passage(msgspec.Struct, frozen=True):
    """A sentence as read, with the companies it names and the events and earnings surprise it tells."""

    reading: Reading
    groups: tuple[Group, ...]
    events: tuple[Event, ...]
    surprise: Surprise | None
    anaphoric: bool = True
    """Whether a sentence that names nobody speaks of the company named before it."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a company's part in a document before its words are weighed."""

    ticker: str
    relevance: float
    novelty: float
    certainty: float
    """How much texts of this document's kind are trusted."""
    sole: bool
    """Whether sentences that name nobody speak of this company."""


class _Said(msgspec.Struct, frozen=True):
    """One passage's verdict on the company."""

    passage: Passage
    judgement: Judgement
    weight: float
    place: float


def impact(text: str, passages: Sequence[Passage], about: About) -> Impact | None:
    """Return what a document says of a company, or None where it says neither a direction nor an event.

    Direction is the mean of what the words say and of the events' polarities by their confidence; strength is the
    larger of its size and of a told price move, by the prior of the leading event (signals.md 4.1).
    """
    said = list(_said(passages, about))
    events = events_of(passages, about)
    if not said and not events:
        return None
    words, opposed = _mean(said), sum(event.confidence * abs(event.polarity) for event in events)
    total = words * bool(said) + sum(event.confidence * event.polarity for event in events)
    shares = bool(said) + sum(event.confidence for event in events if event.polarity)
    direction = max(-1.0, min(1.0, total / shares)) if shares else 0.0
    if abs(direction) < _LEAST:
        if not events:
            return None
        direction = 0.0
    types = _types(events)
    size = max(abs(direction), _magnitude(said, direction)) if direction else 0.0
    return Impact(
        ticker=about.ticker,
        direction=direction,
        strength=min(1.0, size * CHARACTER[types[0]].prior),
        confidence=_confidence(said, events, abs(total) / (abs(words) + opposed or 1.0)) * about.certainty,
        event_types=types,
        horizon="intraday" if _only_price(said, events) else HORIZONS[CHARACTER[types[0]].half_life],
        relevance=about.relevance,
        novelty=about.novelty,
        evidence=tuple(_evidence(text, said, events, passages)),
    )


def _said(passages: Sequence[Passage], about: About) -> Iterator[_Said]:
    for passage in passages:
        named = any(about.ticker in group.tickers for group in passage.groups)
        if not named and (passage.groups or not about.sole or not passage.anaphoric):
            continue
        judgement = judge(passage.reading, passage.groups, about.ticker)
        if judgement is not None:
            title = passage.reading.sentence.in_title
            weight = _TITLE_WEIGHT if title else _BODY_WEIGHT if named else _UNNAMED_WEIGHT
            place = ELSEWHERE if not judgement.own else TITLE_CLAUSE if title else SAME_SENTENCE
            yield _Said(passage, judgement, weight, place * (0.5 if judgement.hedged else 1.0))


def events_of(passages: Sequence[Passage], about: About) -> list[Event]:
    """Return the company's events, each type once at its surest, surest and weightiest first."""
    best: dict[EventType, Event] = {}
    for passage in passages:
        for event in (*passage.events, *_surprises(passage, about)):
            kept = best.get(event.type)
            if event.ticker == about.ticker and (kept is None or event.confidence > kept.confidence):
                best[event.type] = event
    return sorted(best.values(), key=lambda event: (-event.confidence * CHARACTER[event.type].prior, event.type))


def _surprises(passage: Passage, about: About) -> Iterator[Event]:
    """Yield the beat or miss that told earnings a share amount to."""
    surprise = passage.surprise
    if surprise is None or not surprise.share:
        return
    named = any(about.ticker in group.tickers for group in passage.groups)
    if named or (about.sole and passage.anaphoric and not passage.groups):
        kind = EventType.EARNINGS_BEAT if surprise.share > 0 else EventType.EARNINGS_MISS
        place = ELSEWHERE if not named else TITLE_CLAUSE if passage.reading.sentence.in_title else SAME_SENTENCE
        roles = (("subject", about.ticker),)
        yield Event(kind, about.ticker, surprise.strength, place + 0.05, surprise.start, surprise.end, roles=roles)


def _mean(said: Iterable[_Said]) -> float:
    """Return the passages' mean score, shrunk a little towards nothing."""
    total = weights = 0.0
    for one in said:
        total += one.weight * one.judgement.score
        weights += one.weight
    return total / (weights + _K) if weights else 0.0


def _types(events: Sequence[Event]) -> tuple[EventType, ...]:
    return tuple(event.type for event in events[:MOST_EVENTS]) or (EventType.OTHER,)


def _only_price(said: Sequence[_Said], events: Sequence[Event]) -> bool:
    return not events and all(one.judgement.about_price for one in said)


def _magnitude(said: Sequence[_Said], direction: float) -> float:
    """Return how big a told price move is, in thirds: under 1 %, up to 3 %, more."""
    moves = [
        price_move(one.passage.reading.sentence, item.at)
        for one in said
        for item in one.judgement.items
        if item.about_price and item.value * direction > 0
    ]
    percent = max(moves, default=0.0)
    return 0.0 if not percent else 1 / 3 if percent < 1.0 else 2 / 3 if percent <= 3.0 else 1.0  # noqa: PLR2004 - the bounds of signals.md 1.2


def _confidence(said: Sequence[_Said], events: Sequence[Event], agreement: float) -> float:
    """Return how sure the sign is, in [.05, 1]: by the best place it is told at, less where its tellings disagree."""
    place = max((*(one.place for one in said), *(event.confidence for event in events)))
    return max(0.05, min(1.0, _CERTAIN * place / TITLE_CLAUSE * (0.5 + 0.5 * agreement)))


def _evidence(
    text: str, said: Sequence[_Said], events: Sequence[Event], passages: Sequence[Passage]
) -> Iterator[Quote]:
    """Yield the clauses that say most, word for word, each place once."""
    ranked = [
        (-one.weight * abs(item.value), _quoted(one.passage.reading, item.lo, item.hi))
        for one in said
        for item in one.judgement.items
    ]
    for event in events:
        reading = next(passage.reading for passage in passages if event.start < passage.reading.sentence.end)
        sentence = reading.sentence
        words = [
            place for place, end in enumerate(sentence.ends) if end > event.start and sentence.starts[place] < event.end
        ]
        if words:
            ranked.append((-2.0 * event.confidence, _quoted(reading, words[0], words[-1] + 1)))
    taken: list[tuple[int, int]] = []
    for _, (start, end) in sorted(ranked):
        if len(taken) < MOST_QUOTES and not any(start < other[1] and other[0] < end for other in taken):
            taken.append((start, end))
            yield Quote(quote=text[start:end], start=start, end=end)


def _quoted(reading: Reading, lo: int, hi: int) -> tuple[int, int]:
    """Return the characters of the sentence, or where it is long of the clauses, around words [lo, hi); at most 240."""
    sentence = reading.sentence
    if sentence.end - sentence.start <= LONGEST_QUOTE:
        return sentence.start, sentence.end
    first, last = clause_at(reading.clauses, lo).lo, clause_at(reading.clauses, hi - 1).hi
    if sentence.ends[last - 1] - sentence.starts[first] < _SHORTEST_QUOTE:
        first, last = 0, len(sentence.words)
    while first < lo and not sentence.words[first][0].isalnum():
        first += 1
    return _shrunk(sentence, first, last, (lo, hi))


def _shrunk(sentence: Sentence, first: int, last: int, kept: tuple[int, int]) -> tuple[int, int]:
    """Return the characters of words [first, last), shortened from its ends to what fits around the kept ones."""
    while sentence.ends[last - 1] - sentence.starts[first] > LONGEST_QUOTE and last - first > 1:
        if last > kept[1]:
            last -= 1
        else:
            first += 1
    return sentence.starts[first], sentence.ends[last - 1]
