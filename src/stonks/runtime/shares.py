"""How the free hands of a stage are shared among its queues."""

from collections import Counter
from collections.abc import Collection, Mapping


class Shares:
    """Counts what each queue was given while all of them had jobs: with shares 2 and 1, twice as many, within two."""

    def __init__(self, shares: Mapping[str, int]) -> None:
        """Share out by these weights."""
        self._shares = shares
        self._given = Counter[str]()

    def plan(self, hands: int, queues: Collection[str]) -> Counter[str]:
        """Return how many jobs to ask of each of these queues."""
        plan = Counter[str]()
        for _ in range(hands if queues else 0):
            plan[min(queues, key=lambda queue: (self._given[queue] + plan[queue]) / self._shares[queue])] += 1
        return plan

    def gave(self, queue: str, jobs: int) -> None:
        """Count jobs that a queue was given hands for."""
        self._given[queue] += jobs

    def forget(self) -> None:
        """Start anew: a queue that had nothing to do is owed nothing."""
        self._given.clear()
