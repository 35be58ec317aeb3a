"""Everything a stage may reach, in one frozen value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stonks.ports.agents import Agents
from stonks.ports.alerts import Alerts
from stonks.ports.broker import Broker
from stonks.ports.calendar import Calendar
from stonks.ports.clock import Clock
from stonks.ports.lake import Lake
from stonks.ports.objects import Objects
from stonks.ports.pool import Pool
from stonks.ports.queue import Queue
from stonks.ports.sources import Sources
from stonks.ports.store import Store

if TYPE_CHECKING:  # pydantic is 20 MB, which a child of the pool does without
    from stonks.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The open ports of one process."""

    settings: "Settings"
    clock: Clock
    store: Store
    queue: Queue
    objects: Objects
    sources: Sources
    broker: Broker
    calendar: Calendar
    lake: Lake
    alerts: Alerts
    pool: Pool
    agents: Agents | None = None
    """None where no language model is set: everything is read and written by rules then."""
