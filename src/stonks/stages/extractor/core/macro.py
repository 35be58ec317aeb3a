"""Which macro event a document tells: type, stage, regions, gravity, surprise, direction, and what it does to what."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec

from stonks.model.document import Quote, Span
from stonks.model.identity import event_id
from stonks.model.signal import GlobalEvent
from stonks.stages.extractor.core import macro_rules as rules
from stonks.stages.extractor.core.clauses import chosen_sentences
from stonks.stages.extractor.core.direction import Reading, clause_at, groups_in, judge, read
from stonks.stages.extractor.core.exposure import Effect
from stonks.stages.extractor.core.macro_rules import CUES, Cue
from stonks.stages.extractor.core.summary import summarize

LEAST_SCORE = 2.0
"""A text in which no type's words weigh this much tells no macro event."""

_TITLE = 3.0
_LATER = 0.5
_BODY = 0.3
_STRONG = 3.0
_MOST = 5
_LONGEST_QUOTE = 240
_CLEAR = 0.15
_SUPPLIED = frozenset(("oil", "natgas"))
_DECISION = re.compile(
    r"\b(?:(?:decided|voted|agreed)\b[^.;]{0,30}?\bto|will) "
    r"(?P<verb>raise|increase|lower|reduce|cut|maintain|keep|leave) "
    r"(?:its |the )(?:\w+ ){0,3}(?:target|federal funds|stance)|target range[^.;]{0,60}\bremains appropriate"
    r"|to maintain the current [^.;]{0,40}target range",
    re.IGNORECASE,
)
_VERDICTS = {"raise": -1, "increase": -1, "lower": 1, "reduce": 1, "cut": 1, "maintain": 0, "keep": 0, "leave": 0}
_PERCENT = re.compile(r"\b(\d+(?:\.\d+)?)\s?(?:%|percent)")
_GREAT_TARIFF = 25.0


class Bulletin(msgspec.Struct, frozen=True, kw_only=True):
    """A macro document as it is classified."""

    document_id: UUID
    text: str
    body_start: int
    known_at: datetime
    version: str

    @property
    def title(self) -> str:
        """The text before the body."""
        return self.text[: self.body_start].strip()


@cache
def _pattern(words: str, *, exact: bool = False) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", 0 if exact else re.IGNORECASE)


def classify(bulletin: Bulletin, effects: Mapping[str, Effect]) -> GlobalEvent | None:
    """Return the macro event that a document tells, or None where it tells none."""
    sentences = chosen_sentences(bulletin.text, bulletin.body_start, _later_paragraphs(bulletin))
    readings = [read(sentence) for sentence in sentences]
    title, body = _pieces(bulletin, readings)
    told = [(cue, score) for cue in CUES if (score := _score(cue, title, body)) >= LEAST_SCORE]
    if not told:
        return None
    # What a market did is an event only where nothing is told that it did it for.
    cue, score = max(told, key=lambda pair: (pair[0].type != "other", pair[1]))
    effect = effects[cue.type]
    decision = _DECISION.search(bulletin.text) if cue.type == "rates" else None
    verdict = None if decision is None else _VERDICTS[(decision["verb"] or "keep").lower()]
    direction = _direction(cue, title, body, readings) if verdict is None else verdict
    stage = _stage(cue, bulletin.title)
    sectors, commodities, currencies = _effects(cue, effect, direction, bulletin.text, readings)
    weights = {sentence.start: _score(cue, (), bulletin.text[sentence.start : sentence.end]) for sentence in sentences}
    return GlobalEvent(
        id=event_id(bulletin.document_id, cue.type, bulletin.version),
        document_id=bulletin.document_id,
        type=cue.type,
        stage=stage,
        regions=_regions(f"{bulletin.title} {body}"),
        severity=_severity(cue, effect, bulletin.title, body) if verdict != 0 else effect.severity - 1,
        surprise=_surprise(bulletin.title, body) * (direction or 1),
        direction=direction,
        duration=effect.duration,
        sectors=sectors,
        commodities=commodities,
        currencies=currencies,
        confidence=min(0.85, 0.4 + 0.05 * score) * (0.5 if stage == "rumor" else 1.0),
        summary=summarize(bulletin.text, sentences, weights),
        evidence=_evidence(bulletin, readings, weights),
        known_at=bulletin.known_at,
        extractor_version=bulletin.version,
    )


def _later_paragraphs(bulletin: Bulletin) -> list[int]:
    """Return where the paragraphs after the first begin: a statement decides in its third."""
    return [match.end() for match in re.finditer(r"\n+(?=\S)", bulletin.text[bulletin.body_start :])][:_MOST]


class _Weighed(msgspec.Struct, frozen=True):
    """A piece of text and how much what it says counts."""

    text: str
    weight: float


def _pieces(bulletin: Bulletin, readings: Sequence[Reading]) -> tuple[list[_Weighed], str]:
    """Return the clauses of the title, the first one counting most, and the sentences of the body as one text."""
    title: list[_Weighed] = []
    body: list[str] = []
    for reading in readings:
        sentence = reading.sentence
        if not sentence.in_title:
            body.append(bulletin.text[sentence.start : sentence.end])
            continue
        for clause in reading.clauses:
            if clause.lo < len(sentence.words):
                told = bulletin.text[sentence.starts[clause.lo] : sentence.ends[clause.hi - 1]]
                title.append(_Weighed(told, clause.weight * (_LATER if title else 1.0)))
    return title, " ".join(body)


def _score(cue: Cue, title: Sequence[_Weighed], body: str) -> float:
    """Return how much of a type is told: a title counts three times, a word without doubt too, repeats up to five."""
    score = 0.0
    for words, in_title, in_body in ((cue.words, _TITLE, 0.5), (cue.strong, _TITLE * _STRONG, 1.0)):
        pattern = _pattern(words)
        score += in_body * min(_MOST, len(pattern.findall(body)))
        score += sum(in_title * piece.weight for piece in title if pattern.search(piece.text))
    return score


