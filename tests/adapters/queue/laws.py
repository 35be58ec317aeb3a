"""The laws of the queue, how often each was looked at, and how random lives are begun."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

STEPS = 60
LAWS = {
    1: "each job is in exactly one place: waiting, in flight, put aside, dead or acknowledged",
    2: "what is in flight has a lease, and what has a lease is in flight",
    3: "no token is given twice, and a job has one that counts",
    4: "what was acknowledged is never delivered again",
    5: "a stale token changes nothing",
    6: "a payload keeps its bytes",
    7: "nothing is delivered beyond its budgets",
    8: "one claim promotes and reaps no more than its limit",
    9: "nothing is delivered before its time",
    10: "first deliveries of a lane keep the order of the pushes, and the priority lane goes first",
    11: "of two queues with jobs each gets its share, within two",
    12: "a full queue locks nothing, and a push is refused if and only if its subject is locked",
    13: "a released job counts as never delivered",
    14: "with a worker alive every job ends acknowledged or dead",
    15: "after a wipe at any point every ledger row ends done or dead, its effect written once",
}


@dataclass(slots=True)
class Tally:
    """How many operations were done on the queue, and how often each law was looked at."""

    operations: int = 0
    checks: Counter[int] = field(default_factory=Counter)

    def law(self, number: int, *, holds: bool) -> None:
        self.checks[number] += 1
        assert holds, f"law {number} is broken: {LAWS[number]}"

    def lines(self) -> list[str]:
        laws = [f"law {law:2}  {self.checks[law]:9,} times  {text}" for law, text in LAWS.items() if self.checks[law]]
        return [f"{self.operations:,} operations", *laws]


def live(life: Callable[[str, Tally], RuleBasedStateMachine], url: str, operations: int, tally: Tally) -> None:
    """Live random lives until so many more operations were done."""
    operations += tally.operations
    while tally.operations < operations:
        lives = max((operations - tally.operations) // STEPS, 5)
        run_state_machine_as_test(
            partial(life, url, tally),  # type: ignore[arg-type] # any callable that makes one is taken
            settings=settings(
                max_examples=lives,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
