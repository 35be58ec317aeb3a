"""Alerts as lines of this process's log."""

from datetime import datetime

import structlog

from stonks.adapters.alerts.address import Address
from stonks.adapters.alerts.switchboard import Line
from stonks.model.alert import Alert, Severity


def open_log(address: Address) -> Line:
    """Return the log as a channel."""
    return Line(LogAlerts(), address.shown("this process's log"))


class LogAlerts:
    """Writes an alert as one line; its severity is the line's level."""

    def __init__(self) -> None:
        """Write to the process's log."""
        self._log = structlog.get_logger("stonks.alerts")

    async def send(self, alert: Alert, now: datetime) -> None:  # noqa: ARG002 - the line has its own time
        """Write one line."""
        levels = {
            Severity.INFO: self._log.info,
            Severity.WARNING: self._log.warning,
            Severity.CRITICAL: self._log.critical,
        }
        levels[alert.severity](
            alert.text, kind=alert.kind, subject=alert.subject, raised_at=alert.raised_at.isoformat()
        )
