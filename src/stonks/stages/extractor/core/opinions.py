"""What each sentence says of one company, by our rules and by the sentiment model, and what all say together."""

from collections.abc import Iterator, Sequence
from math import copysign

import msgspec

from stonks.model.signal import CompanySentiment
from stonks.stages.extractor.core.direction import Group, Judgement, Reading, judge
from stonks.stages.extractor.core.events import ELSEWHERE, SAME_SENTENCE, TITLE_CLAUSE, Event
from stonks.stages.extractor.core.numbers import Surprise
from stonks.stages.extractor.core.sentiment import Opinion, Sentiment

RULES_SHARE = 0.1
"""The rules' say in the direction beside the model's, which knows headlines only; chosen, not fitted."""

_TITLE_WEIGHT = 2.0
_BODY_WEIGHT = 1.0
_UNNAMED_WEIGHT = 0.5
"""How much a sentence counts in the title, in the body, and where it does not name the company."""
_K = 0.25
_SILENT = 0.2
"""How much a sentence counts that is neutral for certain, against one that is not neutral for certain."""


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


class Spoken(msgspec.Struct, frozen=True):
    """One passage's verdict on the company."""

    passage: Passage
    judgement: Judgement | None
    opinion: Opinion | None
    weight: float
    place: float
    """How sure a sign is that is told there."""


def spoken_of(passages: Sequence[Passage], about: About, sentiment: Sentiment | None) -> list[Spoken]:
    """Return what is said of a company; the model, where there is one, only judges sentences that name it.

    Where no sentence does, as of a company known by another name, and it is the only one, it judges all.
    """
    named = [any(about.ticker in group.tickers for group in passage.groups) for passage in passages]
    unnamed = about.sole and not any(named)
    return [
        one
        for passage, own in zip(passages, named, strict=True)
        if (own or (about.sole and passage.anaphoric and not passage.groups))
        and (one := _spoken(passage, about.ticker, sentiment if own or unnamed else None, named=own))
    ]


def _spoken(passage: Passage, ticker: str, sentiment: Sentiment | None, *, named: bool) -> Spoken | None:
    reading, title = passage.reading, passage.reading.sentence.in_title
    judgement = judge(reading, passage.groups, ticker)
    opinion = sentiment.read(reading, passage.groups, ticker, judgement) if sentiment else None
    if judgement is None and opinion is None:
        return None
    weight = _TITLE_WEIGHT if title else _BODY_WEIGHT if named else _UNNAMED_WEIGHT
    place = TITLE_CLAUSE if title else SAME_SENTENCE if named else ELSEWHERE
    if judgement is not None:
        place = (place if judgement.own else ELSEWHERE) * (0.5 if judgement.hedged else 1.0)
    return Spoken(passage, judgement, opinion, weight, place)


def rules_mean(spoken: Sequence[Spoken]) -> float:
    """Return the rules' mean score, shrunk a little towards nothing."""
    total = weights = 0.0
    for one in spoken:
        if one.judgement is not None:
            total += one.weight * one.judgement.score
            weights += one.weight
    return total / (weights + _K) if weights else 0.0


def pooled(spoken: Sequence[Spoken]) -> Opinion | None:
    """Return what the model makes of a document, sentences that take no side counting little; None if it read none.

    Where little is said it is shrunk a little towards neutral.
    """
    shares = list(_shares(spoken))
    if not shares:
        return None
    whole = sum(share for share, _ in shares)
    shrunk = whole + _K * _SILENT
    positive = sum(share * one.positive for share, one in shares) / shrunk
    negative = sum(share * one.negative for share, one in shares) / shrunk
    sure = sum(share * copysign(one.sure, one.score) for share, one in shares) / whole
    return Opinion(positive, 1.0 - positive - negative, negative, sure)


def voted(opinion: Opinion, ruled: float, ticker: str) -> CompanySentiment:
    """Return the model's classes with the rules as one more voter, whose direction is theirs."""
    positive, negative = (
        RULES_SHARE * max(0.0, vote) + (1 - RULES_SHARE) * share
        for vote, share in ((ruled, opinion.positive), (-ruled, opinion.negative))
    )
    neutral = max(0.0, 1.0 - positive - negative)
    return CompanySentiment(ticker=ticker, positive=positive, neutral=neutral, negative=negative)


def _shares(spoken: Sequence[Spoken]) -> Iterator[tuple[float, Opinion]]:
    for one in spoken:
        if one.opinion is not None:
            yield one.weight * (_SILENT + (1 - _SILENT) * (1 - one.opinion.neutral)), one.opinion
