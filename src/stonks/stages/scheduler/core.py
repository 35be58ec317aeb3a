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

AFTER_OPEN = timedelta(minutes=10)
"""How long after the open trends are recomputed: by then the opening auction has spoken."""

RUN_LOST_AFTER = timedelta(minutes=15)
"""Age at which a poll that never ended no longer keeps its source from being polled again."""

LONGEST_BACKOFF = timedelta(hours=6)
_JITTER = 0.25
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Standing(Source, frozen=True, kw_only=True):
    """A source with its latest poll, if that has not ended."""

    running_since: datetime | None = None


def due(sources: Iterable[Standing], now: datetime) -> list[Standing]:
    """Return the sources to be polled now, by name: not paused, not being polled, and at or past their time."""
    found = [source for source in sources if not source.paused and not _running(source, now) and due_at(source) <= now]
    return sorted(found, key=lambda source: source.name)


def _running(source: Standing, now: datetime) -> bool:
    return source.running_since is not None and now - source.running_since < RUN_LOST_AFTER


def due_at(source: Source) -> datetime:
    """Return when a source may be polled next; a new one at once, a failing one later each time."""
    if source.next_run_at is None:
        return _ALWAYS
    return source.next_run_at + backoff(source)


def backoff(source: Source) -> timedelta:
    """Return what a source's failures in a row add to its waiting.

    The cadence doubled for each failure after the first, up to six hours, less up to a quarter that depends on the
    source and the count alone: sources that fail together do not come back together.
    """
    if source.failures == 0:
        return timedelta()
    doubled: timedelta = source.cadence * 2 ** min(source.failures - 1, 30)
    full = min(doubled, max(LONGEST_BACKOFF, source.cadence))
    digest = hashlib.blake2b(f"{source.name}:{source.failures}".encode(), digest_size=4).digest()
    return full * (1 - _JITTER * int.from_bytes(digest) / 2**32)


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
