"""Jobs that failed for good."""

from datetime import datetime

import msgspec


class DeadLetterQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue and how many of its jobs are dead."""

    queue: str
    dead: int


class DeadLetterItem(msgspec.Struct, frozen=True, kw_only=True):
    """A job that will not be tried again by itself; ``payload`` is its bytes as text; places count from the newest."""

    queue: str
    place: int
    reason: str
    error: str
    at: datetime
    payload: str
