"""What a stock did after news of itself, beside what it would have done: returns beyond a beta, in standard deviations.

News is entered at the first price after it was known: the next open, or the close of the session it fell into. All news
of one type before one entry is one event. Formulas: signals.md 4.7.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np

from stonks.stages.aggregation.core.columns import Floats
from stonks.stages.aggregation.core.outcomes import LATENCY, SessionMove

SPANS = (1, 5)
"""Sessions over which an event is followed."""
YEAR = 250
"""Sessions before an event from which its beta is taken."""
EXTREME = 5.0
"""Standard deviations at which one event's return is cut off."""
_FADE = 60  # the span of the weights of the volatility
_FEWEST_MOVES = 20  # sessions before an event without which its volatility is not known
_FEWEST_PAIRS = 60  # sessions before an event without which its beta is 1
_TOWARD_ONE = 0.33


class News(msgspec.Struct, frozen=True, kw_only=True):
    """A signal of the company's own news; the direction is weighed with its strength."""

    id: UUID
    event_type: str
    known_at: datetime
    direction: float


class EventReturn(msgspec.Struct, frozen=True, kw_only=True):
    """What one event came to over so many sessions: a row of ``event_returns``."""

    ticker: str
    event_type: str
    entered_at: datetime
    horizon: int
    direction: float
    """What the texts said: 1 good, -1 bad."""
    own_return: float
    market_return: float
    beta: float
    volatility: float
    """Of a session, before the event."""
    z: float
    """Return beyond beta times the market's, in standard deviations of the span; cut off at five."""
    exited_at: datetime
    signal_ids: tuple[UUID, ...]
    known_at: datetime

    @property
    def leant(self) -> float:
        """How far the stock went the way the texts pointed, in standard deviations."""
        return math.copysign(self.z, self.z * self.direction)


class _Entry(NamedTuple):
    """When an event is entered, and the first session that counts: with its open, or from its close before."""

    at: datetime
    session: int
    is_open: bool


def event_returns(
    ticker: str, news: Sequence[News], moves: Sequence[SessionMove], now: datetime
) -> Iterator[EventReturn]:
    """Yield what every event came to that is over by ``now``, given the stock's sessions in order, none known later."""
    ends = [move.ends_at for move in moves]
    events: dict[tuple[str, _Entry], list[News]] = defaultdict(list)
    for one in news:
        if (entry := _entry(one.known_at, moves, ends)) is not None:
            events[one.event_type, entry].append(one)
    for (event_type, entry), told in sorted(events.items()):
        lean = math.fsum(one.direction for one in told)
        before = moves[max(0, entry.session - YEAR) : entry.session]
        volatility = _volatility(before)
        if not lean or not volatility:
            continue
        beta = _beta(before)
        for horizon in SPANS:
            held = moves[entry.session : entry.session + horizon]
            if len(held) < horizon or held[-1].ends_at > now:
                break
            own, market = _gains(held, is_open=entry.is_open)
            yield EventReturn(
                ticker=ticker,
                event_type=event_type,
                entered_at=entry.at,
                horizon=horizon,
                direction=math.copysign(1.0, lean),
                own_return=own,
                market_return=market,
                beta=beta,
                volatility=volatility,
                z=max(-EXTREME, min(EXTREME, (own - beta * market) / (volatility * math.sqrt(horizon)))),
                exited_at=held[-1].ends_at,
                signal_ids=tuple(sorted(one.id for one in told)),
                known_at=now,
            )


def _entry(known_at: datetime, moves: Sequence[SessionMove], ends: Sequence[datetime]) -> _Entry | None:
    """Return the first price after something was known and could be acted on; None where there is none yet."""
    place = bisect_right(ends, known_at + LATENCY)
    if place == len(moves):
        return None
    move = moves[place]
    if move.starts_at >= known_at + LATENCY:
        return _Entry(move.starts_at, place, is_open=True)
    return _Entry(move.ends_at, place + 1, is_open=False)


def _gains(held: Sequence[SessionMove], *, is_open: bool) -> tuple[float, float]:
    """Return the stock's and the market's return over sessions, from the first one's open or from the close before."""
    first, later = held[0], held[1:]
    own = first.intraday if is_open else first.daily
    market = first.market_intraday if is_open else first.market_daily
    return (
        own * math.prod(move.daily for move in later) - 1.0,
        market * math.prod(move.market_daily for move in later) - 1.0,
    )


def _volatility(before: Sequence[SessionMove]) -> float | None:
    """Return the standard deviation of a session about zero, recent sessions counting more; None with too few."""
    moves = _returns(before)[0]
    if len(moves) < _FEWEST_MOVES:
        return None
    weights = (1.0 - 2.0 / (_FADE + 1)) ** np.arange(len(moves) - 1, -1, -1)
    return math.sqrt(float(weights @ (moves * moves) / weights.sum()))


def _beta(before: Sequence[SessionMove]) -> float:
    """Return how far the stock goes with the market, pulled a third of the way to 1; 1 with too few sessions."""
    own, market = _returns(before)
    spread = float(((market - market.mean()) ** 2).sum()) if len(market) >= _FEWEST_PAIRS else 0.0
    if not spread:
        return 1.0
    slope = float(((own - own.mean()) * (market - market.mean())).sum()) / spread
    return (1.0 - _TOWARD_ONE) * slope + _TOWARD_ONE


def _returns(before: Sequence[SessionMove]) -> tuple[Floats, Floats]:
    """Return the stock's and the market's moves from close to close; the first session has no close before it."""
    own = np.array([move.daily - 1.0 for move in before[1:]])
    return own, np.array([move.market_daily - 1.0 for move in before[1:]])
