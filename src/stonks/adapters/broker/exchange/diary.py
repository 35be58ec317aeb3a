"""The exchange's sessions, kept once they were computed: that takes seconds and needs a thread."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from stonks.model.errors import Refused
from stonks.model.market import Session
from stonks.ports.calendar import Calendar

NEW_YORK = ZoneInfo("America/New_York")
_BEHIND, _AHEAD = timedelta(days=400), timedelta(days=370)
_WEEKS = timedelta(days=21)


class Diary:
    """Answers from what it has, and asks the calendar for a year around whatever else it is asked for."""

    def __init__(self, calendar: Calendar) -> None:
        """Begin with an empty page."""
        self._calendar = calendar
        self._kept: tuple[date, date, tuple[Session, ...]] | None = None

    async def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return every session from ``first`` to ``last`` inclusive."""
        if self._kept is None or first < self._kept[0] or last > self._kept[1]:
            span = first - _BEHIND, last + _AHEAD
            self._kept = *span, tuple(await asyncio.to_thread(self._calendar.sessions, *span))
        return [session for session in self._kept[2] if first <= session.day <= last]

    async def ahead(self, now: datetime) -> tuple[Session, Session]:
        """Return the session whose close comes next and the one whose opening does: the same while the market is shut.

        Raises:
            Refused: the calendar ends before.
        """
        day = local_day(now)
        coming = [session for session in await self.sessions(day, day + _WEEKS) if session.closes_at > now]
        opening = [session for session in coming if session.opens_at > now]
        if not opening:
            raise Refused(f"the calendar ends: it has no session after {day}")
        return coming[0], opening[0]

    async def eve(self, now: datetime) -> datetime | None:
        """Return the last close before the day of an instant, or None where the calendar has none."""
        day = local_day(now)
        past = [session for session in await self.sessions(day - _WEEKS, day) if session.day < day]
        return past[-1].closes_at if past else None


def local_day(now: datetime) -> date:
    """Return the exchange's date at an instant."""
    return now.astimezone(NEW_YORK).date()
