"""What differs between a pipeline that works as jobs come and one that works in a replay's turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec

from stonks.model.job import QUEUES
from stonks.ports.bundle import Ports
from stonks.ports.clock import Barrier
from stonks.ports.queue import Push
from stonks.ports.stage import Stage
from stonks.runtime.clock import SystemClock

_UNBOUNDED = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The rules of one run."""

    high_water: int
    """Length at which a queue takes no more."""
    in_turns: bool
    """Whether stages work one after another, each until its queues are drained."""
    in_real_time: bool

    @classmethod
    def of(cls, ports: Ports, barrier: Barrier | None) -> Self:
        """Return the rules for work with these ports, in the turns of a barrier or (None) as it comes.

        In turns nothing is ever full. The stage that would make room is closed until the one before it has drained:
        held back by it, that one would wait for ever; and what a full queue turned away would be missing when the
        turn of its stage comes. What piles up is bounded all the same, by what one instant leads to.
        """
        return cls(
            high_water=ports.settings.high_water if barrier is None else _UNBOUNDED,
            in_turns=barrier is not None,
            in_real_time=isinstance(ports.clock, SystemClock),
        )

    def held_back_by(self, stage: Stage) -> tuple[str, ...]:
        """Return the queues that keep a stage from taking jobs while they are full."""
        return () if self.in_turns else stage.feeds

    def spaced(self, pushes: Sequence[Push]) -> Sequence[Push]:
        """Return pushes with the time that has to pass between jobs of a subject.

        Only real time can be measured by the queue's server; in a replay the rows that a stage reads say the same.
        """
        if not self.in_real_time:
            return pushes
        return [_spaced(push) for push in pushes]


def _spaced(push: Push) -> Push:
    job = QUEUES.get(push.queue)
    if job is None or job.spacing is None:
        return push
    return msgspec.structs.replace(push, window=job.spacing)
