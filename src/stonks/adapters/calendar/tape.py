"""Sessions as a tape recorded them: no rules, no pandas."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stonks.model.errors import Refused
from stonks.model.market import Session
from stonks.model.tape import parse_sessions


class RecordedSessions:
    """Knows the sessions of a tape and no others."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        """Serve these sessions, which are in order."""
        self._sessions = tuple(sessions)

    def sessions(self, first: date, last: date) -> Sequence[Session]:
        """Return every recorded session from ``first`` to ``last`` inclusive."""
        return [session for session in self._sessions if first <= session.day <= last]


def open_recorded(url: str) -> RecordedSessions:
    """Return the calendar of the tape at a ``tape:///directory`` URL.

    Raises:
        Refused: there is no tape, or it has no ``sessions.csv``.
    """
    file = Path(unquote(urlsplit(url).path)) / "sessions.csv"
    try:
        return RecordedSessions(parse_sessions(file.read_text("utf-8")))
    except FileNotFoundError as missing:
        raise Refused(f"{file} is missing: no tape is there, or one that was built without its sessions") from missing
