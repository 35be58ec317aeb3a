"""The instants of a replay: when a document is due, and when the market opens and closes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from stonks.model.market import Session
from stonks.model.tape import Tape

SETTLED = timedelta(minutes=10)
"""How long after the open a session's first look at every company comes."""


class Instant(msgspec.Struct, frozen=True, order=True):
    """A virtual instant at which something is due; the last one of a day runs the side branches too."""

    at: datetime
    ends_day: bool = False


def instants(tape: Tape, starts_at: datetime, ends_at: datetime) -> list[Instant]:
    """Return every instant of a replay over [starts_at, ends_at], in order; the span's two ends are among them."""
    closes = {session.closes_at for session in tape.sessions}
    times = {starts_at, ends_at, *tape.due_times(starts_at, ends_at)}
    times |= {time for session in tape.sessions for time in _of(session) if starts_at <= time <= ends_at}
    return [Instant(at, ends_day=at in closes or at == ends_at) for at in sorted(times)]


def _of(session: Session) -> Sequence[datetime]:
    return session.opens_at, session.opens_at + SETTLED, session.closes_at