def _direction(cue: Cue, title: Sequence[_Weighed], body: str, readings: Sequence[Reading]) -> int:
    """Return what the event means for risky assets: -1 bad, 1 good, 0 neither."""
    balance = _tone(readings) if cue.type in rules.TOLD_BY_TONE else 0.0
    if abs(balance) < _CLEAR:
        balance = _lean(cue, title, body)
    return 0 if abs(balance) < _CLEAR else 1 if balance > 0 else -1


def _lean(cue: Cue, title: Sequence[_Weighed], body: str) -> float:
    """Return the balance of words for better and worse in the title; where it has none, that of the body, shrunk."""
    counts = []
    for words in (cue.worse, cue.better):
        found = [piece.weight * len(_pattern(words).findall(piece.text)) for piece in title] if words else [0.0]
        counts.append((sum(found), float(len(_pattern(words).findall(body))) if words else 0.0))
    (worse, worse_later), (better, better_later) = counts
    if worse or better:
        return (better - worse) / (better + worse)
    return (better_later - worse_later - cue.bad) / (better_later + worse_later + 2.0)


def _tone(readings: Iterable[Reading]) -> float:
    """Return what the sentences say by the directional rules, the first clause of the title before all."""
    total = weights = 0.0
    for reading in readings:
        for item in reading.items:
            clause = clause_at(reading.clauses, item.at)
            first = _TITLE if clause.lo == 0 else _TITLE * _LATER
            weight = clause.weight * (first if reading.sentence.in_title else _BODY)
            total, weights = total + weight * item.value, weights + weight
    return total / weights if weights else 0.0


def _stage(cue: Cue, title: str) -> str:
    for stage, words in rules.STAGES:
        if _pattern(words).search(title):
            return stage
    return "data_release" if cue.type in rules.DATA_RELEASES else "announced"


def _severity(cue: Cue, effect: Effect, title: str, body: str) -> int:
    """Return 1 to 5: the type's own gravity, more for great words and high tariffs, less for small words."""
    severity = effect.severity + bool(_pattern(rules.GREAT).search(title))
    severity += len(_pattern(rules.GREAT).findall(body)) > 1
    severity -= bool(_pattern(rules.SMALL).search(title))
    if cue.type == "tariff_trade":
        severity += any(float(figure) >= _GREAT_TARIFF for figure in _PERCENT.findall(f"{title} {body}"))
    return max(1, min(5, severity))


def _surprise(title: str, body: str) -> int:
    if _pattern(rules.AS_EXPECTED).search(f"{title} {body}"):
        return 0
    if _pattern(rules.SHOCK).search(title):
        return 2
    return int(bool(_pattern(rules.SHOCK).search(body) or _pattern(rules.BEYOND).search(f"{title} {body}")))


def _regions(text: str) -> tuple[str, ...]:
    """Return the regions named, those named most often first; the whole world where none is."""
    counts = {region: len(_pattern(words, exact=True).findall(text)) for region, words in rules.REGIONS.items()}
    named = sorted((region for region, count in counts.items() if count), key=lambda region: (-counts[region], region))
    return tuple(named[:4]) or ("GLOBAL",)


def _effects(
    cue: Cue, effect: Effect, direction: int, text: str, readings: Sequence[Reading]
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return what the event does to sectors, commodities and currencies: by its type, and by what the text says."""
    sign = -float(direction)
    sectors, commodities, currencies = (
        {name: sign * figure.value for name, figure in table.items() if figure.value * sign}
        for table in (effect.sectors | effect.industries, effect.commodities, effect.currencies)
    )
    for table, cues, weight in (
        (sectors, rules.SECTORS, 0.3),
        (commodities, rules.COMMODITIES, 0.6),
        (currencies, rules.CURRENCIES, 0.6),
    ):
        for name, score in _said_of(cues, text, readings).items():
            if name in _SUPPLIED and cue.type == "energy_supply":
                continue  # more of it is told as a rise, and makes it cheaper
            table[name] = max(-1.0, min(1.0, (table.get(name, 0.0) if table is sectors else 0.0) + weight * score))
    return sectors, commodities, currencies


def _said_of(cues: Mapping[str, str], text: str, readings: Sequence[Reading]) -> dict[str, float]:
    """Return what the sentences say of each thing they name, as they would of a company."""
    scores: dict[str, float] = {}
    for reading in readings:
        sentence = reading.sentence
        named = {
            name: [
                Span(start=match.start(), end=match.end())
                for match in _pattern(words).finditer(text, sentence.start, sentence.end)
            ]
            for name, words in cues.items()
        }
        groups = groups_in(sentence, {name: spans for name, spans in named.items() if spans})
        for name in (name for name, spans in named.items() if spans):
            judgement = judge(reading, groups, name)
            if judgement is not None and judgement.own and abs(judgement.score) > abs(scores.get(name, 0.0)):
                scores[name] = judgement.score
    return scores


def _evidence(bulletin: Bulletin, readings: Sequence[Reading], weights: Mapping[int, float]) -> tuple[Quote, ...]:
    """Return the title and the sentence of the body that tells most of the event, word for word."""
    ranked = sorted(
        (reading.sentence for reading in readings), key=lambda one: (not one.in_title, -weights[one.start], one.start)
    )
    quotes = []
    for sentence in ranked[:2]:
        end = min(sentence.end, sentence.start + _LONGEST_QUOTE)
        quotes.append(Quote(quote=bulletin.text[sentence.start : end], start=sentence.start, end=end))
    return tuple(quotes)
