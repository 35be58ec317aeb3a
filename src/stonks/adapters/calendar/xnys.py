"""Sessions of the New York Stock Exchange by its rules, from exchange_calendars."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta

from stonks.model.market import Session

_MARGIN = timedelta(days=10)


class NewYork:
    """Computes sessions. The first call imports pandas, 3 s: call it in a thread and keep what it says."""

    def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return every trading session from ``first`` to ``last`` inclusive, half-days with their early close."""
        from exchange_calendars import get_calendar

        # Without an end the calendar stops a year from today's date, which it would read from the machine.
        calendar = get_calendar("XNYS", start=first - _MARGIN, end=last + _MARGIN)
        schedule = calendar.schedule.loc[f"{first}" : f"{last}"]
        return [
            Session(
                day=day.date(),
                opens_at=row.open.to_pydatetime().astimezone(UTC),
                closes_at=row.close.to_pydatetime().astimezone(UTC),
            )
            for day, row in zip(schedule.index, schedule.itertuples(), strict=True)
        ]
