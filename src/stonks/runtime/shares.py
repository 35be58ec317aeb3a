"""How the free hands of a stage are shared among its queues."""

from collections import Counter
from collections.abc import Collection, Mapping


class Shares:
    """Counts what each queue gave while all of them had jobs: with shares 2 and 1, twice as many, within two."""

    def __init__(self, shares: Mapping[str, int]) -> None:
        """Share out by these weights."""
        self._shares = shares
        self._given = Counter[str]()

    def plan(self, hands: int, queues: Collection[str]) -> Counter[str]:
        """Return how many jobs to ask of each of these queues."""
        plan = Counter[str]()
        if len(queues) == 1 and hands > 0:
            plan[next(iter(queues))] = hands
            return plan
        for _ in range(hands if queues else 0):
            plan[min(queues, key=lambda queue: (self._given[queue] + plan[queue]) / self._shares[queue])] += 1
        return plan

    def gave(self, queue: str, jobs: int) -> None:
        """Count jobs that a queue gave as its own share, not in another's stead."""
        self._given[queue] += jobs

    def settle(self) -> None:
        """End a round: what a queue did not have to give it is not owed.

        Counts that come about when every queue gives what it is asked for stay, whatever made them: no queue was ever
        given a job while another one was due.
        """
        queues = list(enumerate(self._shares.items()))
        last = max((((self._given[queue] - 1) / share, place) for place, (queue, share) in queues), default=(0.0, 0))
        due = min(((self._given[queue] / share, place) for place, (queue, share) in queues), default=(0.0, 0))
        if last > due:
            self._given.clear()
