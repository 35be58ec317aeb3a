"""Company events told in a sentence: type, whom it befalls, how sure the telling is, and the words that tell it.

A rule's pattern runs only where one of its trigger words stands, so most sentences run none or two of them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from stonks.model.signal import EventType
from stonks.stages.extractor.core.business_rules import BUSINESS
from stonks.stages.extractor.core.capital_rules import CAPITAL
from stonks.stages.extractor.core.clauses import Clause
from stonks.stages.extractor.core.direction import Group, Reading, clause_at, holder_of
from stonks.stages.extractor.core.event_rule import Rule
from stonks.stages.extractor.core.lexicon import HEDGES, NEGATIONS

RULES = (*CAPITAL, *BUSINESS)
"""Every rule; of two of one type on one company the first one of the highest confidence counts."""

TITLE_CLAUSE = 0.9
SAME_SENTENCE = 0.7
ELSEWHERE = 0.5
"""Confidence by where event and company stand (signals.md 2.4)."""

_DOUBTED = 0.5
"""How much of the confidence is left to what is hedged or denied."""

_STEM = 4
_NEGATION_REACH = 4
_DEAL_REACH = 3
"""Words within which the bought company follows the verb."""
_PARTY_REACH = 4
_TO_REACH = 2
"""Words within which a party follows what it takes part in, and a buyer the "to" that names it."""
_ACQUIRER_POLARITY = -0.1
_PASSIVE = re.compile(r"\w+ed (?:by|at|to|with|from|over|for|after|in|on)\b", re.IGNORECASE)


class Event(msgspec.Struct, frozen=True):
    """One event that befalls one company, told by the characters [start, end)."""

    type: EventType
    ticker: str
    polarity: float
    confidence: float
    start: int
    end: int
    hedged: bool = False
    negated: bool = False
    roles: tuple[tuple[str, str], ...] = ()
    """Who takes which part in it, this company among them: a role and a ticker each."""


class _Told(msgspec.Struct, frozen=True):
    """A rule's pattern found in a sentence: its words [lo, hi) and characters, and how it is told."""

    rule: Rule
    lo: int
    hi: int
    start: int
    end: int
    hedged: bool
    negated: bool
    passive: bool

    @property
    def polarity(self) -> float:
        """Its polarity; what is denied says half as much of the opposite."""
        return self.rule.polarity * (-0.5 if self.negated else 1.0)


def _gates() -> dict[str, int]:
    gates: dict[str, int] = {}
    for index, rule in enumerate(RULES):
        for trigger in rule.triggers.split():
            gates[trigger] = gates.get(trigger, 0) | 1 << index
    return gates


_GATES = _gates()


@cache
def _patterns(index: int) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    rule = RULES[index]
    return re.compile(rule.pattern, re.IGNORECASE), re.compile(rule.veto, re.IGNORECASE) if rule.veto else None


def find_events(text: str, reading: Reading, groups: Sequence[Group], elsewhere: Sequence[str] = ()) -> list[Event]:
    """Return the events a sentence tells; where it names nobody they befall the companies named ``elsewhere``."""
    events: list[Event] = []
    for told in _told(text, reading):
        if groups:
            events += _assigned(reading, groups, told)
        elif told.rule.about != "deal":
            events += [_event(told, ticker, ELSEWHERE, (("subject", ticker),)) for ticker in elsewhere]
    return events


def _told(text: str, reading: Reading) -> Iterator[_Told]:
    sentence, mask = reading.sentence, 0
    for word in sentence.words:
        mask |= _GATES.get(word[:_STEM], 0)
    while mask:
        index = (mask & -mask).bit_length() - 1
        mask &= mask - 1
        pattern, veto = _patterns(index)
        match = pattern.search(text, sentence.start, sentence.end)
        if match is not None and not (veto is not None and veto.search(text, sentence.start, sentence.end)):
            yield _certain(reading, RULES[index], match)


