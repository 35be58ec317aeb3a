"""The part of a queue that shows markers."""

from collections.abc import Mapping
from datetime import timedelta


class FakeMarks:
    """Remembers what was shown last under each key."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}

    async def mark(self, marks: Mapping[str, str], life: timedelta) -> None:
        assert life > timedelta(0)
        self.shown |= marks
