"""Delivers alerts through the channel of the settings and keeps which were delivered."""

from stonks.model.alert import Alert
from stonks.model.errors import Transient
from stonks.ports.bundle import Ports
from stonks.ports.stage import Work
from stonks.stages.notifications.core import loudest_first

_AT_ONCE = 200
"""Alerts delivered by one poll at most."""


class Messenger:
    """Sends what nobody has heard of yet; while the channel is down alerts wait, and nothing else does."""

    def __init__(self, ports: Ports) -> None:
        """Speak through the channel that the settings name."""
        self._store = ports.store
        self._alerts = ports.alerts
        self._channel = ports.settings.alerts_url.partition(":")[0]

    async def poll(self, work: Work[None]) -> None:
        """Send unsent alerts, loudest first, until the channel fails; each is kept as sent right after it was."""
        unsent = await self._store.rows(Alert, "alerts.unsent", now=work.now, limit=_AT_ONCE)
        for alert in loudest_first(unsent):
            error = await self._deliver(alert)
            async with work.commit() as commit:
                if error is None:
                    await commit.run("alerts.sent", id=alert.id, channel=self._channel, now=work.now)
                else:
                    await commit.run("alerts.failed", id=alert.id, channel=self._channel, error=error)
            if error is not None:
                return

    async def _deliver(self, alert: Alert) -> str | None:
        """Return why an alert could not be delivered, or None when it was."""
        try:
            await self._alerts.send(alert)
        except Transient as down:
            return str(down)
        return None
