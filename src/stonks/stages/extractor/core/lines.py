"""One line that asks about a text: the article it is, and the answer in the words of who asked."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from stonks.model.document import DocumentType, Mention, Role, Span
from stonks.model.line import CompanyRead, EventRead, LineAsked, LineRead, NumberRead, Verdict
from stonks.model.signal import CompanyEvent, CompanySentiment, Extraction, Impact, KeyNumber
from stonks.stages.extractor.core.clauses import split_sentences
from stonks.stages.extractor.core.entities import places_of
from stonks.stages.extractor.core.extract import LONGEST_TITLE, Article, Named, body_start

Finder = Callable[[str, int], tuple[Mention, ...]]
"""Returns the followed companies that a text names, given where its body begins."""

UNSURE = 0.05
"""Confidence that somebody of whom nothing is said is spoken of neutrally."""
LEAST = 0.1
"""A score nearer to nothing is neutral."""

_NO_STORY = UUID(int=0)


class Question(NamedTuple):
    """A line's article with who was asked for, each as its answer names them."""

    article: Article
    tickers: tuple[str, ...]
    entities: tuple[str, ...]


def question_of(asked: LineAsked, finder: Finder) -> Question:
    """Return the article that a line is, with where it names those that are to be judged."""
    text, start = _joined(asked)
    entities = tuple(dict.fromkeys(asked.entities or ()))
    tickers = tuple(ticker for ticker in dict.fromkeys(asked.tickers or ()) if ticker not in entities)
    named = [_named(text, start, name, spans) for name, spans in places_of(text, entities).items()]
    if tickers or not entities:
        mentions = finder(text, start)
        if asked.tickers or asked.entities:
            known = {mention.ticker for mention in mentions}
            mentions = tuple(mention for mention in mentions if mention.ticker in tickers)
            rest = places_of(text, (ticker for ticker in tickers if ticker not in known))
            named += [_named(text, start, ticker, spans) for ticker, spans in rest.items()]
        else:
            tickers = tuple(mention.ticker for mention in mentions)
        named += [Named(ticker=one.ticker, role=one.role, spans=one.spans) for one in mentions]
    article = Article(
        text=text, body_start=start, document_type=DocumentType.NEWS, cluster_id=_NO_STORY, named=tuple(named)
    )
    return Question(article, tickers, entities)


def _joined(asked: LineAsked) -> tuple[str, int]:
    """Return title, an empty line and text, and where the body begins; a single short line is a headline."""
    title, text = asked.title or "", asked.text or ""
    if title and text:
        return f"{title}\n\n{text}", len(title) + 2
    whole = title or text
    if title or ("\n" not in whole and len(whole) <= LONGEST_TITLE):
        return whole, len(whole)
    return whole, body_start(whole, "")


def _named(text: str, start: int, name: str, spans: tuple[Span, ...]) -> Named:
    """Return somebody given by name: mainly spoken of where the title or the first sentence names them."""
    _, first = next(split_sentences(text, start, len(text)), (start, start))
    role = Role.PRIMARY if spans[0].start < max(start, first) else Role.SECONDARY
    return Named(ticker=name, role=role, spans=spans, name=name)


def answer_of(asked: LineAsked, question: Question, extraction: Extraction) -> LineRead:
    """Return what an extraction says of everybody who was asked for, in that order."""
    present = {named.ticker for named in question.article.named}
    impacts = {impact.ticker: impact for impact in extraction.impacts}
    judged = [(name, False) for name in question.entities] + [(name, True) for name in question.tickers]
    return LineRead(
        id=asked.id,
        companies=tuple(
            _company(name, impacts.get(name), extraction, is_ticker=is_ticker)
            for name, is_ticker in judged
            if name in present
        ),
        absent=tuple(name for name, _ in judged if name not in present),
        numbers=tuple(map(_number, extraction.numbers)),
        summary=extraction.summary,
        kind=extraction.kind,
        extractor=extraction.extractor_version,
    )


def _company(name: str, impact: Impact | None, extraction: Extraction, *, is_ticker: bool) -> CompanyRead:
    told = next((one for one in extraction.sentiments if one.ticker == name), None)
    score = told.score if told else impact.direction if impact else 0.0
    naming: Mapping[str, str] = {"ticker": name} if is_ticker else {"entity": name}
    return CompanyRead(
        **naming,
        verdict=verdict_of(score) if told is None else likeliest(told),
        score=score,
        confidence=impact.confidence if impact else UNSURE,
        events=tuple(_event(event) for event in extraction.events if event.ticker == name),
        quotes=impact.evidence if impact else (),
    )


def verdict_of(score: float) -> Verdict:
    """Return the class of a score."""
    return Verdict.POSITIVE if score > LEAST else Verdict.NEGATIVE if score < -LEAST else Verdict.NEUTRAL


def likeliest(told: CompanySentiment) -> Verdict:
    """Return the likeliest class."""
    if told.neutral >= max(told.positive, told.negative):
        return Verdict.NEUTRAL
    return Verdict.POSITIVE if told.positive > told.negative else Verdict.NEGATIVE


def _event(event: CompanyEvent) -> EventRead:
    return EventRead(
        type=event.type,
        roles=event.roles,
        polarity=event.polarity,
        confidence=event.confidence,
        hedged=event.hedged,
        negated=event.negated,
        quote=event.evidence.quote,
        start=event.evidence.start,
        end=event.evidence.end,
    )


def _number(number: KeyNumber) -> NumberRead:
    return NumberRead(
        metric=number.metric,
        value=number.value,
        unit=number.unit,
        basis=number.basis,
        period=number.period,
        quote=number.evidence.quote,
        start=number.evidence.start,
        end=number.evidence.end,
    )
