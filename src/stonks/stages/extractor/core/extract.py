"""One document to one extraction: what its sentences say of whom, events, figures, summary."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from stonks.model.document import RELEVANCE, DocumentType, Quote, Role, Span
from stonks.model.signal import CompanyEvent, Extraction, KeyNumber
from stonks.stages.extractor.core.clauses import chosen_sentences, read_sentence, split_clauses
from stonks.stages.extractor.core.direction import Reading, groups_in, read
from stonks.stages.extractor.core.events import SAME_SENTENCE, Event, find_events
from stonks.stages.extractor.core.filing_items import CODES, Heading, headings_of
from stonks.stages.extractor.core.impacts import weigh
from stonks.stages.extractor.core.kinds import CERTAINTY, is_anaphoric, is_filler, is_supposed, kind_of
from stonks.stages.extractor.core.novelty import Told, novelty, story_words
from stonks.stages.extractor.core.numbers import eps_surprise, find_numbers
from stonks.stages.extractor.core.opinions import About, Passage
from stonks.stages.extractor.core.own_words import own_places
from stonks.stages.extractor.core.sentiment import Sentiment
from stonks.stages.extractor.core.statements import statement_numbers
from stonks.stages.extractor.core.summary import summarize

EXTRACTOR_VERSION = "rules-1"
"""Written to every row that the rules alone lead to; a change of a rule that changes what is stored makes a new one."""

MOST_NUMBERS = 10
LONGEST_TITLE = 300


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked company that a document names, where, and under which names texts know it."""

    ticker: str
    role: Role
    spans: tuple[Span, ...]
    name: str = ""
    aliases: tuple[str, ...] = ()


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """All that an extraction depends on."""

    text: str
    body_start: int
    document_type: DocumentType
    cluster_id: UUID
    named: tuple[Named, ...]
    earlier: tuple[Told, ...] = ()
    regions: tuple[Span, ...] | None = None
    """What of the body is to be read, the most telling first: of a filing what is new; None for all of it."""

    @property
    def title(self) -> str:
        """The text before the body."""
        return self.text[: self.body_start].strip()


def body_start(text: str, title: str) -> int:
    """Return where the body of a normalized text begins: after its title and an empty line, or at its end without one.

    The title is the document's own where the text begins with it, else a single short first paragraph.
    """
    if text == title:
        return len(text)
    if title and text.startswith(f"{title}\n\n"):
        return len(title) + 2
    head, parted, _ = text.partition("\n\n")
    return len(head) + 2 if parted and "\n" not in head and len(head) <= LONGEST_TITLE else 0


def extract(article: Article, sentiment: Sentiment | None = None) -> Extraction:
    """Return all that the rules, and the sentiment model if there is one, read from a document.

    A company of whom no direction and no event is told gets no impact: the extraction says what it does not know.
    """
    passages = read_passages(article)
    told = sorted((*passages, *_read_headings(article)), key=lambda passage: passage.reading.sentence.start)
    kind = kind_of(article.document_type, article.title)
    abouts = [_about(article, named, kind) for named in _in_order(article)]
    verdicts = [weigh(article.text, told, about, sentiment) for about in abouts]
    numbers = list(_stated(article))
    numbers += [number for passage in passages for number in find_numbers(article.text, passage.reading.sentence)]
    return Extraction(
        extractor_version=EXTRACTOR_VERSION if sentiment is None else sentiment.header.version,
        kind=kind,
        summary=summarize(
            article.text, [passage.reading.sentence for passage in passages], _weights(passages, numbers)
        ),
        impacts=tuple(verdict.impact for verdict in verdicts if verdict.impact is not None),
        numbers=tuple(numbers[:MOST_NUMBERS]),
        events=tuple(_told(article.text, event) for verdict in verdicts for event in verdict.events),
        sentiments=tuple(verdict.sentiment for verdict in verdicts if verdict.sentiment is not None),
    )


