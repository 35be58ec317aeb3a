"""The competitive layer of one ticker: loads relations and past events, lets the core look at them, saves what it says.

What is written at an instant is read only later, so that the jobs of one instant may run in any order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from stonks.model.company import CompanyEdge, Related
from stonks.model.job import AggregationJob
from stonks.model.signal import Layer
from stonks.ports.stage import Commit, Work
from stonks.stages.aggregation.core.co_mention import FEWEST, MOST_NAMED, SOURCE, SPAN, Together, renewal
from stonks.stages.aggregation.core.columns import SignalColumns
from stonks.stages.aggregation.core.event_study import SPANS, EventReturn, News, event_returns
from stonks.stages.aggregation.core.outcomes import SessionMove
from stonks.stages.aggregation.core.pattern_matcher import MIN_EVENTS, Group, match_patterns, patterns_of
from stonks.stages.aggregation.core.signal_propagation import Competitive, Origin, propagate

FRESH = timedelta(days=1)
"""Age up to which news is still passed on to related companies."""
_OPEN = timedelta(days=60)
"""Age at which an event that cannot be measured, for want of bars, is given up."""
_BEFORE = timedelta(days=370)
"""How much further back bars are read, for the beta before."""


class Reached(msgspec.Struct, frozen=True):
    """A ticker that received competitive signals, and the first of them."""

    ticker: str
    signal_id: UUID


class _Index(msgspec.Struct, frozen=True):
    """What the market did in a session, as price relatives."""

    starts_at: datetime
    intraday: float
    daily: float


async def relate(commit: Commit, work: Work[AggregationJob], signals: SignalColumns) -> bool:
    """Write what the ticker's fresh news means for others and, by its own past, for itself; say if for itself."""
    since = (work.now - FRESH).timestamp()
    ages = zip(signals.layer, signals.known_at, strict=True)
    if not any(layer is Layer.COMPANY and known_at > since for layer, known_at in ages):
        return False
    found = await _found(commit, work.job.ticker, work.now)
    if not found:
        return False
    reached = await commit.rows(Reached, "competitive.add", items=found)
    others = [one for one in reached if one.ticker != work.job.ticker]
    await commit.follow(*(AggregationJob(ticker=o.ticker, cause=f"competitive:{o.signal_id}") for o in others))
    return len(others) < len(reached)


async def observe(commit: Commit, ticker: str, now: datetime) -> None:
    """Write at a session's close what the ticker's past events came to, and whom the news names beside it."""
    news = await commit.rows(
        News, "competitive.unmeasured", ticker=ticker, since=now - _OPEN, now=now, longest=SPANS[-1]
    )
    if news:
        moves = await _moves(commit, ticker, news[0].known_at - _BEFORE, now)
        await commit.run("competitive.measure", events=list(event_returns(ticker, news, moves, now)))
    found = await commit.rows(
        Together, "competitive.together", ticker=ticker, since=now - SPAN, now=now, most=MOST_NAMED, fewest=FEWEST
    )
    kind = {"ticker": ticker, "relation": Related.CO_MENTION.value, "source": SOURCE}
    known = await commit.rows(CompanyEdge, "competitive.standing_edges", **kind, now=now)
    change = renewal(ticker, found, known, now)
    if change.ended or change.begun:
        await commit.run("competitive.renew", **kind, ended=change.ended, begun=change.begun, now=now)


async def _found(commit: Commit, ticker: str, now: datetime) -> Sequence[Competitive]:
    origins = await commit.rows(Origin, "competitive.origins", ticker=ticker, since=now - FRESH, now=now)
    edges = await commit.rows(CompanyEdge, "competitive.edges", ticker=ticker, now=now)
    passed = propagate(origins, edges, now)
    past = await commit.rows(EventReturn, "competitive.past", ticker=ticker, now=now)
    types = sorted({event.event_type for event in past})
    if len(past) < MIN_EVENTS or not {origin.signal.event_type for origin in origins} & set(types):
        return passed
    groups = await commit.rows(Group, "competitive.groups", event_types=types, now=now)
    patterns = patterns_of(ticker, groups)
    return (*passed, *match_patterns([origin.signal for origin in origins], patterns, past, now))


async def _moves(commit: Commit, ticker: str, since: datetime, now: datetime) -> list[SessionMove]:
    """Return a stock's sessions beside a fund on the market where that is traded, else beside the mean of all."""
    moves = await commit.rows(SessionMove, "outcomes.market", ticker=ticker, since=since, calm=since, now=now)
    index = {one.starts_at: one for one in await commit.rows(_Index, "competitive.index", since=since, now=now)}
    return [
        msgspec.structs.replace(move, market_intraday=on.intraday, market_daily=on.daily)
        if (on := index.get(move.starts_at))
        else move
        for move in moves
    ]
