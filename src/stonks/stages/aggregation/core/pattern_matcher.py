"""What such news did to this stock before: its own past events, shrunk towards those of its sector and of all stocks.

theta of a type is shrunk to none with 100 events, that of the type in a sector to the type's with 50, that of the type
in one stock to its sector's with 20; once there are thirty groups the data say how many (empirical Bayes). Events count
half after two years. Of all (type, span) of a stock those are patterns that a false-discovery rate of 10 % leaves. With
fewer than eight events of its own a stock has no pattern. Formulas: signals.md 4.7.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from statistics import NormalDist
from typing import Any, NamedTuple

import msgspec

from stonks.model.identity import signal_id
from stonks.model.signal import HalfLife, Layer, WeightedSignal
from stonks.stages.aggregation.core.event_study import EventReturn
from stonks.stages.aggregation.core.signal_propagation import Competitive, CompetitiveRecord

VERSION = "pattern-2"
SOURCE = "pattern_matcher"
"""The source of a pattern's signals: this program, not a publisher."""
MIN_EVENTS = 8
"""Past events of a stock under which there is no pattern to speak of."""
MIN_RATIO = 1.3
"""Effect over standard error from which a pattern is emitted."""
FALSE_DISCOVERIES = 0.1
"""The share of patterns that may be chance."""
FULL_EFFECT = 0.5
"""Effect, in standard deviations of the span, on the scale of which a direction saturates."""
SHOWN = 20
"""Past events, the newest first, that a record names."""
ENOUGH_GROUPS = 30
"""Groups from which on the data say how much is borrowed from the level above."""

_OF_ALL, _OF_SECTOR, _OF_STOCK = 100.0, 50.0, 20.0
_LEAST, _MOST = 5.0, 500.0
_HALF_LIFE = {1: HalfLife.B1, 5: HalfLife.B2}
_NORMAL = NormalDist()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The past events of one type, span and stock in sums; a is an event's age weight, z how far it leant."""

    event_type: str
    horizon: int
    ticker: str
    sector: str
    events: int
    weight: float
    """Sum of a."""
    square: float
    """Sum of a squared."""
    total: float
    """Sum of a z."""
    squares: float
    """Sum of a z squared."""
    right: float
    """Sum of a over the events that leant the way the texts pointed."""

    @property
    def size(self) -> float:
        """How many equally weighted events these are worth (Kish)."""
        return self.weight * self.weight / self.square if self.square else 0.0

    @property
    def mean(self) -> float:
        """The weighted mean of z."""
        return self.total / self.weight if self.weight else 0.0


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """What past events of one type come to over one span, in its standard deviations, in the direction of the text."""

    event_type: str
    horizon: int
    events: int
    mean: float
    of_all: float
    of_sector: float
    effect: float
    """The mean, shrunk to the sector's, that to the one of all."""
    error: float
    """The effect's standard error."""
    hit_rate: float
    """Probability that the stock goes where the text points, shrunk to the sector's."""
    borrowed: float
    """How many events' weight the sector's estimate has."""

    @property
    def ratio(self) -> float:
        """How many standard errors the effect is from none."""
        return abs(self.effect) / self.error

    @property
    def p_value(self) -> float:
        """Probability of an effect this far from none by chance."""
        return 2.0 * (1.0 - _NORMAL.cdf(self.ratio))


class _Estimate(NamedTuple):
    """An effect, its variance as a share of one event's, and how many events' weight the level above had in it."""

    effect: float = 0.0
    variance: float = 0.0
    borrowed: float = 0.0


class _Level(NamedTuple):
    """A group with the estimate of the level above."""

    group: Group
    above: _Estimate


def match_patterns(
    origins: Sequence[WeightedSignal], patterns: Iterable[Pattern], past: Sequence[EventReturn], now: datetime
) -> tuple[Competitive, ...]:
    """Return a signal for each event type that has a pattern and is in today's news: one a type and UTC day.

    Past news was measured an entry at a time, however many stories it had; so today's counts once, from its first. Of
    several spans the one counts whose effect is surest.
    """
    by_type: dict[str, Pattern] = {}
    for pattern in sorted(patterns, key=lambda one: (-one.ratio, one.horizon)):
        by_type.setdefault(pattern.event_type, pattern)
    first: dict[str, WeightedSignal] = {}
    for origin in sorted(origins, key=attrgetter("known_at", "id")):
        if origin.direction and origin.known_at.date() == now.date() and origin.event_type in by_type:
            first.setdefault(origin.event_type, origin)
    return tuple(_matched(origin, by_type[origin.event_type], past, now) for origin in first.values())


def patterns_of(ticker: str, groups: Sequence[Group]) -> tuple[Pattern, ...]:
    """Return a stock's patterns that hold, given the groups of all stocks for its event types and spans."""
    tested = [pattern for pattern in estimates(ticker, groups) if pattern.events >= MIN_EVENTS]
    discoveries = discovered([pattern.p_value for pattern in tested])
    return tuple(
        pattern for pattern, holds in zip(tested, discoveries, strict=True) if holds and pattern.ratio >= MIN_RATIO
    )


def discovered(p_values: Sequence[float], rate: float = FALSE_DISCOVERIES) -> list[bool]:
    """Return which tests stand when at most this share of those that stand may be false (Benjamini-Hochberg)."""
    ranked = sorted(p_values)
    limit = max((p for rank, p in enumerate(ranked, 1) if p <= rate * rank / len(ranked)), default=-1.0)
    return [p <= limit for p in p_values]


