"""What one document says of one company: its clauses and events added up to a direction, with the words that say it."""

from collections.abc import Iterator, Sequence
from math import copysign
from typing import NamedTuple

from stonks.model.document import Quote
from stonks.model.signal import CompanySentiment, EventType, HalfLife, Impact
from stonks.stages.extractor.core.clauses import Sentence
from stonks.stages.extractor.core.direction import Reading, clause_at
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.events import ELSEWHERE, SAME_SENTENCE, TITLE_CLAUSE, Event
from stonks.stages.extractor.core.numbers import price_move
from stonks.stages.extractor.core.opinions import About, Passage, Spoken, pooled, rules_mean, spoken_of, voted
from stonks.stages.extractor.core.sentiment import Sentiment

LONGEST_QUOTE = 240
MOST_QUOTES = 3
MOST_EVENTS = 3

_SHORTEST_QUOTE = 30
_LEAST = 0.1
"""A mean smaller than this says nothing of direction."""
_CERTAIN = 0.8
"""Confidence of what a title says plainly by the rules: 2p - 1 for the signs right on half of the SEntFiN headlines."""
_UNSAID = 0.5
"""How much a sentence counts as evidence in which only the model, and no rule, reads something."""
HORIZONS = {HalfLife.B0: "intraday", HalfLife.B1: "1d", HalfLife.B2: "1w", HalfLife.B3: "1m", HalfLife.B4: "1q"}
"""Over how long an impact is expected to show, by how long its event stays news."""


class Verdict(NamedTuple):
    """What a document says of a company, what the model makes of it, and the events that befall it."""

    impact: Impact | None
    sentiment: CompanySentiment | None
    events: Sequence[Event]


def weigh(text: str, passages: Sequence[Passage], about: About, sentiment: Sentiment | None) -> Verdict:
    """Return what a document says of a company; no impact where it says neither a direction nor an event.

    Direction is that of the rules and, where there is a model, of it and them; strength is the larger of its size and
    of a told price move, by the prior of the leading event (signals.md 4.1).
    """
    spoken, events = spoken_of(passages, about, sentiment), events_of(passages, about)
    ruled, found = _ruled(spoken, events), pooled(spoken)
    told = None if found is None else voted(found, ruled.direction, about.ticker)
    direction = ruled.direction if told is None else told.score
    if abs(direction) < _LEAST:
        direction = 0.0
    if not events and not direction:
        return Verdict(None, told, events)
    sure = _CERTAIN if found is None else max(0.0, copysign(1.0, direction) * found.sure)
    confidence = _confidence(spoken, events, sure * (0.5 + 0.5 * ruled.agreement))
    evidence = tuple(_evidence(text, spoken, events, passages))
    return Verdict(_impact(about, spoken, events, (direction, confidence), evidence), told, events)


def _impact(
    about: About,
    spoken: Sequence[Spoken],
    events: Sequence[Event],
    found: tuple[float, float],
    evidence: tuple[Quote, ...],
) -> Impact:
    """Return the impact of a direction and its confidence."""
    direction, confidence = found
    types = _types(events)
    size = max(abs(direction), _magnitude(spoken, direction)) if direction else 0.0
    return Impact(
        ticker=about.ticker,
        direction=direction,
        strength=min(1.0, size * CHARACTER[types[0]].prior),
        confidence=confidence * about.certainty,
        event_types=types,
        horizon="intraday" if _only_price(spoken, events) else HORIZONS[CHARACTER[types[0]].half_life],
        relevance=about.relevance,
        novelty=about.novelty,
        evidence=evidence,
    )


class _Ruled(NamedTuple):
    """The rules' direction, and how far words and events agree on it, in [0, 1]."""

    direction: float
    agreement: float


def _ruled(spoken: Sequence[Spoken], events: Sequence[Event]) -> _Ruled:
    """Return the mean of what the words say and of the events' polarities by their confidence."""
    worded = any(one.judgement is not None for one in spoken)
    words, opposed = rules_mean(spoken), sum(event.confidence * abs(event.polarity) for event in events)
    total = words + sum(event.confidence * event.polarity for event in events)
    shares = worded + sum(event.confidence for event in events if event.polarity)
    if not shares:
        return _Ruled(0.0, 0.0 if events else 1.0)
    return _Ruled(max(-1.0, min(1.0, total / shares)), abs(total) / (abs(words) + opposed or 1.0))


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


def _types(events: Sequence[Event]) -> tuple[EventType, ...]:
    return tuple(event.type for event in events[:MOST_EVENTS]) or (EventType.OTHER,)


def _only_price(said: Sequence[Spoken], events: Sequence[Event]) -> bool:
    judged = [one.judgement for one in said if one.judgement is not None]
    return not events and bool(judged) and all(judgement.about_price for judgement in judged)


def _magnitude(said: Sequence[Spoken], direction: float) -> float:
    """Return how big a told price move is, in thirds: under 1 %, up to 3 %, more."""
    moves = [
        price_move(one.passage.reading.sentence, item.at)
        for one in said
        for item in (one.judgement.items if one.judgement else ())
        if item.about_price and item.value * direction > 0
    ]
    percent = max(moves, default=0.0)
    return 0.0 if not percent else 1 / 3 if percent < 1.0 else 2 / 3 if percent <= 3.0 else 1.0  # noqa: PLR2004 - the bounds of signals.md 1.2


def _confidence(spoken: Sequence[Spoken], events: Sequence[Event], sure: float) -> float:
    """Return how sure the sign is, in [.05, 1]: less where the best place it is told at is no title."""
    place = max((*(one.place for one in spoken), *(event.confidence for event in events)))
    return max(0.05, min(1.0, sure * place / TITLE_CLAUSE))


def _evidence(
    text: str, spoken: Sequence[Spoken], events: Sequence[Event], passages: Sequence[Passage]
) -> Iterator[Quote]:
    """Yield the clauses that say most, word for word, each place once."""
    ranked = [
        (-one.weight * abs(item.value), _quoted(one.passage.reading, item.lo, item.hi))
        for one in spoken
        for item in (one.judgement.items if one.judgement else ())
    ]
    ranked += [
        (-_UNSAID * one.weight * abs(one.opinion.score), _quoted(one.passage.reading, *_named_at(one.passage)))
        for one in spoken
        if one.opinion is not None and one.judgement is None and (one.opinion.takes_side or not (ranked or events))
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


def _named_at(passage: Passage) -> tuple[int, int]:
    """Return the first words that are a company's name, else the first word."""
    return (passage.groups[0].lo, passage.groups[0].hi) if passage.groups else (0, 1)


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
