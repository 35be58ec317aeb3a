"""Decides which sources are due, which marks of a trading session have been passed, and what follows from them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import msgspec

from stonks.model.company import Company, CompanyEdge
from stonks.model.document import Source
from stonks.model.fact import FACTS
from stonks.model.job import AggregationJob, LakePublishJob
from stonks.model.market import Session
from stonks.model.standing import Standing

AFTER_OPEN = timedelta(minutes=10)
"""How long after the open trends are recomputed: by then the opening auction has spoken."""

RUN_LOST_AFTER = timedelta(minutes=15)
"""Age at which a poll that never ended no longer keeps its source from being polled again."""

LONGEST_BACKOFF = timedelta(hours=6)

BEFORE_HOURS, AFTER_HOURS = timedelta(hours=2, minutes=30), timedelta(hours=4)
"""How long before the open and after the close companies publish their results."""

CATCH_UP = timedelta(minutes=1)
"""The span over which sources are spread that all came due while nobody was awake."""

_RECORDED = "tape"  # whose sources come due at the instants of their replay, not one after another
_JITTER = 0.25
_ALWAYS = datetime.min.replace(tzinfo=UTC)


def due(sources: Iterable[Standing], now: datetime, awake_since: datetime | None = None) -> list[Standing]:
    """Return the sources to be polled now, by name: at their time or asked for, not stopped, not being polled."""
    found = [source for source in sources if _may_run(source, now) and _is_wanted(source, now, awake_since)]
    return sorted(found, key=lambda source: source.name)


def _may_run(source: Standing, now: datetime) -> bool:
    running = source.running_since is not None and now - source.running_since < RUN_LOST_AFTER
    return source.stopped is None and not running


def _is_wanted(source: Source, now: datetime, awake_since: datetime | None) -> bool:
    return source.asked_at is not None or (not source.paused and due_at(source, awake_since) <= now)


def due_at(source: Source, awake_since: datetime | None = None) -> datetime:
    """Return when a source may be polled next; a new one at once, a failing one later each time.

    Those that came due long before anyone was awake to poll them come one after another, within a minute.
    """
    if source.next_run_at is None:
        return _ALWAYS
    at = source.next_run_at + backoff(source)
    if source.adapter != _RECORDED and awake_since is not None and at < awake_since - source.cadence:
        return awake_since + min(source.cadence, CATCH_UP) * share(source.name)
    return at


def backoff(source: Source) -> timedelta:
    """Return what a source's failures in a row add to its waiting.

    The cadence doubled for each failure after the first, up to six hours, less up to a quarter that depends on the
    source and the count alone: sources that fail together do not come back together.
    """
    if source.failures == 0:
        return timedelta()
    doubled: timedelta = source.cadence * 2 ** min(source.failures - 1, 30)
    full = min(doubled, max(LONGEST_BACKOFF, source.cadence))
    return full * (1 - _JITTER * share(f"{source.name}:{source.failures}"))


def share(name: str) -> float:
    """Return a number from 0 to 1 that is always the same for a name, and differs between names."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) / 2**32


def next_run(source: Source, now: datetime, sessions: Sequence[Session]) -> datetime:
    """Return when a source that is polled now comes next: after its cadence, in quiet hours after its closed one.

    What comes due in quiet hours is not put off beyond their end by more than its cadence.
    """
    if source.closed_cadence is None or not sessions or is_busy(sessions, now):
        return now + source.cadence
    wakes = min((at for at in map(_stirs_at, sessions) if at > now), default=None)
    later = now + source.closed_cadence
    return later if wakes is None else min(later, wakes + source.cadence * share(source.name))


def is_busy(sessions: Iterable[Session], now: datetime) -> bool:
    """Return whether news is to be expected: in a session, before its open and after its close, be it an early one."""
    return any(_stirs_at(session) <= now < session.closes_at + AFTER_HOURS for session in sessions)


def _stirs_at(session: Session) -> datetime:
    return session.opens_at - BEFORE_HOURS


class MarkKind(StrEnum):
    """The instants of a session at which every company is looked at again."""

    OPEN = "open"
    CLOSE = "close"


class Mark(msgspec.Struct, frozen=True):
    """One such instant; for a close, the days whose facts go to the lake."""

    at: datetime
    day: date
    kind: MarkKind
    lake_days: tuple[date, ...] = ()


def passed_marks(sessions: Sequence[Session], after: datetime, now: datetime) -> list[Mark]:
    """Return the session marks in (after, now], in order; sessions are given in order.

    A close publishes its own day, and again the days since the session before: their evenings have been filled since.
    """
    marks = []
    for before, session in pairwise((None, *sessions)):
        if session is None:
            continue
        first = before.day if before else session.day
        days = tuple(first + timedelta(days=n) for n in range((session.day - first).days + 1))
        marks.append(Mark(session.opens_at + AFTER_OPEN, session.day, MarkKind.OPEN))
        marks.append(Mark(session.closes_at, session.day, MarkKind.CLOSE, days))
    return [mark for mark in marks if after < mark.at <= now]


def mark_jobs(mark: Mark, tickers: Iterable[str]) -> list[AggregationJob | LakePublishJob]:
    """Return what a mark asks for: a recomputation of each company and, at the close, the lake's partitions."""
    cause = f"session:{mark.day}:{mark.kind}"
    jobs: list[AggregationJob | LakePublishJob] = [
        AggregationJob(ticker=ticker, cause=cause) for ticker in sorted(tickers)
    ]
    jobs += [LakePublishJob(table=table, day=str(day), cause=cause) for day in mark.lake_days for table in FACTS]
    return jobs


def sub_industry_edges(companies: Iterable[Company], since: datetime) -> list[CompanyEdge]:
    """Return an edge for each ordered pair of companies of one GICS sub-industry, valid from an instant on."""
    known = sorted((company for company in companies if company.sub_industry != "Unknown"), key=lambda one: one.ticker)
    return [
        CompanyEdge(
            src=one.ticker,
            dst=other.ticker,
            relation="sub_industry",
            weight=1.0,
            confidence=0.8,
            valid_from=since,
            source="GICS",
        )
        for one in known
        for other in known
        if one.ticker != other.ticker and one.sub_industry == other.sub_industry
    ]