def estimates(ticker: str, groups: Sequence[Group]) -> list[Pattern]:
    """Return what each (type, span) of a stock comes to, shrunk level by level, by type and span."""
    found = []
    for horizon in sorted({group.horizon for group in groups}):
        stocks = sorted(
            (group for group in groups if group.horizon == horizon), key=lambda one: (one.event_type, one.ticker)
        )
        sectors, types = _pooled(stocks, by_sector=True), _pooled(stocks, by_sector=False)
        of_all = _shrunk({kind: _Level(group, _Estimate()) for kind, group in types.items()}, _OF_ALL)
        above = {key: _Level(group, of_all[key[0], ""]) for key, group in sectors.items()}
        of_sector = _shrunk(above, _OF_SECTOR)
        levels = {(one.event_type, one.ticker): _Level(one, of_sector[one.event_type, one.sector]) for one in stocks}
        of_stock = _shrunk(levels, _OF_STOCK)
        found += [
            _pattern(one, types[one.event_type, ""], sectors[one.event_type, one.sector], of_all, of_sector, of_stock)
            for one in stocks
            if one.ticker == ticker
        ]
    return sorted(found, key=lambda one: (one.event_type, one.horizon))


_Key = tuple[str, str]
_Estimates = Mapping[_Key, _Estimate]


def _pattern(
    own: Group, kind: Group, sector: Group, of_all: _Estimates, of_sector: _Estimates, of_stock: _Estimates
) -> Pattern:
    found = of_stock[own.event_type, own.ticker]
    spread = math.sqrt(max(0.0, kind.squares / kind.weight - kind.mean**2))
    expected = sector.right / sector.weight
    return Pattern(
        event_type=own.event_type,
        horizon=own.horizon,
        events=own.events,
        mean=own.mean,
        of_all=of_all[own.event_type, ""].effect,
        of_sector=of_sector[own.event_type, own.sector].effect,
        effect=found.effect,
        error=max(1.0, spread) * math.sqrt(found.variance),
        hit_rate=(_OF_STOCK * expected + own.right) / (_OF_STOCK + own.weight),
        borrowed=found.borrowed,
    )


def _pooled(stocks: Sequence[Group], *, by_sector: bool) -> dict[_Key, Group]:
    """Return the groups of all stocks of one type, or of one type and sector, as one; by type and sector."""
    parts: dict[_Key, list[Group]] = {}
    for one in stocks:
        parts.setdefault((one.event_type, one.sector if by_sector else ""), []).append(one)
    sums = ("weight", "square", "total", "squares", "right")
    return {
        key: msgspec.structs.replace(
            every[0],
            ticker="",
            events=sum(one.events for one in every),
            **{name: math.fsum(getattr(one, name) for one in every) for name in sums},
        )
        for key, every in parts.items()
    }


def _shrunk(levels: Mapping[_Key, _Level], usual: float) -> dict[_Key, _Estimate]:
    """Return each group's mean shrunk to the level above.

    What is borrowed is only as sure as the level above is: its variance adds to that of the group's own events.
    """
    borrowed = borrowing(list(levels.values()), usual)
    found = {}
    for key, (group, above) in levels.items():
        size = group.size + borrowed
        share = borrowed / size
        effect = (group.size * group.mean + borrowed * above.effect) / size
        found[key] = _Estimate(effect, 1.0 / size + share * share * above.variance, borrowed)
    return found


def borrowing(levels: Sequence[_Level], usual: float) -> float:
    """Return how many events the level above is worth: the variance within groups over the one between (moments)."""
    told = [level for level in levels if level.group.events > 1]
    if len(told) < ENOUGH_GROUPS:
        return usual
    weight = math.fsum(level.group.weight for level in told)
    within = math.fsum(level.group.squares - level.group.weight * level.group.mean**2 for level in told) / weight
    apart = [(level.group.mean - level.above.effect) ** 2 - within / level.group.size for level in told]
    between = math.fsum(apart) / len(apart)
    return max(_LEAST, min(_MOST, within / between)) if between > within / _MOST else _MOST


def _matched(origin: WeightedSignal, pattern: Pattern, past: Sequence[EventReturn], now: datetime) -> Competitive:
    strength = math.tanh(abs(pattern.effect) / FULL_EFFECT)
    identity = signal_id(Layer.COMPETITIVE, origin.id, origin.ticker, origin.event_type, VERSION)
    signal = msgspec.structs.replace(
        origin,
        id=identity,
        layer=Layer.COMPETITIVE,
        source=SOURCE,
        cluster_id=identity,
        origin_id=origin.id,
        direction=math.copysign(strength, pattern.effect * origin.direction),
        strength=strength,
        confidence=2.0 * _NORMAL.cdf(pattern.ratio) - 1.0,
        credibility=1.0,
        half_life=_HALF_LIFE[pattern.horizon],
        known_at=now,
        extractor_version=VERSION,
    )
    record = CompetitiveRecord(
        signal_id=identity,
        origin_signal_id=origin.id,
        ticker=origin.ticker,
        relation="pattern",
        hops=0,
        direction=signal.direction,
        strength=signal.strength,
        pattern=msgspec.structs.asdict(pattern) | {"past": _shown(pattern, past)},
        lag_expected_days=float(pattern.horizon),
        known_at=now,
    )
    return Competitive(signal=signal, record=record)


def _shown(pattern: Pattern, past: Sequence[EventReturn]) -> list[dict[str, Any]]:
    """Return the newest events behind a pattern, as a record keeps them."""
    behind = [one for one in past if (one.event_type, one.horizon) == (pattern.event_type, pattern.horizon)]
    return [
        {
            "entered_at": one.entered_at.isoformat(),
            "direction": one.direction,
            "own_return": one.own_return,
            "abnormal": one.own_return - one.beta * one.market_return,
            "z": one.z,
            "signal_ids": [str(signal) for signal in one.signal_ids],
        }
        for one in sorted(behind, key=attrgetter("entered_at"), reverse=True)[:SHOWN]
    ]