def _certain(reading: Reading, rule: Rule, match: re.Match[str]) -> _Told:
    """Return a match with its place in words, doubted where a hedge or a negation stands before its end."""
    sentence = reading.sentence
    lo = max(0, bisect_right(sentence.starts, match.start()) - 1)
    hi = max(lo + 1, bisect_left(sentence.starts, match.end()))
    clause = clause_at(reading.clauses, lo)
    negated = any(word in NEGATIONS for word in sentence.words[max(clause.lo, lo - _NEGATION_REACH) : lo])
    hedged = any(word in HEDGES for word in sentence.words[clause.lo : hi])
    return _Told(
        rule=rule,
        lo=lo,
        hi=hi,
        start=match.start(),
        end=match.end(),
        hedged=hedged,
        negated=negated,
        passive=_PASSIVE.match(match.string[match.start() : match.end() + 7]) is not None,
    )


def _assigned(reading: Reading, groups: Sequence[Group], told: _Told) -> Iterator[Event]:
    """Yield the event for every company it befalls, with whoever is named as doing it."""
    match told.rule.about:
        case "deal" | "sold":
            yield from _dealt(reading, groups, told)
        case "sale":
            yield from _parted(reading, groups, told)
        case "parties":
            yield from _shared(reading, groups, told)
        case _:
            yield from _befallen(reading, groups, told)


def _befallen(reading: Reading, groups: Sequence[Group], told: _Told) -> Iterator[Event]:
    """Yield the event for whom it is told of: who is near, or whom the verb is about."""
    clause, doers = clause_at(reading.clauses, told.lo), []
    if told.rule.about == "object":
        doers = [group for group in groups if _is_source(reading, group) or _is_doer(reading, group, told)]
        groups = [group for group in groups if not _is_source(reading, group)]
    inside = [group for group in groups if clause.lo <= group.lo < clause.hi]
    ahead = told.rule.about == "object" and not told.passive
    holder = holder_of(told.lo, inside, ahead=ahead) or holder_of(told.lo, groups, ahead=ahead)
    if holder is not None and not _inside(holder, told) and not _is_doer(reading, holder, told):
        yield from _each(reading, told, holder, (*_parts("subject", [holder]), *_parts("agent", doers)))


def _shared(reading: Reading, groups: Sequence[Group], told: _Told) -> Iterator[Event]:
    """Yield the event for everybody who takes part: those of its clause, else who is nearest."""
    clause = clause_at(reading.clauses, told.lo)
    own = [group for group in groups if not _inside(group, told)]
    inside = [
        group for group in own if clause.lo <= group.lo < clause.hi or told.lo <= group.lo < told.hi + _PARTY_REACH
    ]
    nearest = holder_of(told.lo, own, ahead=False)
    parties = inside or ([] if nearest is None else [nearest])
    for group in parties:
        yield from _each(reading, told, group, _parts("party", parties))


def _parted(reading: Reading, groups: Sequence[Group], told: _Told) -> Iterator[Event]:
    """Yield the sides of a sale: who stands before the verb sells, who stands after its "to" buys what is between."""
    words, after = reading.sentence.words, [group for group in groups if group.lo >= told.lo]
    sellers = [group for group in groups if group.hi <= told.lo][-1:]
    buyers = [group for group in after if "to" in words[max(told.lo + 1, group.lo - _TO_REACH) : group.lo]][-1:]
    if not buyers:
        return
    bought = [group for group in after if group not in buyers][:1]
    roles = (*_parts("seller", sellers), *_parts("target", bought), *_parts("acquirer", buyers))
    for group in sellers:
        yield from _each(reading, told, group, roles)
    for group in bought:
        whole = not _possessive(reading, group) and told.hi >= group.lo
        for event in _each(reading, told, group, roles):
            yield msgspec.structs.replace(event, type=EventType.M_AND_A_TARGET) if whole else event
    for group in buyers:
        for event in _each(reading, told, group, roles):
            yield msgspec.structs.replace(event, type=EventType.M_AND_A_ACQUIRER, polarity=_ACQUIRER_POLARITY)


