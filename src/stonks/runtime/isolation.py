"""Keeps a job that may kill its worker away from others, so that they are not condemned with it.

A job whose next crash would be its last has the whole process to itself: the queue gives it out alone, into hands that
hold nothing else of that queue, and here those of other queues wait. Then it dies alone, or shows that it was only
beside what kills. Jobs that have seen fewer crashes are done side by side like any others: most workers that die were
killed, by no fault of what they had in hand, and that must not take longer for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

LAST_CHANCE = 2
"""Crashes after which a job has the process to itself; one more and it is dead."""

Wake = Callable[[], None]
"""Wakes a stage; also what a stage is known by here."""


class Isolation:
    """Counts what the stages of one process have in hand, and lets one of them be alone."""

    def __init__(self) -> None:
        """Begin with empty hands."""
        self._in_hand = 0
        self._claims = 0
        self._alone: Wake | None = None
        self._busy = False
        self._turned_away: set[Wake] = set()

    def room(self, stage: Wake, free: int) -> int:
        """Return how many jobs a stage with so many free hands may claim now."""
        if self._alone is None:
            return free
        if self._alone == stage and not (self._busy or self._in_hand or self._claims):
            return min(free, 1)
        self._turned_away.add(stage)
        return 0

    @contextmanager
    def claiming(self) -> Iterator[None]:
        """Count a claim that is under way: nobody knows yet what it brings."""
        self._claims += 1
        try:
            yield
        finally:
            self._claims -= 1
            self._gone()

    def admits(self, stage: Wake, claimed: int) -> bool:
        """Whether a job on its last chance that came with so many others may start; if not, its stage is next."""
        alone = claimed == 1 and not self._in_hand and self._claims == 1 and self._alone in {None, stage}
        if alone or self._alone is None:
            self._alone, self._busy = stage, alone
        return alone

    def release(self, stage: Wake) -> None:
        """Let others work again, where this stage was to be alone: its job on its last chance is over, or elsewhere."""
        if self._alone == stage:
            self._alone, self._busy = None, False
            turned_away, self._turned_away = self._turned_away, set()
            for wake in turned_away:
                wake()

    def enter(self) -> None:
        """Count a job in hand."""
        self._in_hand += 1

    def leave(self) -> None:
        """Count a job less."""
        self._in_hand -= 1
        self._gone()

    def _gone(self) -> None:
        if self._alone is not None and not (self._busy or self._in_hand or self._claims):
            self._alone()
