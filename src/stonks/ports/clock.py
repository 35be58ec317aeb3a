"""The only source of time, and in a replay of turns."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant for which work is done: the wall's, or a replay's."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class Barrier(Protocol):
    """Says in a replay which stage may work at which instant; when time is real there is none."""

    def is_open(self, stage: str) -> bool:
        """Return whether a stage may take jobs now."""
        ...

    async def wait_turn(self, stage: str, after: datetime | None) -> datetime:
        """Return the instant at which a stage is open, once that is later than ``after``."""
        ...

    async def polled(self, stage: str, now: datetime) -> None:
        """Hear that a stage has looked by itself at an instant, and that what follows from it is queued."""
        ...

    def drained(self, stage: str) -> None:
        """Hear that this process holds no job of an open stage and finds none; another process may."""
        ...
