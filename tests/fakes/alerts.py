"""Channels that remember what they were given, and may be down; and an alert to give them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from stonks.model.alert import Alert, Channel, Severity
from stonks.model.errors import Unreachable
from stonks.model.identity import alert_id
from tests.fakes.facts import NOW

LOG = Channel(name="log", address="a fake")


def alert(number: int, severity: Severity = Severity.INFO, kind: str = "k", text: str = "t") -> Alert:
    """Return an alert about ``s<number>``, raised so many minutes after NOW."""
    return Alert(
        id=alert_id(kind, number, NOW),
        kind=kind,
        severity=severity,
        subject=f"s{number}",
        text=text,
        raised_at=NOW + timedelta(minutes=number),
    )


class FakeAlerts:
    """Delivers until it has delivered ``until`` alerts, then raises its errors, the last one for ever."""

    def __init__(self, until: int = 1000, channels: Sequence[Channel] = (LOG,)) -> None:
        self.channels = channels
        self.until = until
        self.errors: list[Exception] = [Unreachable("nobody answers")]
        self.down: set[str] = set()
        self.tried = 0
        self._delivered: list[tuple[str, Alert]] = []

    @property
    def delivered(self) -> list[Alert]:
        return [alert for _, alert in self._delivered]

    def told(self, channel: str) -> list[str]:
        """Subjects of what a channel was given."""
        return [alert.subject for name, alert in self._delivered if name == channel]

    async def send(self, alert: Alert, channel: str, now: datetime) -> None:
        assert now.tzinfo
        self.tried += 1
        if len(self._delivered) >= self.until or channel in self.down:
            raise self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        self._delivered.append((channel, alert))