def _each(reading: Reading, told: _Told, group: Group, roles: tuple[tuple[str, str], ...]) -> Iterator[Event]:
    """Yield the event for each company of a group."""
    place = _place(reading, clause_at(reading.clauses, told.lo), group)
    for ticker in sorted(group.tickers):
        yield _event(told, ticker, place, roles)


def _parts(role: str, groups: Sequence[Group]) -> tuple[tuple[str, str], ...]:
    return tuple((role, ticker) for group in groups for ticker in sorted(group.tickers))


def _is_source(reading: Reading, group: Group) -> bool:
    """Whether a company is named as whom a verdict comes from: an upgrade from a bank, a target cut by one."""
    return reading.sentence.words[group.lo - 1 : group.lo] in (("from",), ("by",), ("at",))


def _is_doer(reading: Reading, group: Group, told: _Told) -> bool:
    """Whether a company does what the verb says to somebody not named: J&J sues, a bank upgrades."""
    words = reading.sentence.words
    active = told.rule.about == "object" and words[told.lo].endswith(("s", "ing"))
    return active and group.lo <= told.lo and ":" not in words[group.hi : told.lo]


def _inside(group: Group, told: _Told) -> bool:
    """Whether the words that tell the event are no more than a company's name."""
    return group.lo <= told.lo and told.hi <= group.hi


def _dealt(reading: Reading, groups: Sequence[Group], told: _Told) -> Iterator[Event]:
    """Yield both sides of a deal: who stands before an active verb buys, who stands after it is bought."""
    left = [group for group in groups if group.hi <= told.hi and not _inside(group, told)][-1:]
    right = [group for group in groups if told.hi <= group.lo <= told.hi + _DEAL_REACH][:1]
    left = [group for group in left if not _has_owner(reading, group.hi, told)]
    buyers, bought = (left, right) if told.rule.about == "deal" else (right, left)
    bought = [group for group in bought if not any(group.tickers & buyer.tickers for buyer in buyers)]
    for group in bought:
        parted = _possessive(reading, group)
        roles = (*_parts("seller" if parted else "target", [group]), *_parts("acquirer", buyers))
        for event in _each(reading, told, group, roles):
            yield msgspec.structs.replace(event, type=EventType.DIVESTITURE, polarity=0.1) if parted else event
    for group in buyers:
        sold = "seller" if any(_possessive(reading, other) for other in bought) else "target"
        roles = (*_parts("acquirer", [group]), *_parts(sold, bought))
        for event in _each(reading, told, group, roles):
            polarity = _ACQUIRER_POLARITY * (told.polarity / told.rule.polarity)
            yield msgspec.structs.replace(event, type=EventType.M_AND_A_ACQUIRER, polarity=polarity)


def _has_owner(reading: Reading, lo: int, told: _Told) -> bool:
    """Whether, from a word on, somebody else is named as whose bid it is: Boeing answers a fund's bid."""
    sentence = reading.sentence
    last = max(told.lo, bisect_left(sentence.starts, told.start))
    words = range(lo, min(last, len(sentence.words)))
    return any(sentence.ends[word] - sentence.starts[word] > len(sentence.words[word]) for word in words)


def _possessive(reading: Reading, group: Group) -> bool:
    """Whether a company is named as an owner: then a part of it is bought, not the company."""
    last, sentence = group.hi - 1, reading.sentence
    return sentence.ends[last] - sentence.starts[last] == len(sentence.words[last]) + len("'s")


def _place(reading: Reading, clause: Clause, group: Group) -> float:
    same_clause = clause.lo <= group.lo < clause.hi
    return TITLE_CLAUSE if reading.sentence.in_title and same_clause else SAME_SENTENCE


def _event(told: _Told, ticker: str, place: float, roles: tuple[tuple[str, str], ...]) -> Event:
    doubted = told.hedged or told.negated
    return Event(
        type=told.rule.type,
        ticker=ticker,
        polarity=told.polarity,
        confidence=place * (_DOUBTED if doubted else 1.0),
        start=told.start,
        end=told.end,
        hedged=told.hedged,
        negated=told.negated,
        roles=roles,
    )
