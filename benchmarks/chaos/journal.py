"""What the campaign did and what came of it: faults with what they interrupted, and whatever nobody had planned."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class InHand(NamedTuple):
    """A job of the ledger, and how often its worker has died so far."""

    queue: str
    id: str
    subject: str
    crashes: int = 0


@dataclass(eq=False)
class Fault:
    """One kill, and what was in hand then."""

    kind: str
    point: str = ""
    where: str = ""
    jobs: set[InHand] = field(default_factory=set)
    turn: tuple[str, datetime] | None = None
    """The stage and the instant of an interrupted poll."""
    at: float = field(default_factory=time.monotonic)
    drained: float | None = None
    """Seconds until all of it was done and settled."""
    lost: int = 0
    twice: int = 0

    @property
    def interrupted(self) -> bool:
        """Whether there is something to wait for."""
        return bool(self.jobs) or self.turn is not None


@dataclass
class Journal:
    """Everything that is told at the end."""

    faults: list[Fault] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    """What should not have happened, in words."""
    sent: Counter[str] = field(default_factory=Counter)
    """Alerts by how often a channel took them."""
    turned_away: int = 0
    """Processes that were started while a server was away, and said so."""
    started: float = field(default_factory=time.monotonic)

    def find(self, finding: str) -> None:
        """Note something at once, for whoever watches."""
        self.findings.append(finding)
        self.say(f"FINDING {finding}")

    def say(self, line: str) -> None:
        """Print a line with the minutes since the start."""
        minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
        print(f"{minutes:3d}:{seconds:02d}  {line}", flush=True)

    @property
    def open(self) -> list[Fault]:
        """Faults whose work is not done yet."""
        return [fault for fault in self.faults if fault.drained is None and fault.interrupted]
