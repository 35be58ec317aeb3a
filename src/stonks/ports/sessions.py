"""The trading sessions around an instant, read once a day."""

from datetime import date, datetime, timedelta

from stonks.model.market import Session
from stonks.ports.store import Reader


class Sessions:
    """The exchange's sessions within a span of days, as the store knows them."""

    def __init__(self, store: Reader, behind: timedelta, ahead: timedelta) -> None:
        """Know so many days before an instant and after it."""
        self._store = store
        self._behind, self._ahead = behind, ahead
        self._known: tuple[date, tuple[Session, ...]] | None = None

    async def around(self, now: datetime) -> tuple[Session, ...]:
        """Return them in order; none where the calendar is empty, which is asked again the next time."""
        today = now.date()
        if self._known is None or self._known[0] != today:
            first, last = today - self._behind, today + self._ahead
            rows = await self._store.rows(Session, "trading.sessions", first=first, last=last)
            if not rows:
                return ()
            self._known = (today, tuple(rows))
        return self._known[1]
