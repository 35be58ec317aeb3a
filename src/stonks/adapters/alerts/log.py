"""Alerts as lines of this process's log."""

import structlog

from stonks.model.alert import Alert, Severity


class LogAlerts:
    """Writes an alert as one line; its severity is the line's level."""

    def __init__(self) -> None:
        """Write to the process's log."""
        self._log = structlog.get_logger("stonks.alerts")

    async def send(self, alert: Alert) -> None:
        """Write one line."""
        levels = {
            Severity.INFO: self._log.info,
            Severity.WARNING: self._log.warning,
            Severity.CRITICAL: self._log.critical,
        }
        levels[alert.severity](
            alert.text, kind=alert.kind, subject=alert.subject, raised_at=alert.raised_at.isoformat()
        )
