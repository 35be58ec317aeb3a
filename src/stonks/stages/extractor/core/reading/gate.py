"""Which documents are worth a model's time: by what the rules read of them, and by how long others have waited."""

from datetime import timedelta

from stonks.model.document import RELEVANCE, DocumentType
from stonks.model.signal import Extraction, Impact
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.extract import Article, Named
from stonks.stages.extractor.core.novelty import novelty, story_words

LEAST_VALUE = 0.15
"""V from which a document is asked about (signals.md 1.2)."""
LEAST_VALUE_PRESSED = 0.6
"""The same while documents wait for long."""
LONG_WAIT = timedelta(minutes=10)
SHORT_WAIT = timedelta(minutes=2)
"""Waits at which the higher bar begins and ends: not the same, so that it does not flutter."""

_ALWAYS = {DocumentType.FILING, DocumentType.PRESS_RELEASE}


def pressed(waited: timedelta, *, before: bool) -> bool:
    """Return whether only the most valuable documents are asked about, given whether that was so before."""
    return waited > LONG_WAIT or (before and waited > SHORT_WAIT)


def is_worth_asking(article: Article, said: Extraction, quality: float, *, hurried: bool) -> bool:
    """Return whether a model is to read a document: filings and press releases always, unless documents wait."""
    if not article.named:
        return False
    if hurried:
        return value_of(article, said, quality) >= LEAST_VALUE_PRESSED
    return article.document_type in _ALWAYS or value_of(article, said, quality) >= LEAST_VALUE


def value_of(article: Article, said: Extraction, quality: float) -> float:
    """Return V = relevance * novelty * quality * (0.3 + |s|) * (1 + prior of the event), of the company it tells most.

    Every company that a document names is followed, so that signals.md's factor for that is 1.
    """
    impacts = {impact.ticker: impact for impact in said.impacts}
    return quality * max((_told(article, named, impacts.get(named.ticker)) for named in article.named), default=0.0)


def _told(article: Article, named: Named, impact: Impact | None) -> float:
    if impact is None:
        return RELEVANCE[named.role] * newness(article, named) * 0.3
    prior = CHARACTER[impact.event_types[0]].prior
    return RELEVANCE[named.role] * impact.novelty * (0.3 + abs(impact.direction)) * (1.0 + prior)


def newness(article: Article, named: Named) -> float:
    """Return how new a document's story is for a company that the rules read nothing of."""
    names = (named.ticker, named.name, *named.aliases)
    earlier = [told for told in article.earlier if told.ticker == named.ticker]
    return novelty(story_words(article.title, names), article.cluster_id, earlier, names)
