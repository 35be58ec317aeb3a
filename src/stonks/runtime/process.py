"""What the stages of one process share."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from stonks.ports.bundle import Ports
from stonks.runtime.health import Health
from stonks.runtime.heartbeat import Heartbeat
from stonks.runtime.isolation import Isolation
from stonks.runtime.ledger import Ledger
from stonks.runtime.regime import Regime
from stonks.runtime.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The parts of a process of which there is one."""

    ports: Ports
    regime: Regime
    ledger: Ledger
    heartbeat: Heartbeat
    telemetry: Telemetry
    stop: asyncio.Event
    isolation: Isolation = field(default_factory=Isolation)
    random: Random = field(default_factory=Random)

    async def pause(self, span: timedelta) -> None:
        """Return after a while, or at once when the process is to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), span.total_seconds())

    @property
    def health(self) -> Health:
        """Which of our own servers does not answer."""
        return self.telemetry.health
