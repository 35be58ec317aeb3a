"""What the rules read and what the model read, as one extraction: a pool of log-odds with half a say each.

A model that says nothing of a company leaves the rules' word as it is; of a company of which only the model speaks, its
word counts half.
"""

from collections.abc import Iterable, Sequence
from math import copysign, exp, log

import msgspec

from stonks.model.document import RELEVANCE, Quote
from stonks.model.signal import EventType, Extraction, Impact, KeyNumber
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.extract import MOST_NUMBERS, Article
from stonks.stages.extractor.core.impacts import HORIZONS, MOST_EVENTS, MOST_QUOTES
from stonks.stages.extractor.core.kinds import CERTAINTY
from stonks.stages.extractor.core.reading.gate import newness
from stonks.stages.extractor.core.reading.subject import Believed, Guidance, Reading, Risk

SHARE = 0.5
"""The model's say, until outcomes fit it (signals.md 1.2)."""

_EDGE = 0.02
"""No reading is surer than this of a sign."""
_LEAST = 0.05
"""A pooled probability nearer to a half says nothing of direction."""
_MOST_GUIDANCE = 8


class Blended(msgspec.Struct, frozen=True, kw_only=True):
    """An extraction by rules and model together, with what only the model reads."""

    extraction: Extraction
    guidance: tuple[Guidance, ...] = ()
    risks: tuple[Risk, ...] = ()


def blend(article: Article, said: Extraction, readings: Sequence[Reading], prompt_version: str) -> Blended:
    """Return what rules and model read, with the readings of a long document's windows put together."""
    claimed, kept = sum(one.claimed for one in readings), sum(one.kept for one in readings)
    ratio = kept / claimed if claimed else 1.0
    believed = _surest([one for reading in readings for one in reading.companies])
    rules = {impact.ticker: impact for impact in said.impacts}
    certainty = ratio * CERTAINTY.get(said.kind, 1.0)
    impacts = []
    for named in sorted(article.named, key=lambda named: named.ticker):
        own, model = rules.get(named.ticker), believed.get(named.ticker)
        if model is None:
            impacts += [] if own is None else [own]
            continue
        base = own or _blank(named.ticker, RELEVANCE[named.role], newness(article, named), model)
        pooled = _pooled(base, model, own, model.confidence * certainty)
        impacts += [] if pooled is None else [pooled]
    alone = readings[0].summary if len(readings) == 1 else ""
    extraction = msgspec.structs.replace(
        said,
        extractor_version=f"{said.extractor_version}+{prompt_version}",
        kind="pr_spam" if any(one.kind == "pr_spam" for one in readings) else said.kind,
        summary=alone or said.summary,
        impacts=tuple(impacts),
        numbers=_numbers(said.numbers, [one for reading in readings for one in reading.numbers]),
        verified_ratio=ratio,
        # What two readings leave of a company's direction is its impact's; the classes are those of the rules alone.
        sentiments=tuple(one for one in said.sentiments if one.ticker not in believed),
    )
    return Blended(
        extraction=extraction,
        guidance=tuple(one for reading in readings for one in reading.guidance)[:_MOST_GUIDANCE],
        risks=tuple(one for reading in readings for one in reading.risks)[:_MOST_GUIDANCE],
    )


def _surest(believed: Iterable[Believed]) -> dict[str, Believed]:
    """Return of each company what was said of it most surely, with the events of all that was said the same way."""
    best: dict[str, Believed] = {}
    for one in believed:
        known = best.get(one.ticker)
        if known is None:
            best[one.ticker] = one
            continue
        surer = one if one.confidence > known.confidence else known
        agree = one.sentiment * known.sentiment > 0
        events = tuple(dict.fromkeys((*known.event_types, *one.event_types))) if agree else surer.event_types
        best[one.ticker] = msgspec.structs.replace(surer, event_types=events)
    return best


def _blank(ticker: str, relevance: float, new: float, model: Believed) -> Impact:
    """Return what the rules say of a company of which they read nothing."""
    leading = next(iter(model.event_types), EventType.OTHER)
    return Impact(
        ticker=ticker,
        direction=0.0,
        strength=0.0,
        confidence=0.0,
        event_types=(),
        horizon=HORIZONS[CHARACTER[leading].half_life],
        relevance=relevance,
        novelty=new,
        evidence=(),
    )


def _pooled(base: Impact, model: Believed, own: Impact | None, confidence: float) -> Impact | None:
    """Return one impact of two readings, or None where they leave neither a direction nor an event."""
    odds = (1 - SHARE) * _logit(base.direction, base.confidence) + SHARE * _logit(model.sentiment, confidence)
    sure = 2.0 / (1.0 + exp(-odds)) - 1.0  # 2p - 1
    events = _events(base.event_types, model.event_types)
    sizes = [abs(base.direction)] if own and base.direction * sure > 0 else []
    sizes += [abs(model.sentiment) / 2] if model.sentiment * sure > 0 else []
    if abs(sure) < _LEAST or not sizes:
        return None if own is None else msgspec.structs.replace(own, direction=0.0, strength=0.0, event_types=events)
    strength = model.magnitude / 3 * CHARACTER[events[0]].prior
    return msgspec.structs.replace(
        base,
        direction=copysign(sum(sizes) / len(sizes), sure),
        strength=min(1.0, strength if own is None else (own.strength + strength) / 2),
        confidence=min(1.0, abs(sure)),
        event_types=events,
        evidence=_quotes(model.quote, base.evidence),
    )


def _logit(direction: float, confidence: float) -> float:
    """Return the log-odds that a company fares better: the sign, as sure as it is."""
    if not direction:
        return 0.0
    up = min(1.0 - _EDGE, max(_EDGE, 0.5 + copysign(confidence / 2, direction)))
    return log(up / (1.0 - up))


def _events(rules: Sequence[EventType], model: Sequence[EventType]) -> tuple[EventType, ...]:
    """Return the events of both, the rules' first; that something else happened is only said where nothing is known."""
    told = [event for event in dict.fromkeys((*rules, *model)) if event is not EventType.OTHER]
    return tuple(told[:MOST_EVENTS]) or (EventType.OTHER,)


def _quotes(first: Quote, others: Iterable[Quote]) -> tuple[Quote, ...]:
    taken: list[Quote] = []
    for quote in (first, *others):
        if len(taken) < MOST_QUOTES and not any(quote.start < one.end and one.start < quote.end for one in taken):
            taken.append(quote)
    return tuple(taken)


def _numbers(rules: Sequence[KeyNumber], model: Iterable[KeyNumber]) -> tuple[KeyNumber, ...]:
    """Return the rules' figures, then those that only the model read."""
    known = {(round(one.value, 6), one.unit) for one in rules}
    return (*rules, *(one for one in model if (round(one.value, 6), one.unit) not in known))[:MOST_NUMBERS]
