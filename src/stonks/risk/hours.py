"""When one may trade: questions about a run of sessions, oldest first."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from stonks.model.market import Session
from stonks.risk.policy import Limits


def session_at(sessions: Sequence[Session], now: datetime) -> Session | None:
    """Return the session that runs at ``now``, its open and its close included."""
    return next((session for session in sessions if session.opens_at <= now <= session.closes_at), None)


def covers(sessions: Sequence[Session], now: datetime) -> bool:
    """Return whether these sessions say anything about ``now``: it lies between the first and the last of them."""
    return bool(sessions) and sessions[0].opens_at <= now <= sessions[-1].closes_at


def last_closed(sessions: Sequence[Session], now: datetime) -> Session | None:
    """Return the latest session that is over before ``now``; one that closes at this very instant still runs."""
    return next((session for session in reversed(sessions) if session.closes_at < now), None)


def entry_window(session: Session, limits: Limits) -> tuple[datetime, datetime]:
    """Return the first and last instant at which a session lets us enter."""
    return session.opens_at + limits.after_open, session.closes_at - limits.before_close


def may_enter(sessions: Sequence[Session], limits: Limits, now: datetime) -> bool:
    """Return whether an entry may be sent at ``now``."""
    session = session_at(sessions, now)
    if session is None:
        return False
    start, end = entry_window(session, limits)
    return start <= now <= end


def may_exit(sessions: Sequence[Session], limits: Limits, now: datetime) -> bool:
    """Return whether an exit may be sent at ``now``: as an entry, but until the close."""
    session = session_at(sessions, now)
    return session is not None and session.opens_at + limits.after_open <= now


def tradable_time(sessions: Sequence[Session], limits: Limits, since: datetime, now: datetime) -> timedelta:
    """Return how much of (since, now] one could have entered in: what a recommendation made overnight ages by."""
    total = timedelta(0)
    for session in sessions:
        start, end = entry_window(session, limits)
        total += max(timedelta(0), min(end, now) - max(start, since))
    return total


def opened_since(sessions: Sequence[Session], since: datetime, now: datetime) -> int:
    """Return how many sessions opened in (since, now]."""
    return sum(since < session.opens_at <= now for session in sessions)


def days_between(sessions: Sequence[Session], first: date, last: date) -> int:
    """Return how many sessions lie in (first, last]."""
    return sum(first < session.day <= last for session in sessions)
