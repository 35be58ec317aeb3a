"""One macro event from two readings: the rules' and, where a model's held, the model's, as a pool of log-odds.

Each reading has half a say (signals.md 1.2). Where both tell the same the pool is the mean of their log-odds; where one
contradicts the other it speaks for the opposite. What an event does to what stays with the reviewed effects.
"""

from collections.abc import Mapping
from math import exp, log

import msgspec

from stonks.model.document import Quote
from stonks.model.identity import event_id
from stonks.model.signal import GlobalEvent
from stonks.stages.extractor.core.event_classifier import NO_EVENT, Opinion
from stonks.stages.extractor.core.exposure import Effect
from stonks.stages.extractor.core.macro import Bulletin

SHARE = 0.5
"""The model's say, until outcomes fit it."""
BASE = (0.2, 0.4, 0.6, 0.75)
"""What a model's confidence of 0 to 3 is worth, until it is calibrated."""
ALONE = 0.5
"""What the model's word is worth where the rules see no event at all."""
LEAST_CONFIDENCE = 0.15
"""Below it neither reading is sure enough of an event to keep it."""

_CLEAR = 0.1
_SECTOR = 0.1
_THING = 0.3
_EDGE = 0.02
_MOST_REGIONS = 4
_MOST_QUOTES = 3


def blend(
    told: GlobalEvent | None, opinion: Opinion, bulletin: Bulletin, effects: Mapping[str, Effect], prompt_version: str
) -> GlobalEvent | None:
    """Return the event that the rules and the model tell together, or None where they tell none.

    Args:
        told: what the rules read.
        opinion: what of the model's answer held.
        bulletin: the document.
        effects: the reviewed effects by event type.
        prompt_version: the words that the model was asked with; part of the version that the row carries.
    """
    sure = BASE[opinion.confidence] * opinion.verified
    if told is not None and told.type == opinion.type:
        event = _together(told, opinion, effects[told.type], sure)
    elif told is not None and (opinion.type == NO_EVENT or told.confidence >= sure):
        event = msgspec.structs.replace(told, confidence=_pooled(told.confidence, -sure))
    elif opinion.type != NO_EVENT and opinion.quote is not None:
        confidence = ALONE * sure if told is None else _pooled(-told.confidence, sure)
        event = _alone(opinion, opinion.quote, bulletin, effects[opinion.type], confidence)
    else:
        return None
    if event.confidence < LEAST_CONFIDENCE:
        return None
    version = f"{bulletin.version}+{prompt_version}"
    return msgspec.structs.replace(
        event, id=event_id(bulletin.document_id, event.type, version), extractor_version=version
    )


def _pooled(rules: float, model: float) -> float:
    """Return what two readings are worth together, for (above 0) or against: 2p - 1 of their pooled log-odds."""
    odds = (1.0 - SHARE) * _logit(rules) + SHARE * _logit(model)
    return 2.0 / (1.0 + exp(-odds)) - 1.0


def _logit(worth: float) -> float:
    probability = min(1.0 - _EDGE, max(_EDGE, 0.5 + worth / 2))
    return log(probability / (1.0 - probability))


def _together(told: GlobalEvent, opinion: Opinion, effect: Effect, sure: float) -> GlobalEvent:
    """Return an event that both tell: their direction and confidence pooled, the middle of what they grade."""
    lean = _pooled(told.direction * told.confidence, opinion.direction * sure)
    direction = 0 if abs(lean) < _CLEAR else 1 if lean > 0.0 else -1
    sectors, commodities, currencies = (
        (told.sectors, told.commodities, told.currencies) if direction == told.direction else _tables(effect, direction)
    )
    rumor = opinion.stage == "rumor" and told.stage != "rumor"
    surprise = told.surprise if opinion.surprise is None else abs(opinion.surprise) * (direction or 1)
    quotes = (
        told.evidence if opinion.quote in told.evidence or opinion.quote is None else (*told.evidence, opinion.quote)
    )
    return msgspec.structs.replace(
        told,
        direction=direction,
        severity=round((told.severity + opinion.severity) / 2),
        surprise=int((told.surprise + surprise) / 2),
        stage="rumor" if rumor else told.stage,
        regions=tuple(dict.fromkeys((*told.regions, *opinion.regions)))[:_MOST_REGIONS],
        sectors=_moved(sectors, opinion.sectors, _SECTOR),
        commodities=_moved(commodities, opinion.commodities, _THING),
        currencies=_moved(currencies, opinion.currencies, _THING),
        confidence=_pooled(told.confidence, sure) * (0.5 if rumor else 1.0),
        summary=opinion.summary or told.summary,
        evidence=quotes[:_MOST_QUOTES],
    )


def _alone(opinion: Opinion, quote: Quote, bulletin: Bulletin, effect: Effect, confidence: float) -> GlobalEvent:
    """Return the event as the model tells it, with the reviewed effects of its type."""
    sectors, commodities, currencies = _tables(effect, opinion.direction)
    return GlobalEvent(
        id=event_id(bulletin.document_id, opinion.type, bulletin.version),
        document_id=bulletin.document_id,
        type=opinion.type,
        stage=opinion.stage or "announced",
        regions=opinion.regions or ("GLOBAL",),
        severity=round((effect.severity + opinion.severity) / 2),
        surprise=opinion.surprise or 0,
        direction=opinion.direction,
        duration=effect.duration,
        sectors=_moved(sectors, opinion.sectors, _SECTOR),
        commodities=_moved(commodities, opinion.commodities, _THING),
        currencies=_moved(currencies, opinion.currencies, _THING),
        confidence=confidence * (0.5 if opinion.stage == "rumor" else 1.0),
        summary=opinion.summary or quote.quote,
        evidence=(quote,),
        known_at=bulletin.known_at,
        extractor_version=bulletin.version,
    )


def _tables(effect: Effect, direction: int) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return what an event of a type and direction does to sectors, commodities and currencies."""
    sign = -float(direction)
    sectors, commodities, currencies = (
        {name: sign * figure.value for name, figure in table.items() if figure.value * sign}
        for table in (effect.sectors | effect.industries, effect.commodities, effect.currencies)
    )
    return sectors, commodities, currencies


def _moved(table: Mapping[str, float], said: Mapping[str, int], step: float) -> dict[str, float]:
    """Return a table in which what the model says of things the text names counts a step for each grade."""
    moved = dict(table)
    for name, grade in said.items():
        if grade:
            moved[name] = max(-1.0, min(1.0, moved.get(name, 0.0) + step * grade))
    return moved
