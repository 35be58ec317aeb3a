"""Time at an exchange that plays a tape: it runs as fast as it was told, and goes where it is moved."""

from collections.abc import Callable
from datetime import datetime, timedelta

from stonks.model.errors import Refused


class MovedClock:
    """Virtual time; it never goes back."""

    def __init__(self, start: datetime, rate: float, seconds: Callable[[], float]) -> None:
        """Begin at an instant; each of the ``seconds`` that pass is ``rate`` virtual ones, which may be none."""
        self._base = start
        self._rate = rate
        self._seconds = seconds
        self._since = seconds()

    def now(self) -> datetime:
        """Return the current virtual instant, aware, in UTC."""
        return self._base + timedelta(seconds=(self._seconds() - self._since) * self._rate)

    def move(self, to: datetime) -> None:
        """Go on from a later instant.

        Raises:
            Refused: it is earlier than now.
        """
        if to < self.now():
            raise Refused(f"it is {self.now():%Y-%m-%dT%H:%M:%S%z} already: time does not go back")
        self._base, self._since = to, self._seconds()
