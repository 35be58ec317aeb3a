"""The exchange's calendar: computed for the New York Stock Exchange, or as recorded on a tape."""

from urllib.parse import urlsplit

from stonks.model.errors import SettingError
from stonks.ports.calendar import Calendar


def open_calendar(url: str) -> Calendar:
    """Return the calendar ``xnys:`` or the one that a ``tape:///directory`` carries.

    Raises:
        SettingError: there is no such calendar.
    """
    match urlsplit(url).scheme:
        case "xnys":
            from stonks.adapters.calendar.xnys import NewYork

            return NewYork()
        case "tape":
            from stonks.adapters.calendar.tape import open_recorded

            return open_recorded(url)
        case _:
            raise SettingError("calendar", f"no calendar {url!r}: use xnys: or tape:///path")


__all__ = ["open_calendar"]
