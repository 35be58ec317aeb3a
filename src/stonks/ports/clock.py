"""The only source of time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant for which work is done: the wall's, or a replay's."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...
