"""What the stages of one process share."""

from dataclasses import dataclass
from random import Random

from stonks.ports.bundle import Ports
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.ledger import Ledger
from stonks.runtime.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The parts of a process of which there is one."""

    ports: Ports
    ledger: Ledger
    heartbeat: Heartbeat
    telemetry: Telemetry
    random: Random