def _told(text: str, event: Event) -> CompanyEvent:
    """Return an event with the words that tell it."""
    roles: dict[str, tuple[str, ...]] = {}
    for role, ticker in event.roles:
        roles[role] = (*roles.get(role, ()), ticker)
    return CompanyEvent(
        type=event.type,
        ticker=event.ticker,
        polarity=event.polarity,
        confidence=event.confidence,
        hedged=event.hedged,
        negated=event.negated,
        roles=roles,
        evidence=Quote(quote=text[event.start : event.end], start=event.start, end=event.end),
    )


def read_passages(article: Article) -> list[Passage]:
    """Return the sentences worth reading, each with the companies it names and the events it tells."""
    text = article.text
    places = [span.start for named in article.named for span in named.spans]
    spans = {named.ticker: named.spans for named in _in_order(article)}
    elsewhere = [named.ticker for named in article.named if _sole(article, named)]
    passages = []
    regions = None if article.regions is None else [(region.start, region.end) for region in article.regions]
    if elsewhere and article.document_type is DocumentType.FILING:
        places += own_places(text, regions or [(article.body_start, len(text))])
    for sentence in chosen_sentences(text, article.body_start, places, regions):
        if not sentence.in_title and _says_nothing(article, text[sentence.start : sentence.end]):
            continue
        reading, groups = read(sentence), groups_in(sentence, spans)
        spoken_of = sentence.in_title or bool(groups) or is_anaphoric(text[sentence.start : sentence.end])
        events = find_events(text, reading, groups, elsewhere if spoken_of else ())
        passages.append(Passage(reading, groups, tuple(events), eps_surprise(text, sentence), spoken_of))
    return passages


def _stated(article: Article) -> tuple[KeyNumber, ...]:
    """Return the figures that a company states in a table of its own."""
    own = article.document_type in (DocumentType.FILING, DocumentType.PRESS_RELEASE)
    return statement_numbers(article.text, article.body_start) if own else ()


def _read_headings(article: Article) -> Iterator[Passage]:
    """Yield the headings of a current report's items, each with the event that its code stands for."""
    if article.document_type is not DocumentType.FILING:
        return
    filers = [named.ticker for named in article.named if _sole(article, named)]
    for heading in headings_of(article.text, article.body_start):
        sentence = read_sentence(article.text, heading.start, heading.end, in_title=False)
        events = () if heading.code not in CODES else tuple(_coded(heading, filer) for filer in filers)
        yield Passage(Reading(sentence, (), split_clauses(sentence.words, ())), (), events, None, anaphoric=False)


def _coded(heading: Heading, filer: str) -> Event:
    code = CODES[heading.code]
    roles = (("subject", filer),)
    return Event(code.type, filer, code.polarity, SAME_SENTENCE, heading.start, heading.end, roles=roles)


def _says_nothing(article: Article, sentence: str) -> bool:
    supposed = article.document_type is DocumentType.FILING and is_supposed(sentence)
    return supposed or is_filler(sentence, article.title)


def _in_order(article: Article) -> list[Named]:
    return sorted(article.named, key=lambda named: named.ticker)


def _sole(article: Article, named: Named) -> bool:
    """Whether this is the one company a document is mainly about."""
    return named.role is Role.PRIMARY and sum(other.role is Role.PRIMARY for other in article.named) == 1


def _about(article: Article, named: Named, kind: str) -> About:
    names = (named.ticker, named.name, *named.aliases)
    earlier = [told for told in article.earlier if told.ticker == named.ticker]
    return About(
        ticker=named.ticker,
        relevance=RELEVANCE[named.role],
        novelty=novelty(story_words(article.title, names), article.cluster_id, earlier, names),
        certainty=CERTAINTY.get(kind, 1.0),
        sole=_sole(article, named),
    )


def _weights(passages: Sequence[Passage], numbers: Sequence[KeyNumber]) -> dict[int, float]:
    """Return how much each sentence tells: companies, events, directional words, figures."""
    weights = {}
    for passage in passages:
        sentence = passage.reading.sentence
        figures = sum(sentence.start <= number.evidence.start < sentence.end for number in numbers)
        said = min(3, len(passage.reading.items))
        weights[sentence.start] = 1.0 * len(passage.groups) + 2.0 * len(passage.events) + 0.5 * said + 0.5 * figures
    return weights
